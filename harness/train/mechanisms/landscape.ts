import { MLP } from "../../../models/networks.ts";
import { classifierLoss, walkAlongGradient } from "../../../models/probe.ts";
import type { ModelDescription } from "../../../models/description.ts";
import type { Preset } from "../questions/question.ts";
import type { Measured, Mechanism, MechanismContext } from "./mechanism.ts";
import { Batches, buildNetwork, normArms, observe } from "./networks.ts";

const NETWORK: ModelDescription = { ...MLP, hidden: [100, 100, 100, 100, 100, 100] };

/** Lengths of the walk in units of the learning rate, as in the paper. */
const LENGTHS = [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4];

function settings(preset: Preset) {
  const steps = { quick: 120, standard: 1000, full: 4000 }[preset];
  return { steps, every: steps / 40, batchSize: 128, learningRate: 0.1 };
}

type RunSettings = ReturnType<typeof settings>;

async function measure(
  model: ModelDescription,
  context: MechanismContext<RunSettings>,
): Promise<Measured> {
  const run = context.settings;
  const batches = new Batches(context.images);
  const network = buildNetwork(model, context);
  const lengths = LENGTHS.map((length) => length * run.learningRate);
  try {
    return await observe(
      classifierLoss(network),
      (step) => batches.draw(context.seed, step, run.batchSize),
      run,
      async (probe, batch) => {
        const { losses, gradientChanges, smoothness } = await walkAlongGradient(
          probe,
          lengths,
          ...batch,
        );
        return {
          lossRange: Math.max(...losses) - Math.min(...losses),
          gradientChange: Math.max(...gradientChanges),
          smoothness,
        };
      },
      context.onProgress,
    );
  } finally {
    network.dispose();
  }
}

const SOURCE = "Santurkar et al. 2018, section 3.1 and figure 4";

export const LANDSCAPE: Mechanism<RunSettings> = {
  name: "landscape",
  title: "Does a norm smooth the loss along the gradient?",
  question:
    "Santurkar et al. explain batch norm by a smoother loss: along the gradient the loss and the gradient itself change less, so that larger steps can be trusted.",
  method:
    "Every few steps of one training run, the weights walk along the gradient of that step's batch, which stays fixed, by 0.5 to 4 times the learning rate, and return. Recorded are the range of the loss on the way, the largest change of the gradient, ||g(w - a g) - g(w)||, and the effective smoothness, the largest change of the gradient over the distance. The paper trains VGG on CIFAR-10; here it is an MLP of six hidden layers of 100 with ReLU, by stochastic gradient descent.",
  settings,
  arms: normArms(["none", "batch", "layer", "weight", "lp", "lp-p-infinity"], NETWORK, measure),
  claims: [
    {
      says: "With batch norm the loss varies less along the gradient.",
      source: SOURCE,
      published: "a range that is smaller throughout training, by an order of magnitude early on",
      value: "lossRange",
      arm: "batch",
      base: "none",
      byRatio: true,
      expects: "lower",
      least: 1.2,
    },
    {
      says: "With batch norm the gradient predicts better: it changes less along the walk.",
      source: SOURCE,
      published: "a smaller distance throughout training",
      value: "gradientChange",
      arm: "batch",
      base: "none",
      byRatio: true,
      expects: "lower",
      least: 1.2,
    },
    {
      says: "With batch norm the loss is effectively smoother.",
      source: SOURCE,
      published: "a smaller effective beta throughout training",
      value: "smoothness",
      arm: "batch",
      base: "none",
      byRatio: true,
      expects: "lower",
      least: 1.2,
    },
  ],
  figures: [
    {
      series: "lossRange",
      title: "Range of the loss along the gradient, by step",
      x: "training step",
      y: "range of the loss (nats)",
      isLog: true,
    },
    {
      series: "gradientChange",
      title: "Largest change of the gradient along the walk, by step",
      x: "training step",
      y: "distance of gradients",
      isLog: true,
    },
    {
      series: "smoothness",
      title: "Effective smoothness, by step: lower is smoother",
      x: "training step",
      y: "change of gradient / distance",
      isLog: true,
    },
    {
      series: "loss",
      title: "Training loss, by step",
      x: "training step",
      y: "loss (nats)",
      isLog: true,
    },
  ],
  limits: [
    "One architecture, smaller than the paper's, and one learning rate for all arms.",
    "The walk is along the gradient of one batch; other directions are not looked at.",
  ],
};
