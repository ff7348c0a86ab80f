/**
 * Training on a thousand images with the random numbers of the notebook, in its order.
 *
 * @module
 */
import { RandomState } from "../../fixtures/numpy_random.ts";
import { buildModel } from "../../models/build.ts";
import { Evaluator } from "../../models/evaluate.ts";
import { kernelsOf } from "../../models/initial_weights.ts";
import { fullyConnected } from "../../models/networks.ts";
import { takeScalars, TrainingStep } from "../../models/training_step.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { breathe } from "../../norms/basics/event_loop.ts";
import { PARTS } from "./agreement.ts";
import { EPSILON, MOMENTUM } from "./arithmetic.ts";
import type { NotebookImages } from "./images.ts";
import { accuracyName, lossName, type Printout } from "./published.ts";
import { type EpochAccuracy, NOTEBOOK, type NotebookRunRecord, type Training } from "./record.ts";

const CLASSES = 10;
const PREDICTION_BATCH = 500;

/** The random numbers of one network. */
export interface Draws {
  /** One for each layer, row-major. */
  readonly kernels: readonly Float32Array[];
  /** The images of each step. */
  readonly batches: readonly (readonly number[])[];
}

/** Networks whose weights are drawn first; then each draws its batches in turn, as it is trained. */
export type Round = readonly Training[];

/** The deep network of N7. */
const DEEP = {
  layers: 5,
  units: 100,
  weightScale: 2e-2,
  l2: 0,
  batchSize: 50,
  learningRate: 1e-3,
} as const;

/** N7: both networks. */
export const DEEP_ROUND: Round = [
  { network: "batch norm", ...DEEP },
  { network: "plain", ...DEEP },
];

/** A network with its random numbers. */
export interface Drawn {
  readonly training: Training;
  readonly draws: Draws;
}

/** Draws all random numbers of a seed in the notebook's order, round by round. */
export function* drawRounds(
  seed: number,
  rounds: readonly Round[],
  { features, train }: Pick<NotebookImages, "features"> & { readonly train: { count: number } },
): Generator<Drawn> {
  const random = new RandomState(seed);
  for (const round of rounds) {
    const weights = round.map((training) => drawKernels(random, features, training));
    for (const [i, training] of round.entries()) {
      const steps = NOTEBOOK.epochs * stepsPerEpoch(training, train.count);
      const batches = Array.from(
        { length: steps },
        () => random.choice(train.count, training.batchSize),
      );
      yield { training, draws: { kernels: weights[i]!, batches } };
    }
  }
}

function drawKernels(
  random: RandomState,
  features: number,
  { layers, units, weightScale }: Training,
): Float32Array[] {
  const inputs = [features, ...Array<number>(layers).fill(units)];
  return inputs.map((count, i) => {
    const scale = weightScale === "auto" ? Math.sqrt(2 / count) : weightScale;
    return Float32Array.from(random.randn(count, inputs[i + 1] ?? CLASSES), (z) => scale * z);
  });
}

function stepsPerEpoch({ batchSize }: Training, images: number): number {
  return Math.max(1, Math.floor(images / batchSize));
}

/** Result of a training run. */
export interface RunLog {
  /** Mean cross-entropy of each step's batch, before its update. */
  readonly losses: readonly number[];
  /** After the first step (epoch 0), and after every epoch. */
  readonly accuracies: readonly EpochAccuracy[];
}

/** Trains a network on the active backend. */
export async function trainNetwork(
  training: Training,
  { kernels, batches }: Draws,
  data: NotebookImages,
  epochs: number,
): Promise<RunLog> {
  const { learningRate, l2 } = training;
  const model = build(training, data.features, kernels);
  const step = new TrainingStep(model, { optimizer: { name: "adam", learningRate }, l2 });
  const evaluator = new Evaluator(model);
  const [images, unseen] = [data.train, data.validation].map(({ x, count }) =>
    tf.tensor2d(x, [count, data.features])
  ) as [Tensor, Tensor];
  const steps = stepsPerEpoch(training, data.train.count);
  const losses: number[] = [];
  const accuracies: EpochAccuracy[] = [];
  let pending: Tensor[] = [];
  try {
    for (const [i, batch] of batches.slice(0, epochs * steps).entries()) {
      pending.push(learn(step, images, data.train.labels, batch));
      await breathe();
      const epoch = (i + 1) / steps;
      if (i > 0 && !Number.isInteger(epoch)) continue;
      // Read back once an epoch: on some backends it takes longer than a step.
      losses.push(...await takeScalars(pending));
      pending = [];
      accuracies.push({
        epoch: i === 0 ? 0 : epoch,
        train: await accuracy(evaluator, images, data.train.labels),
        validation: await accuracy(evaluator, unseen, data.validation.labels),
      });
    }
    return { losses, accuracies };
  } finally {
    tf.dispose([images, unseen]);
    step.dispose();
    evaluator.dispose();
    model.dispose();
  }
}

/** What descriptions of networks call the norms. */
const NORMS = { "batch norm": "batch", "layer norm": "layer", plain: "none" } as const;

/** The network with the notebook's weights; its running statistics start from zero, the variance, too. */
function build(
  { network, layers, units, weightScale, l2 }: Training,
  features: number,
  kernels: readonly Float32Array[],
): tf.Sequential {
  const description = { ...fullyConnected(layers, units, NORMS[network]), weightScale, l2 };
  const settings = { epsilon: EPSILON, momentum: MOMENTUM };
  const model = buildModel(description, [features], CLASSES, 0, settings);
  tf.tidy(() => {
    kernelsOf(model).forEach(({ kernel }, layer) =>
      kernel.write(tf.tensor(kernels[layer]!, kernel.shape as number[]))
    );
    const variances = model.weights.filter(({ originalName }) =>
      originalName.endsWith("/moving_variance")
    );
    variances.forEach((variance) => variance.write(tf.zeros(variance.shape as number[])));
  });
  return model;
}

/** One step; the caller disposes of the loss. */
function learn(
  step: TrainingStep,
  images: Tensor,
  labels: Uint8Array,
  batch: readonly number[],
): Tensor {
  return tf.tidy(() => {
    const chosen = tf.gather(images, tf.tensor1d([...batch], "int32"));
    const classes = tf.tensor1d(batch.map((image) => labels[image]!), "int32");
    return step.run(chosen, classes).loss;
  });
}

async function accuracy(evaluator: Evaluator, images: Tensor, labels: Uint8Array): Promise<number> {
  const rows = (from: number, to: number) => tf.slice(images, [from, 0], [to - from, -1]);
  return (await evaluator.evaluate(rows, labels, PREDICTION_BATCH)).accuracy;
}

/** Every loss and accuracy of the run with the notebook's seed, whether the notebook printed it or not. */
export function trainingPrintouts(runs: readonly NotebookRunRecord[]): Printout[] {
  const own = runs.filter(({ seed }) => seed === NOTEBOOK.seed);
  return own.flatMap(({ network, losses, accuracies }) => [
    ...losses.map((loss, i) => ({ name: lossName(i + 1, network), values: [loss] })),
    ...accuracies.flatMap((accuracy) =>
      PARTS.map(([part, key]) => ({
        name: accuracyName(part, accuracy.epoch, network),
        values: [accuracy[key]],
      }))
    ),
  ]);
}
