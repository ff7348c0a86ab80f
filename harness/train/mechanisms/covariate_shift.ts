import { MLP } from "../../../models/networks.ts";
import type { ModelDescription, NormChoice } from "../../../models/description.ts";
import {
  classifierLoss,
  covariateShift,
  type LayerShift,
  type Probe,
} from "../../../models/probe.ts";
import type * as tf from "../../../norms/basics/tf.ts";
import { mean } from "../../../reports/statistics.ts";
import { normColour } from "../report/labels.ts";
import type { Preset } from "../questions/question.ts";
import { DEEP_LINEAR, deepLinear } from "./deep_linear.ts";
import type { Measured, Mechanism, MechanismArm, MechanismContext } from "./mechanism.ts";
import { Batches, buildNetwork, normArms, observe } from "./networks.ts";

const NETWORK: ModelDescription = { ...MLP, hidden: [100, 100, 100, 100, 100, 100] };

const RATE = 0.1;
/** The rate of the deep linear network: the paper's 1e-6 is that of a sum over all samples. */
const LINEAR_RATE = 1e-6 * DEEP_LINEAR.samples;

function settings(preset: Preset) {
  const steps = { quick: 80, standard: 800, full: 4000 }[preset];
  const linearSteps = { quick: 200, standard: 2000, full: 10_000 }[preset];
  return {
    steps,
    linearSteps,
    batchSize: 128,
    learningRate: RATE,
    linearLearningRate: LINEAR_RATE,
  };
}

type RunSettings = ReturnType<typeof settings>;

/** Cosine by layer, and both measures over all layers that have one before them. */
async function shiftOf(probe: Probe, rate: number, batch: readonly tf.Tensor[]) {
  const shifts = (await covariateShift(probe, rate, ...batch)).slice(1);
  const finite = (pick: (shift: LayerShift) => number) => shifts.map(pick).filter(Number.isFinite);
  return {
    cosine: mean(finite(({ cosine }) => cosine)),
    distance: mean(finite(({ distance }) => distance)),
    "cosine of the last layer": shifts.at(-1)!.cosine,
  };
}

async function measure(
  model: ModelDescription,
  context: MechanismContext<RunSettings>,
): Promise<Measured> {
  const { steps, batchSize, learningRate } = context.settings;
  const batches = new Batches(context.images);
  const network = buildNetwork(model, context);
  try {
    return await observe(
      classifierLoss(network),
      (step) => batches.draw(context.seed, step, batchSize),
      { steps, every: steps / 20, learningRate },
      (probe, batch) => shiftOf(probe, learningRate, batch),
      context.onProgress,
    );
  } finally {
    network.dispose();
  }
}

function linearArm(norm: NormChoice): MechanismArm<RunSettings> {
  return {
    name: `linear/${norm}`,
    colour: normColour(norm),
    isDashed: true,
    async measure({ settings, seed, onProgress }) {
      const { linearSteps: steps, linearLearningRate: learningRate } = settings;
      const made = deepLinear(norm, seed);
      try {
        return await observe(
          made.network,
          () => made.batch.map((each) => each.clone()),
          { steps, every: steps / 20, learningRate },
          (probe, batch) => shiftOf(probe, learningRate, batch),
          onProgress,
        );
      } finally {
        made.dispose();
      }
    },
  };
}

const SOURCE = "Santurkar et al. 2018, section 2.2, definition 2.1 and figure 2";

export const COVARIATE_SHIFT: Mechanism<RunSettings> = {
  name: "covariate-shift",
  title: "Does batch norm reduce internal covariate shift?",
  question:
    "Ioffe and Szegedy explain batch norm by a reduced internal covariate shift. Santurkar et al. measure it as the change of a layer's gradient that the update of the layers before it makes, and find no reduction.",
  method:
    "G is the gradient of a layer's weights at a step of training; G' is its gradient on the same batch after the layers before it, and only these, have made their step. Recorded are ||G - G'|| and the cosine of the two, by step, as means over the layers. A network without shift has a cosine of 1. Two networks: an MLP of six hidden layers of 100 with ReLU, by stochastic gradient descent, in place of the paper's VGG; and the paper's deep linear network of 25 layers on the whole batch.",
  settings,
  arms: [
    ...normArms(["none", "batch", "layer", "weight"], NETWORK, measure),
    ...(["none", "batch"] as const).map(linearArm),
  ],
  claims: [
    {
      says: "With batch norm the gradients of a layer are no better aligned.",
      source: SOURCE,
      published: "VGG: similar, or worse",
      value: "cosine",
      arm: "batch",
      base: "none",
      expects: "not higher",
      least: 0.05,
    },
    {
      says: "In the deep linear network, too, batch norm does not align them.",
      source: SOURCE,
      published: "gradients that are nearly uncorrelated with batch norm",
      value: "cosine",
      arm: "linear/batch",
      base: "linear/none",
      expects: "not higher",
      least: 0.05,
    },
  ],
  figures: [
    {
      series: "cosine",
      title:
        "Cosine of a layer's gradient before and after the layers below moved, mean over layers",
      x: "training step",
      y: "cosine",
    },
    {
      series: "distance",
      title: "Distance of the two gradients, mean over layers",
      x: "training step",
      y: "||G - G'||",
      isLog: true,
    },
    { series: "loss", title: "Training loss, by step", x: "training step", y: "loss", isLog: true },
  ],
  limits: [
    "The paper's VGG takes days on two cores; the MLP has its depth in fully connected layers alone.",
    "Distances of networks with and without a norm have different scales; the cosine has none, so the claims are about it.",
  ],
};
