/**
 * N 7: a deep network on a thousand images, with and without batch norm, in the notebook's own order of
 * random draws.
 *
 * @module
 */
import { RandomState } from "../../fixtures/numpy_random.ts";
import { buildModel } from "../../models/build.ts";
import type { ModelDescription } from "../../models/description.ts";
import { evaluate } from "../../models/evaluate.ts";
import { kernelsOf } from "../../models/initial_weights.ts";
import { TrainingStep } from "../../models/training_step.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { type EpochAccuracy, NOTEBOOK, type NotebookNetwork } from "./record.ts";
import { eventLoopTurn } from "../run/event_loop.ts";
import { EPSILON, MOMENTUM } from "./arithmetic.ts";
import type { Centred, NotebookData } from "./notebook_data.ts";

const HIDDEN = [100, 100, 100, 100, 100];
const CLASSES = 10;
const WEIGHT_SCALE = 2e-2;
const BATCH_SIZE = 50;
const LEARNING_RATE = 1e-3;

/** Images at a time in prediction. */
const PREDICTION_BATCH = 500;

/** The random numbers of one of the two networks. */
export interface Draws {
  /** A kernel for each layer, row-major. */
  readonly kernels: readonly Float32Array[];
  /** The images of each step. */
  readonly batches: readonly (readonly number[])[];
}

/**
 * Draws all that a seed decides, in the notebook's order: the weights of the network with batch norm,
 * those of the plain one, the batches of the first, the batches of the second.
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

/** How a run went. */
export interface RunLog {
  /** Mean cross-entropy of each step's batch, before its update. */
  readonly losses: readonly number[];
  /** After the first step (epoch 0), and after every epoch. */
  readonly accuracies: readonly EpochAccuracy[];
}

/** Trains one of the two networks on the active backend for its first epochs. */
export async function trainNet(
  network: NotebookNetwork,
  { kernels, batches }: Draws,
  data: NotebookData,
  epochs: number,
): Promise<RunLog> {
  const model = build(network, data.features, kernels);
  const step = new TrainingStep(model, {
    optimizer: { name: "adam", learningRate: LEARNING_RATE },
    l2: 0,
  });
  const images = tf.tensor2d(data.train.x, [data.train.count, data.features]);
  const losses: number[] = [];
  const accuracies: EpochAccuracy[] = [];
  let pending: Tensor[] = [];
  try {
    for (const [i, batch] of batches.slice(0, epochs * NOTEBOOK.stepsPerEpoch).entries()) {
      pending.push(learn(step, images, data.train.labels, batch));
      const epoch = (i + 1) / NOTEBOOK.stepsPerEpoch;
      if (i > 0 && !Number.isInteger(epoch)) continue;
      // Read back an epoch at a time: on some backends that takes longer than a step.
      losses.push(...await readAll(pending));
      pending = [];
      accuracies.push({
        epoch: Math.floor(epoch),
        train: await accuracy(model, data.train),
        validation: await accuracy(model, data.validation),
      });
      await eventLoopTurn();
    }
    return { losses, accuracies };
  } finally {
    images.dispose();
    step.dispose();
    model.dispose();
  }
}

/** The network with the notebook's weights; its running statistics start from zero, the variance too. */
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

/** One step; the loss is the caller's to dispose of. */
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

async function readAll(scalars: readonly Tensor[]): Promise<number[]> {
  const stacked = tf.tidy(() => tf.stack([...scalars]));
  tf.dispose([...scalars]);
  const values = await stacked.data();
  stacked.dispose();
  return [...values];
}

async function accuracy(model: tf.Sequential, { x, labels, count }: Centred): Promise<number> {
  const features = x.length / count;
  const images = (from: number, to: number) =>
    tf.tensor2d(x.subarray(from * features, to * features), [to - from, features]);
  return (await evaluate(model, images, labels, PREDICTION_BATCH)).accuracy;
}
