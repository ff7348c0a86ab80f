/**
 * Records of the replay: what a published notebook printed, and what the replay computed.
 *
 * @module
 */
import {
  measured,
  type Read,
  recordKind,
  type RecordOf,
  type RunRecord,
  text,
  z,
} from "../run/record.ts";

/** Every verdict, the worst first. */
export const REPLAY_VERDICTS = [
  "differs",
  "noise",
  "inside the spread",
  "same to k digits",
  "same digits",
] as const;

/**
 * How a printout compares with the published one.
 *
 * | verdict | meaning |
 * |---|---|
 * | `same digits` | every printed digit |
 * | `same to k digits` | the first k significant digits: all that float32, or every order of sums, has |
 * | `inside the spread` | where NumPy's values lie in other orders of sums |
 * | `noise` | zero but for rounding, or a time: as small as that may be |
 * | `differs` | none of these |
 */
export type ReplayVerdict = typeof REPLAY_VERDICTS[number];

/** The notebook, and its settings. */
export const NOTEBOOK = {
  title: "BatchNormalization",
  /** The day on which it was executed, as its output says. */
  executed: "2019-10-27",
  /** The seed of `np.random.seed` before every experiment. */
  seed: 220,
  /** Epochs of its training runs. */
  epochs: 10,
  /** Batches that make up one of them. */
  stepsPerEpoch: 20,
} as const;

/** The experiments of the notebook, by the numbers that reports give them. */
export const NOTEBOOK_EXPERIMENTS = {
  N1: "batch norm in training: statistics before and after",
  N2: "batch norm in test mode, after fifty training steps",
  N3: "gradients of batch and layer norm against central differences",
  N4: "two backward passes of batch norm against each other",
  N5: "layer norm: statistics before and after",
  N6: "gradients of a whole network against central differences",
  N7: "a deep network on CIFAR-10, with batch norm and without",
  N8: "the scale of the initial weights, with batch norm, with layer norm and without",
  N9: "the batch size, with batch norm and with layer norm",
  N10: "the notebook's questions, answered from N8, N9 and further networks",
} as const;

/** Which of the two networks of the training experiment. */
const network = z.enum(["batch norm", "plain"]);

/** The two networks of the notebook's training experiment. */
export type NotebookNetwork = Read<typeof network>;

const point = z.object({
  network,
  /** Training steps so far. */
  iteration: z.int().positive(),
});

/** A moment of a training run. */
export type TrainingPoint = Read<typeof point>;

/** What other code calls a printout has been `figure` in records from the start, and stays so. */
const PRINTOUT = recordKind("figure", {
  /** `N1` … `N7`. */
  experiment: text,
  /** Name of the printout; unique within an experiment. */
  figure: text,
  /** Its numbers as they were printed. */
  published: z.array(text),
  /** Where a number must lie whose digits differ: the spread over orders of sums, or the reach of noise. */
  range: z.tuple([z.number(), z.number()]).exactOptional(),
  /** Significant digits that all orders of sums share. */
  shared: z.int().nonnegative().exactOptional(),
  /** Why it is noise. */
  noise: text.exactOptional(),
  /** The replay's numbers. */
  measured: z.array(measured),
  /** The worst over the numbers. */
  verdict: z.enum(REPLAY_VERDICTS),
  /** Where in a training run it was printed. */
  training: point.exactOptional(),
  /** Significant digits that all numbers have in common with the published ones. */
  digits: z.int().nonnegative(),
}, (record) => [record.experiment, record.figure]);

/** A printout of the notebook, and the replay's numbers; its backend may be `float64`. */
export type PrintoutRecord = RecordOf<typeof PRINTOUT>;

const accuracy = z.object({
  /** 0 after the first step, then the number of finished epochs. */
  epoch: z.int(),
  train: measured,
  validation: measured,
});

/** Shares of the training and validation images that are classified correctly, in prediction mode. */
export type EpochAccuracy = Read<typeof accuracy>;

const NOTEBOOK_RUN = recordKind("notebook-run", {
  network,
  /** Seed of all its random numbers. */
  seed: z.number(),
  /** Loss of each step's batch before its update, in nats. */
  losses: z.array(measured),
  accuracies: z.array(accuracy),
}, (record) => [record.network, record.seed]);

/** A training run of the notebook, from a seed. */
export type NotebookRunRecord = RecordOf<typeof NOTEBOOK_RUN>;

const training = z.object({
  network: z.enum(["batch norm", "layer norm", "plain"]),
  /** Hidden layers. */
  layers: z.int().positive(),
  /** Units of each of them. */
  units: z.int().positive(),
  /** Standard deviation of the weights at first; `auto`: He's, the root of 2 over the inputs of the layer. */
  weightScale: z.union([z.number(), z.literal("auto")]),
  /** Factor of 0.5 sum(W^2) in the loss. */
  l2: z.number(),
  batchSize: z.int().positive(),
  /** Of Adam. */
  learningRate: z.number(),
});

/** A network of the notebook, and how it is trained. */
export type Training = Read<typeof training>;

/** What tells a training from the others of an experiment. */
export function nameOfTraining(training: Training): string {
  const { network, layers, units, weightScale, l2, batchSize, learningRate } = training;
  return [network, layers, units, weightScale, l2, batchSize, learningRate].join(" ");
}

const STUDY_RUN = recordKind("study-run", {
  experiment: z.enum(["N8", "N9", "N10"]),
  training,
  /** Seed from which the random numbers of the whole experiment were drawn. */
  seed: z.number(),
  accuracies: z.array(accuracy),
  /** Mean loss of the last 100 steps, in nats, without the L2 term. */
  finalLoss: measured,
}, ({ experiment, training, seed }) => [experiment, nameOfTraining(training), seed]);

/** A training run of one of the notebook's experiments without printed figures. */
export type StudyRunRecord = RecordOf<typeof STUDY_RUN>;

const DEMONSTRATION = recordKind("demonstration", {
  /** Which question: `preprocessing`, `scale` … */
  question: text,
  /** Headings of the numbers of each row. */
  columns: z.array(text),
  rows: z.array(z.object({ label: text, values: z.array(measured) })),
}, (record) => [record.question]);

/** A small experiment that answers a question of the notebook; its backend may be `float64`. */
export type DemonstrationRecord = RecordOf<typeof DEMONSTRATION>;

/** Kinds of results of the replay task. */
export const REPLAY_KINDS = [PRINTOUT, NOTEBOOK_RUN, STUDY_RUN, DEMONSTRATION] as const;

/** Any result of a replay. */
export type ReplayResult = RecordOf<typeof REPLAY_KINDS[number]>;

/** Any record of a replay run. */
export type ReplayRunRecord = RunRecord<ReplayResult>;
