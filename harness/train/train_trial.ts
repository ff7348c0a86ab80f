/**
 * The training loop: one trial, from its description to its records.
 *
 * @module
 */
import type { ImageSet, ImageSplits } from "../../fixtures/datasets/image_set.ts";
import { buildModel } from "../../models/build.ts";
import { initializeFromData } from "../../models/initial_weights.ts";
import { evaluate } from "../../models/evaluate.ts";
import { TrainingStep } from "../../models/training_step.ts";
import { NormLayer } from "../../norms/layers/norm_layer.ts";
import * as tf from "../../norms/basics/tf.ts";
import { SCHEMA } from "../run/record.ts";
import type { EpochRecord, Score, TrialRecord } from "./record.ts";
import { eventLoopTurn } from "../run/event_loop.ts";
import { assertHealthy } from "../backend/active_backend.ts";
import { mean, median } from "../../reports/statistics.ts";
import { type Batch, epochBatches, epochOrder, splitImages, takeBatch } from "./batches.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { type PixelScale, pixelScale } from "./standardize.ts";
import type { Trial } from "./trial.ts";

/** Steps over which the final loss is averaged. */
const FINAL_STEPS = 100;

/** Images that are evaluated at a time. */
const EVALUATED = 500;

/** Steps between two chances for Ctrl-C to be heard: backends that compute in place never wait. */
const BREATHE_EVERY = 20;

/** The images of a run. */
export interface TrainingImages extends ImageSplits {
  /** Height, width and channels of an image. */
  readonly shape: readonly [height: number, width: number, channels: number];
  /** Names of the classes. */
  readonly classes: readonly string[];
}

/** What a trial has to do with the world around it. */
export interface TrialContext {
  /** The backend that is active, for the records. */
  readonly backend: string;
  /** Where to go on; undefined begins. */
  readonly from?: Checkpoint | undefined;
  /** Told of every epoch as it ends. */
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Given what the next epoch depends on, after every epoch. */
  readonly save?: (checkpoint: Checkpoint) => void;
}

/**
 * Trains one network and judges it: on the validation images after every epoch, on the test images
 * once, both in prediction mode. It ends early where the loss is no finite number any more.
 *
 * Pixels are standardized by mean and deviation of each channel over the training images.
 *
 * @throws {UsageError} if the data set has fewer images than the trial asks for.
 * @throws {RangeError} if the network cannot be built as described.
 * @throws {Error} if an epoch leaves tensors behind.
 */
export async function trainTrial(
  trial: Trial,
  dataset: TrainingImages,
  { backend, from, onEpoch, save }: TrialContext,
): Promise<TrialRecord> {
  const { seed, batchSize } = trial;
  const { train, validation, test } = splitImages(dataset, trial.data);
  const { shape } = dataset;
  const scale = pixelScale(train.pixels, shape[2]);
  const judge = (images: ImageSet) => judgeOn(images, model, scale, shape);
  const model = buildModel(trial.model, shape, dataset.classes.length, seed);
  const step = new TrainingStep(model, { optimizer: trial.optimizer, l2: trial.model.l2 });
  try {
    if (from !== undefined) {
      restoreWeights(model, from.weights);
      step.restore(from.optimizer);
    } else if (trial.model.dataDependentInitialization) {
      const first = epochOrder(seed, 1, train.count).subarray(0, batchSize);
      tf.tidy(() => initializeFromData(model, tensors(takeBatch(train, first, scale), shape).x));
    }

    let epoch = from?.epoch ?? 0;
    let losses: readonly number[] = from?.losses ?? [];
    let speeds: readonly number[] = from?.speeds ?? [];
    let diverged = false;
    while (epoch < trial.epochs && !diverged) {
      epoch++;
      const { numTensors } = tf.memory();
      const order = epochOrder(seed, epoch, train.count);
      const pass = await learn(step, epochBatches(train, order, batchSize, scale), shape);
      diverged = pass.losses.some((loss) => !Number.isFinite(loss));
      losses = [...losses, ...pass.losses].slice(-FINAL_STEPS);
      speeds = [...speeds, pass.imagesPerSecond];
      onEpoch?.({
        kind: "epoch",
        schema: SCHEMA,
        backend,
        trial: trial.id,
        epoch,
        train: { loss: mean(pass.losses), accuracy: pass.accuracy },
        validation: await judge(validation),
        imagesPerSecond: pass.imagesPerSecond,
      });
      if (save !== undefined && !diverged) {
        const [weights, optimizer] = [await readWeights(model), await step.state()];
        save({ trial: trial.id, epoch, losses, speeds, weights, optimizer });
      }
      assertNothingLeft(tf.memory().numTensors - numTensors);
    }

    return {
      kind: "trial",
      schema: SCHEMA,
      backend,
      trial,
      outcome: diverged ? "diverged" : "finished",
      lastEpoch: epoch,
      test: diverged ? { loss: NaN, accuracy: NaN } : await judge(test),
      finalLoss: mean(losses),
      imagesPerSecond: median(speeds),
      parameters: countParameters(model),
      implementation: implementationIn(model),
    };
  } finally {
    step.dispose();
    model.dispose();
  }
}

