/**
 * N7: a deep network trained on a thousand images, with and without batch norm, with the random numbers
 * of the notebook.
 *
 * @module
 */
import { RandomState } from "../../fixtures/numpy_random.ts";
import { buildModel } from "../../models/build.ts";
import type { ModelDescription } from "../../models/description.ts";
import { Evaluator } from "../../models/evaluate.ts";
import { kernelsOf } from "../../models/initial_weights.ts";
import { takeScalars, TrainingStep } from "../../models/training_step.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { breathe } from "../../norms/basics/event_loop.ts";
import { PARTS } from "./agreement.ts";
import { EPSILON, MOMENTUM } from "./arithmetic.ts";
import type { CentredImages, NotebookImages } from "./images.ts";
import { accuracyName, lossName, type Printout } from "./published.ts";
import {
  type EpochAccuracy,
  NOTEBOOK,
  type NotebookNetwork,
  type NotebookRunRecord,
} from "./record.ts";

const HIDDEN = [100, 100, 100, 100, 100];
const CLASSES = 10;
const WEIGHT_SCALE = 2e-2;
const BATCH_SIZE = 50;
const LEARNING_RATE = 1e-3;
const PREDICTION_BATCH = 500;

/** The random numbers of one network. */
export interface Draws {
  /** One for each layer, row-major. */
  readonly kernels: readonly Float32Array[];
  /** The images of each step. */
  readonly batches: readonly (readonly number[])[];
}

/**
 * Draws the random numbers of a seed in the notebook's order: the weights of the network with batch norm,
 * those of the plain network, the batches of the first, the batches of the second.
 */
export function drawAll(
  seed: number,
  features: number,
  images: number,
): Record<NotebookNetwork, Draws> {
  const random = new RandomState(seed);
  const units = [features, ...HIDDEN, CLASSES];
  const kernels = () =>
    units.slice(1).map((outputs, i) =>
      Float32Array.from(random.randn(units[i]!, outputs), (z) => WEIGHT_SCALE * z)
    );
  const batches = () =>
    Array.from(
      { length: NOTEBOOK.epochs * NOTEBOOK.stepsPerEpoch },
      () => random.choice(images, BATCH_SIZE),
    );
  const [normalized, plain] = [kernels(), kernels()];
  return {
    "batch norm": { kernels: normalized, batches: batches() },
    plain: { kernels: plain, batches: batches() },
  };
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
  network: NotebookNetwork,
  { kernels, batches }: Draws,
  data: NotebookImages,
  epochs: number,
): Promise<RunLog> {
  const model = build(network, data.features, kernels);
  const step = new TrainingStep(model, {
    optimizer: { name: "adam", learningRate: LEARNING_RATE },
    l2: 0,
  });
  const evaluator = new Evaluator(model);
  const images = tf.tensor2d(data.train.x, [data.train.count, data.features]);
  const losses: number[] = [];
  const accuracies: EpochAccuracy[] = [];
  let pending: Tensor[] = [];
  try {
    for (const [i, batch] of batches.slice(0, epochs * NOTEBOOK.stepsPerEpoch).entries()) {
      pending.push(learn(step, images, data.train.labels, batch));
      await breathe();
      const epoch = (i + 1) / NOTEBOOK.stepsPerEpoch;
      if (i > 0 && !Number.isInteger(epoch)) continue;
      // Read back once an epoch: on some backends it takes longer than a step.
      losses.push(...await takeScalars(pending));
      pending = [];
      accuracies.push({
        epoch: Math.floor(epoch),
        train: await accuracy(evaluator, data.train),
        validation: await accuracy(evaluator, data.validation),
      });
    }
    return { losses, accuracies };
  } finally {
    images.dispose();
    step.dispose();
    evaluator.dispose();
    model.dispose();
  }
}

/** The network with the notebook's weights; its running statistics start from zero, the variance, too. */
function build(
  network: NotebookNetwork,
  features: number,
  kernels: readonly Float32Array[],
): tf.Sequential {
  const description: ModelDescription = {
    architecture: "fully-connected",
    norm: network === "plain" ? "none" : "batch",
    placement: "pre",
    activation: "leakyRelu",
    hidden: HIDDEN,
    weightScale: WEIGHT_SCALE,
    l2: 0,
    dataDependentInitialization: false,
  };
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

async function accuracy(
  evaluator: Evaluator,
  { x, labels, count }: CentredImages,
): Promise<number> {
  const features = x.length / count;
  const images = (from: number, to: number) =>
    tf.tensor2d(x.subarray(from * features, to * features), [to - from, features]);
  return (await evaluator.evaluate(images, labels, PREDICTION_BATCH)).accuracy;
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
