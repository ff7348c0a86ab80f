import { MLP } from "../../../models/networks.ts";
import type { Model, ModelDescription } from "../../../models/description.ts";
import {
  classifierLoss,
  type Differentiable,
  disposeSlope,
  lengthOf,
  Probe,
} from "../../../models/probe.ts";
import * as tf from "../../../norms/basics/tf.ts";
import type { Preset } from "../questions/question.ts";
import { driftBetween, lookAtActivations } from "./activations.ts";
import type { Measured, Mechanism, MechanismContext } from "./mechanism.ts";
import { Batches, buildNetwork, normArms, observe } from "./networks.ts";

const NETWORK: ModelDescription = { ...MLP, hidden: [100, 100, 100] };

/** The hidden layer whose kernel is scaled. */
const SCALED = 1;

/** By how much. */
const FACTOR = 10;

/** The step that moves all layers before the last hidden one, in learning rates. */
const LARGE_STEP = 10;

function settings(preset: Preset) {
  const steps = { quick: 100, standard: 1000, full: 5000 }[preset];
  return { steps, every: steps / 20, batchSize: 128, learningRate: 0.1 };
}

type RunSettings = ReturnType<typeof settings>;

async function measure(
  model: ModelDescription,
  { settings, images, seed, onProgress }: MechanismContext<RunSettings>,
): Promise<Measured> {
  const batches = new Batches(images);
  const network = buildNetwork(model, { images, seed });
  const loss = classifierLoss(network);
  const sample = batches.first(settings.batchSize);
  try {
    const invariance = await scaledAgainstPlain(loss, sample);
    const drift = await driftAfterLargeStep(network, loss, sample, settings.learningRate);
    const kernel = loss.layers[SCALED]![0]!;
    const { values, series } = await observe(
      loss,
      (step) => batches.draw(seed, step, settings.batchSize),
      settings,
      async () => {
        const length = await lengthOf([kernel]);
        return { weightLength: length, effectiveRate: settings.learningRate / length ** 2 };
      },
      onProgress,
    );
    return { values: { ...values, ...invariance, drift }, series };
  } finally {
    tf.dispose([...sample]);
    network.dispose();
  }
}

/** What ten times the kernel of a layer does to the loss, and to the gradient of that kernel. */
async function scaledAgainstPlain(loss: Differentiable, sample: readonly tf.Tensor[]) {
  const probe = new Probe(loss);
  const [own] = probe.indicesOf(SCALED);
  try {
    return await probe.quietly(async () => {
      const plain = probe.slope(...sample);
      const kernel = loss.layers[SCALED]![0]!;
      tf.tidy(() => kernel.assign(tf.mul(kernel, FACTOR)));
      const scaled = probe.slope(...sample);
      const [before, after] = await Promise.all(
        [plain, scaled].map(async (each) => ({
          loss: (await each.loss.data())[0]!,
          gradient: await lengthOf([each.gradients[own!]!]),
        })),
      );
      [plain, scaled].forEach(disposeSlope);
      return {
        lossChange: Math.abs(after!.loss - before!.loss) / before!.loss,
        gradientTimesScale: FACTOR * after!.gradient / before!.gradient,
      };
    });
  } finally {
    probe.dispose();
  }
}

/** How far the inputs of the last activation move when all layers before its own make a large step. */
async function driftAfterLargeStep(
  network: Model,
  loss: Differentiable,
  sample: readonly [tf.Tensor, tf.Tensor],
  rate: number,
): Promise<number> {
  const probe = new Probe(loss);
  try {
    return await probe.quietly(async () => {
      const before = await lookAtActivations(network, sample);
      const slope = probe.slope(...sample);
      const own = probe.depth - 2;
      probe.descend(slope.gradients, LARGE_STEP * rate, (layer) => layer < own);
      disposeSlope(slope);
      const after = await lookAtActivations(network, sample);
      return driftBetween(before.layers.at(-1)!, after.layers.at(-1)!);
    });
  } finally {
    probe.dispose();
  }
}

const INVARIANCE = "Ioffe & Szegedy 2015, section 3.3";

export const SCALE: Mechanism<RunSettings> = {
  name: "scale",
  title: "What does the scale of the weights do behind a norm?",
  question:
    "BN(a W u) = BN(W u), and the gradient of the scaled weights is 1/a times as large: their length sets the learning rate, and larger weights move less. Goodfellow's account adds that the moments of a layer depend on its gamma and beta alone, whatever the layers before it do.",
  method:
    "An MLP of three hidden layers of 100 with ReLU. Before training, the kernel of the second hidden layer is multiplied by 10: recorded are the relative change of the loss, and 10 times the ratio of the kernel's gradients, which is 1 if the claim holds. Then all layers before the last hidden one make a step of ten learning rates: recorded is how far the percentiles of its units move, in units of the distance from the 15th to the 85th. During training, the effective rate is the learning rate over the squared length of that kernel.",
  settings,
  arms: normArms(["none", "batch", "layer", "weight"], NETWORK, measure),
  claims: [
    {
      says: "Behind batch norm the scale of the weights does not change the loss.",
      source: INVARIANCE,
      published: "an identity, but for epsilon",
      value: "lossChange",
      arm: "batch",
      target: 0,
      expects: "equal",
      least: 0.01,
    },
    {
      says:
        "Behind batch norm the gradient of weights that are a times as large is 1/a times as large.",
      source: INVARIANCE,
      published: "an identity, but for epsilon",
      value: "gradientTimesScale",
      arm: "batch",
      target: 1,
      expects: "equal",
      least: 0.01,
    },
    {
      says:
        "With batch norm the inputs of a layer's activation stay where they are when the layers before it make a large step.",
      source: "Goodfellow et al. 2016, section 8.7.1",
      published: "an argument, without a measurement",
      value: "drift",
      arm: "batch",
      base: "none",
      byRatio: true,
      expects: "lower",
      least: 1.2,
    },
  ],
  figures: [
    {
      series: "effectiveRate",
      title: "Learning rate over the squared length of a kernel, by step",
      x: "training step",
      y: "effective rate",
      isLog: true,
    },
    {
      series: "weightLength",
      title: "Length of the kernel of the second hidden layer, by step",
      x: "training step",
      y: "||W||",
    },
  ],
  limits: ["One layer is scaled, by one factor, before training."],
};