/** How an epoch of learning went. */
interface Pass {
  /** Of every step. */
  readonly losses: readonly number[];
  /** Share of the images whose class was found before their batch was learned from. */
  readonly accuracy: number;
  readonly imagesPerSecond: number;
}

/** Learns from all batches; losses are read back once, at the end, so that the device never waits. */
async function learn(
  step: TrainingStep,
  batches: Iterable<Batch>,
  shape: TrainingImages["shape"],
): Promise<Pass> {
  const losses: tf.Scalar[] = [];
  const corrects: tf.Scalar[] = [];
  let images = 0;
  const start = performance.now();
  for (const batch of batches) {
    const { x, labels } = tensors(batch, shape);
    const { loss, correct } = step.run(x, labels);
    tf.dispose([x, labels]);
    losses.push(loss);
    corrects.push(correct);
    images += batch.labels.length;
    if (losses.length % BREATHE_EVERY === 0) await eventLoopTurn();
  }
  const [lossValues, correctValues] = [await readAll(losses), await readAll(corrects)];
  const seconds = (performance.now() - start) / 1000;
  await assertHealthy();
  await eventLoopTurn();
  return {
    losses: lossValues,
    accuracy: correctValues.reduce((sum, value) => sum + value, 0) / images,
    imagesPerSecond: images / seconds,
  };
}

/** Tensors that pile up are a mistake in the program, and would fill the memory in the end. */
function assertNothingLeft(tensors: number): void {
  if (tensors === 0) return;
  throw new Error(`an epoch leaves ${tensors} tensors behind: please report it, with the options`);
}

/** Reads scalars in one go, and disposes of them. */
async function readAll(scalars: readonly tf.Scalar[]): Promise<number[]> {
  const stacked = tf.stack([...scalars]);
  const values = await stacked.data();
  tf.dispose([stacked, ...scalars]);
  return [...values];
}

function tensors(
  { pixels, labels }: Batch,
  shape: TrainingImages["shape"],
): { x: tf.Tensor4D; labels: tf.Tensor1D } {
  return {
    x: tf.tensor4d(pixels, [labels.length, ...shape]),
    labels: tf.tensor1d(labels, "int32"),
  };
}

function judgeOn(
  images: ImageSet,
  model: tf.Sequential,
  scale: PixelScale,
  shape: TrainingImages["shape"],
): Promise<Score> {
  const take = (from: number, to: number) => {
    const indices = Uint32Array.from({ length: to - from }, (_, i) => from + i);
    return tf.tensor4d(takeBatch(images, indices, scale).pixels, [to - from, ...shape]);
  };
  return evaluate(model, take, images.labels, EVALUATED);
}

async function readWeights(model: tf.Sequential): Promise<Float32Array[]> {
  return await Promise.all(model.getWeights().map((weight) => weight.data<"float32">()));
}

function restoreWeights(model: tf.Sequential, values: readonly Float32Array[]): void {
  tf.tidy(() => {
    model.setWeights(
      model.getWeights().map(({ shape }, i) => tf.tensor(values[i]!, shape)),
    );
  });
}

function countParameters(model: tf.Sequential): number {
  return model.trainableWeights.reduce((sum, weight) => sum + weight.read().size, 0);
}

/** Which implementation of the norm the network's layers run; null where none of them is ours. */
function implementationIn(model: tf.Sequential): string | null {
  const layer = model.layers.find((layer) => layer instanceof NormLayer);
  return layer === undefined ? null : String(layer.getConfig()["implementation"]);
}
