/** The training loop: one trial, from its description to its records. */
import type { ImageSet } from "../../fixtures/datasets/image_set.ts";
import { buildModel, compilesByXla } from "../../models/build.ts";
import { initializeFromData } from "../../models/initial_weights.ts";
import { Evaluator } from "../../models/evaluate.ts";
import type { Engine } from "../../models/compile.ts";
import { NORM_SETTINGS } from "../../models/norm_layer.ts";
import { takeScalars, TrainingStep } from "../../models/training_step.ts";
import { NormLayer } from "../../norms/layers/norm_layer.ts";
import * as tf from "../../norms/basics/tf.ts";
import { SCHEMA } from "../run/record.ts";
import type { EpochRecord, TrialRecord } from "./record.ts";
import { breathe } from "../../norms/basics/event_loop.ts";
import { assertHealthy } from "../backend/active_backend.ts";
import { mean, median } from "../../reports/statistics.ts";
import type { Checkpoint } from "./checkpoint.ts";
import {
  type Batch,
  epochBatches,
  epochOrder,
  pixelScale,
  splitImages,
  takeBatch,
  type TrainingImages,
} from "./images.ts";
import type { Trial } from "./trials.ts";

/** Steps over which the final loss is averaged. */
const FINAL_STEPS = 100;

const EVALUATION_BATCH = 500;

export interface TrialContext {
  readonly backend: string;
  /** Where to continue; undefined starts. */
  readonly from?: Checkpoint | undefined;
  /** What runs the steps; default `graph`. Networks with convolutions, which XLA slows down, run as graphs. */
  readonly engine?: Engine;
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Called after every epoch with what the next one depends on. */
  readonly save?: (checkpoint: Checkpoint) => void;
}

/**
 * Trains one network and judges it: on the validation images after every epoch, on the test images
 * once, both in prediction mode. It ends early if the loss is NaN or infinite.
 *
 * Pixels are standardized by mean and deviation of each channel over the training images.
 *
 * @throws {UsageError} if the data set has fewer images than the trial asks for.
 * @throws {RangeError} if the network cannot be built as described.
 * @throws {Error} if an epoch leaks tensors.
 */
export async function trainTrial(
  trial: Trial,
  dataset: TrainingImages,
  { backend, engine: asked = "graph", from, onEpoch, save }: TrialContext,
): Promise<TrialRecord> {
  const { seed, batchSize } = trial;
  const { train, validation, test } = splitImages(dataset, trial.data);
  const { shape } = dataset;
  const scale = pixelScale(train.pixels, shape[2]);
  const engine = asked === "xla" && !compilesByXla(trial.model) ? "graph" : asked;
  const settings = { ...NORM_SETTINGS, engine };
  const model = buildModel(trial.model, shape, dataset.classes.length, seed, settings);
  // Not by XLA: it would compile as long as it takes to judge.
  const evaluator = new Evaluator(model, { engine: engine === "eager" ? engine : "graph" });
  const judge = (images: ImageSet) =>
    evaluator.evaluate(
      (from, to) => {
        const indices = Uint32Array.from({ length: to - from }, (_, i) => from + i);
        return tf.tensor4d(takeBatch(images, indices, scale).pixels, [to - from, ...shape]);
      },
      images.labels,
      EVALUATION_BATCH,
    );
  const step = new TrainingStep(model, { optimizer: trial.optimizer, l2: trial.model.l2, engine });
  try {
    if (from !== undefined) {
      tf.tidy(() => {
        const { weights } = from;
        model.setWeights(model.getWeights().map(({ shape }, i) => tf.tensor(weights[i]!, shape)));
      });
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
        const read = model.getWeights().map((weight) => weight.data<"float32">());
        const [weights, optimizer] = [await Promise.all(read), await step.state()];
        save({ trial: trial.id, epoch, losses, speeds, weights, optimizer });
      }
      // Tensors that accumulate are a bug, and would fill the memory.
      const leaked = tf.memory().numTensors - numTensors;
      if (leaked !== 0) {
        throw new Error(`an epoch leaks ${leaked} tensors: please report it, with the options`);
      }
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
      parameters: model.trainableWeights.reduce((sum, weight) => sum + weight.read().size, 0),
      implementation: implementationIn(model),
      steps: step.mode,
    };
  } finally {
    step.dispose();
    evaluator.dispose();
    model.dispose();
  }
}

/** Trains on all batches; losses are read back once, at the end, so that the device never waits. */
async function learn(
  step: TrainingStep,
  batches: Iterable<Batch>,
  shape: TrainingImages["shape"],
) {
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
    await breathe();
  }
  const [lossValues, correctValues] = [await takeScalars(losses), await takeScalars(corrects)];
  const seconds = (performance.now() - start) / 1000;
  await assertHealthy();
  await breathe();
  return {
    losses: lossValues,
    /** Share of the images whose class was found before their batch was trained on. */
    accuracy: correctValues.reduce((sum, value) => sum + value, 0) / images,
    imagesPerSecond: images / seconds,
  };
}

function tensors({ pixels, labels }: Batch, shape: TrainingImages["shape"]) {
  return {
    x: tf.tensor4d(pixels, [labels.length, ...shape]),
    labels: tf.tensor1d(labels, "int32"),
  };
}

/** Which implementation of the norm the network's layers run; null if none of them is ours. */
function implementationIn(model: tf.Sequential): string | null {
  const layer = model.layers.find((layer) => layer instanceof NormLayer);
  return layer === undefined ? null : String(layer.getConfig()["implementation"]);
}
