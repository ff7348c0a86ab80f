import { MLP } from "../../../models/networks.ts";
import type { ModelDescription, NormChoice } from "../../../models/description.ts";
import { classifierLoss } from "../../../models/probe.ts";
import * as tf from "../../../norms/basics/tf.ts";
import { mean } from "../../../reports/statistics.ts";
import type { Preset } from "../questions/question.ts";
import { driftBetween, lookAtActivations, type Percentiles } from "./activations.ts";
import type { Measured, Mechanism, MechanismArm, MechanismContext } from "./mechanism.ts";
import { Batches, BINARY, buildNetwork, normArms, observe } from "./networks.ts";

/** The paper's network: three layers of 100 sigmoids, small normal weights. */
const SIGMOID: ModelDescription = {
  ...MLP,
  hidden: [100, 100, 100],
  activation: "sigmoid",
  weightScale: 0.1,
};

const NETWORKS: Readonly<Record<string, ModelDescription>> = {
  paper: SIGMOID,
  deep: { ...SIGMOID, hidden: Array<number>(7).fill(100), weightScale: "auto" },
  relu: { ...SIGMOID, activation: "relu", weightScale: "auto" },
};

/** The rate of sigmoids, and of ReLUs, which diverge at it. */
const RATES = { sigmoid: 0.5, relu: 0.1, leakyRelu: 0.1 } as const;

const NORMS: readonly NormChoice[] = ["none", "batch"];

/** Images by which units are looked at. */
const SAMPLE = 600;

function settings(preset: Preset) {
  const steps = { quick: 400, standard: 4000, full: 50_000 }[preset];
  return { steps, every: steps / 20, batchSize: 60 };
}

type RunSettings = ReturnType<typeof settings>;

async function measure(
  model: ModelDescription,
  context: MechanismContext<RunSettings>,
): Promise<Measured> {
  const run = context.settings;
  const batches = new Batches(context.images, BINARY);
  const network = buildNetwork(model, context);
  const sample = batches.first(SAMPLE);
  let before: readonly (readonly Percentiles[])[] | undefined;
  try {
    return await observe(
      classifierLoss(network),
      (step) => batches.draw(context.seed, step, run.batchSize),
      { ...run, learningRate: RATES[model.activation] },
      (probe) =>
        probe.quietly(async () => {
          const { layers, silent, accuracy } = await lookAtActivations(network, sample);
          const drifts = layers.map((layer, i) => before ? driftBetween(before[i]!, layer) : 0);
          before = layers;
          const unit = layers.at(-1)![0]!;
          return {
            ...unit,
            drift: mean(drifts),
            "drift of the last layer": drifts.at(-1)!,
            silent,
            accuracy,
          };
        }),
      context.onProgress,
    );
  } finally {
    tf.dispose([...sample]);
    network.dispose();
  }
}

function arms(): MechanismArm<RunSettings>[] {
  return Object.entries(NETWORKS).flatMap(([name, network]) =>
    normArms(NORMS, network, measure).map((arm) => ({
      ...arm,
      name: `${name}/${arm.name}`,
      isDashed: network !== SIGMOID,
    }))
  );
}

const SOURCE = "Ioffe & Szegedy 2015, section 4.1 and figure 1";

export const PERCENTILES: Mechanism<RunSettings> = {
  name: "percentiles",
  title: "Does batch norm keep what reaches a unit in place?",
  question:
    "Ioffe and Szegedy show the 15th, 50th and 85th percentile of the input of one sigmoid during training: with batch norm they stay, without it they wander. One unit proves little: here are all units of all layers, and a deeper net.",
  method:
    "The paper's net: binary images, three layers of 100 sigmoids, small normal weights, batches of 60, stochastic gradient descent at rate 0.5 (the paper names none; 0.1 for ReLU). Twenty times during training, 600 images are looked at in training mode. Drift is how far the percentiles of a unit have moved since the last look, in units of the distance from the 15th to the 85th, as a mean over all units of all layers. The same for a net of seven layers, and for ReLU, where units whose input is above 0 for no image count as silent.",
  settings,
  arms: arms(),
  claims: [
    {
      says: "With batch norm the inputs of the sigmoids drift less.",
      source: SOURCE,
      published:
        "one unit of the last layer, which stays in place with batch norm and wanders without",
      value: "drift",
      arm: "paper/batch",
      base: "paper/none",
      byRatio: true,
      expects: "lower",
      least: 1.2,
    },
    {
      says: "The same holds for a net of seven layers.",
      source: "a question about figure 1 of Ioffe & Szegedy 2015",
      published: "not measured",
      value: "drift",
      arm: "deep/batch",
      base: "deep/none",
      byRatio: true,
      expects: "lower",
      least: 1.2,
    },
    {
      says: "With batch norm the net of the paper is more accurate after equally many steps.",
      source: SOURCE,
      published: "faster training, and a higher accuracy in the end",
      value: "accuracy",
      arm: "paper/batch",
      base: "paper/none",
      expects: "higher",
      least: 0.01,
    },
    {
      says: "With batch norm fewer ReLUs are silent.",
      source: "a common argument; the paper makes none about ReLUs that die",
      published: "not measured",
      value: "silent",
      arm: "relu/batch",
      base: "relu/none",
      expects: "lower",
      least: 0.01,
    },
  ],
  figures: [
    {
      series: "p50",
      band: ["p15", "p85"],
      arms: ["paper/none", "paper/batch"],
      title:
        "Input of one sigmoid of the last layer: median, and 15th to 85th percentile, first trial",
      x: "training step",
      y: "input of the sigmoid",
    },
    {
      series: "drift",
      title: "Drift of all units of all layers since the last look",
      x: "training step",
      y: "drift",
      isLog: true,
    },
    {
      series: "accuracy",
      title: "Share of 600 images whose class is found",
      x: "training step",
      y: "accuracy",
    },
    {
      series: "silent",
      arms: ["relu/none", "relu/batch"],
      title: "Share of ReLUs that are silent for all images",
      x: "training step",
      y: "share of units",
    },
  ],
  limits: [
    "Fashion-MNIST in place of MNIST, and fewer steps than the paper's 50,000 below the preset full.",
    "The images that are looked at are among those that training draws from.",
  ],
};
