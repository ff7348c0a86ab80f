/** Training as a library: one network, from its description to its records. */
import type { ModelDescription } from "../../models/description.ts";
import { checkLearningRate, type OptimizerOptions } from "../../models/optimizer.ts";
import type { HeaderRecord } from "../run/record.ts";
import type { EpochRecord, TrialRecord } from "./record.ts";
import { rememberBackend, selectBackends, useBackend } from "../backend/active_backend.ts";
import { exclusively } from "../backend/exclusive.ts";
import type { BackendStatus } from "../backend/registry.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import { checkCount, checkNames } from "../../norms/basics/options.ts";
import { runHeader } from "../run/environment.ts";
import { ADAM, BATCH_SIZE } from "../../models/networks.ts";
import { checkImages, type NamedImages, type TrainingImages } from "./images.ts";
import { trainTrial } from "./train_trial.ts";
import { checkFits, checkTrial, type Trial } from "./trials.ts";

export type { NamedImages, TrainingImages };

/** How a network is trained. */
export interface TrainOptions {
  /** What weights and the order of the images follow from; default 0. */
  readonly seed?: number;
  /** Default: Adam at 1e-3. */
  readonly optimizer?: OptimizerOptions;
  /** Default 64. */
  readonly batchSize?: number;
  /** Default 5. */
  readonly epochs?: number;
  /** Training images, the first of the training set; default: all that validation leaves. */
  readonly train?: number;
  /** Images to judge each epoch on, the last of the training set; default: a tenth of it. */
  readonly validation?: number;
  /** Images to judge the trained network on, the first of the test set; default: all. */
  readonly test?: number;
  /** `auto` (default), or the name of a backend. */
  readonly backend?: string;
  /** Called with every epoch as it ends. */
  readonly onEpoch?: (record: EpochRecord) => void;
}

/** As a list, of which the type says that it is all. */
const OPTIONS: Readonly<Record<keyof TrainOptions, true>> = {
  seed: true,
  optimizer: true,
  batchSize: true,
  epochs: true,
  train: true,
  validation: true,
  test: true,
  backend: true,
  onEpoch: true,
};

/** What came out. */
export interface TrainResult {
  /** How the trial ended: its test accuracy and loss are in `trial.test`. */
  readonly trial: TrialRecord;
  /** How each epoch went. */
  readonly epochs: readonly EpochRecord[];
  /** All records, a header first, to write, merge or render. */
  readonly records: readonly (HeaderRecord | EpochRecord | TrialRecord)[];
}

/**
 * Trains one network, judges it on validation images after every epoch and on test images once.
 *
 * Pixels are standardized by mean and deviation of each channel over the training images.
 * A rest of images that does not fill a batch is left out of an epoch. A loss that is NaN or infinite
 * ends the trial, which is then recorded as diverged. Concurrent calls, and those of
 * {@linkcode parity} and {@linkcode gradcheck}, run one after the other.
 *
 * @throws {TypeError} if there is no such option.
 * @throws {RangeError} if epochs or batch size are not positive whole numbers, the seed is not a whole
 *   number, the learning rate is not positive, pixels or labels do not fit shape and classes, or the
 *   network cannot be built as described or would not fit in memory.
 * @throws {UsageError} if the data set has too few images, also for one batch, or several backends are
 *   named.
 * @throws {MissingError} if the backend does not work here.
 * @throws {Error} if another backend becomes active during the run.
 */
export async function train(
  model: ModelDescription,
  dataset: NamedImages,
  options: TrainOptions = {},
): Promise<TrainResult> {
  checkNames("train()", Object.keys(options), Object.keys(OPTIONS));
  const { backend = "auto", onEpoch } = options;
  const trial = describeTrial(model, dataset, options);
  checkImages(dataset);
  checkTrial(trial, dataset);
  return await exclusively(async () => {
    const status = await takeOneBackend(backend);
    checkFits(trial, dataset, status.name);
    const taken = rememberBackend();
    const epochs: EpochRecord[] = [];
    const result = await trainTrial(trial, dataset, {
      backend: status.name,
      onEpoch: (record) => {
        taken.assertActive();
        epochs.push(record);
        onEpoch?.(record);
      },
    });
    taken.assertActive();
    const { suite, seed } = trial;
    const options = { suites: [suite], dataset: dataset.name, seed };
    const header = await runHeader("train", [status], options);
    return { trial: result, epochs, records: [header, ...epochs, result] };
  });
}

function describeTrial(
  model: ModelDescription,
  { name, train: { count }, test }: NamedImages,
  options: TrainOptions,
): Trial {
  const { seed = 0, optimizer = ADAM, batchSize = BATCH_SIZE, epochs = 5 } = options;
  const validation = options.validation ?? Math.floor(count / 10);
  const data = {
    name,
    train: options.train ?? count - validation,
    validation,
    test: options.test ?? test.count,
  };
  for (const [name, size] of Object.entries({ validation, train: data.train, test: data.test })) {
    if (!Number.isInteger(size) || size < 0) {
      throw new RangeError(`${name} ${size} is not a whole number of images`);
    }
  }
  checkCount("epochs", epochs);
  checkCount("batchSize", batchSize);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed ${seed} is not a whole number`);
  checkLearningRate(optimizer.learningRate);
  const arm = `${model.architecture}/${model.norm}`;
  const id = `custom/${arm}/${seed}`;
  const common = { id, suite: "custom", arm, number: seed, seed };
  return { ...common, model, optimizer, data, batchSize, epochs };
}

/**
 * Takes the one backend that is named: the figures of several would not compare.
 *
 * @throws {UsageError} if there is no such backend, or several are named.
 * @throws {MissingError} if it does not work here.
 */
export async function takeOneBackend(request: string): Promise<BackendStatus> {
  const [status, ...others] = await selectBackends(request);
  if (status !== undefined && others.length === 0) return await useBackend(status.name);
  throw new UsageError(`Training runs on one backend, not on ${request}. Start it once for each.`);
}
