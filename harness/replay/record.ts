/**
 * Records of the replay: what a published notebook printed, and what came out here.
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

/** Every verdict, the gravest first. */
export const REPLAY_VERDICTS = [
  "differs",
  "same order of magnitude",
  "inside the published spread",
  "same to k digits",
  "same digits",
] as const;

/**
 * How a figure compares with the published one.
 *
 * | verdict | meaning |
 * |---|---|
 * | `same digits` | every printed digit |
 * | `same to k digits` | the first k significant digits, as many as the precision allows |
 * | `same order of magnitude` | within a factor of ten, where the figure is rounding noise or chance |
 * | `inside the published spread` | within the range that was published or is expected |
 * | `differs` | none of these |
 */
export type ReplayVerdict = typeof REPLAY_VERDICTS[number];

/** What every figure of the notebook follows from. */
export const NOTEBOOK = {
  /** What it gives `np.random.seed` before every experiment. */
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
  N10: "the notebook's questions, answered by small experiments",
} as const;

const network = z.enum(["batch norm", "plain"]);

/** The two networks of the notebook's training experiment. */
export type NotebookNetwork = Read<typeof network>;

const point = z.object({
  /** Which of the two. */
  network,
  /** Training steps so far. */
  iteration: z.int().positive(),
});

/** A moment of a training run. */
export type TrainingPoint = Read<typeof point>;

const FIGURE = recordKind("figure", {
  /** `N1` … `N7`. */
  experiment: text,
  /** What it is, in words; unique within an experiment. */
  figure: text,
  /** Its numbers as they were published; empty where none were. */
  published: z.array(text),
  /** What may be expected, where a range is known: lowest and highest. */
  range: z.tuple([z.number(), z.number()]).exactOptional(),
  /** What came out, as many numbers as were published. */
  measured: z.array(measured),
  /** The gravest over the numbers; absent where there is nothing to compare with. */
  verdict: z.enum(REPLAY_VERDICTS).exactOptional(),
  /** Where in a training run it was printed. */
  training: point.exactOptional(),
  /** Significant digits that all numbers have in common with the published ones. */
  digits: z.int().nonnegative().exactOptional(),
}, (record) => [record.experiment, record.figure]);

/** A printed line of the notebook, replayed; its backend may be `float64`. */
export type FigureRecord = RecordOf<typeof FIGURE>;

const accuracy = z.object({
  /** 0 after the first step, then the number of epochs that are over. */
  epoch: z.int(),
  /** Of the training images. */
  train: measured,
  /** Of the validation images. */
  validation: measured,
});

/** Shares of the images that are classified correctly, in prediction mode. */
export type EpochAccuracy = Read<typeof accuracy>;

const NOTEBOOK_RUN = recordKind("notebook-run", {
  /** Which network. */
  network,
  /** What all of its random numbers follow from. */
  seed: z.number(),
  /** Loss of each step's batch before its update, in nats. */
  losses: z.array(measured),
  /** Accuracies along the way. */
  accuracies: z.array(accuracy),
}, (record) => [record.network, record.seed]);

/** A training run of the notebook, replayed from a seed. */
export type NotebookRunRecord = RecordOf<typeof NOTEBOOK_RUN>;

const DEMONSTRATION = recordKind("demonstration", {
  /** Which question: `preprocessing`, `scale` … */
  question: text,
  /** What is compared, over the numbers of each row. */
  columns: z.array(text),
  /** What was measured. */
  rows: z.array(z.object({ label: text, values: z.array(measured) })),
}, (record) => [record.question]);

/** A small experiment that answers a question of the notebook; its backend may be `float64`. */
export type DemonstrationRecord = RecordOf<typeof DEMONSTRATION>;

/** What the replay task records. */
export const REPLAY_KINDS = [FIGURE, NOTEBOOK_RUN, DEMONSTRATION] as const;

/** Any result of a replay. */
export type ReplayResult = RecordOf<typeof REPLAY_KINDS[number]>;

/** Any record of a replay run. */
export type ReplayRunRecord = RunRecord<ReplayResult>;
