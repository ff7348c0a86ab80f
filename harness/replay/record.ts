/**
 * Records of the replay: what a published notebook printed, and what came out here.
 *
 * @module
 */
import type { SCHEMA } from "../run/record.ts";

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
export type ReplayVerdict =
  | "same digits"
  | "same to k digits"
  | "same order of magnitude"
  | "inside the published spread"
  | "differs";

/** Every verdict, the gravest first. */
export const REPLAY_VERDICTS: readonly ReplayVerdict[] = [
  "differs",
  "same order of magnitude",
  "inside the published spread",
  "same to k digits",
  "same digits",
];

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

/** The two networks of the notebook's training experiment. */
export type NotebookNetwork = "batch norm" | "plain";

/** A moment of a training run. */
export interface TrainingPoint {
  /** Which of the two. */
  readonly network: NotebookNetwork;
  /** Training steps so far. */
  readonly iteration: number;
}

/** A printed line of the notebook, replayed. */
export interface FigureRecord {
  /** Tells a figure from other records. */
  readonly kind: "figure";
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** Name of the backend that ran, or `float64`. */
  readonly backend: string;
  /** `N1` … `N7`. */
  readonly experiment: string;
  /** What it is, in words; unique within an experiment. */
  readonly figure: string;
  /** Its numbers as they were published; empty where none were. */
  readonly published: readonly string[];
  /** What may be expected, where a range is known. */
  readonly range?: readonly [low: number, high: number];
  /** What came out, as many numbers as were published. */
  readonly measured: readonly number[];
  /** The gravest over the numbers; absent where there is nothing to compare with. */
  readonly verdict?: ReplayVerdict;
  /** Where in a training run it was printed. */
  readonly training?: TrainingPoint;
  /** Significant digits that all numbers have in common with the published ones. */
  readonly digits?: number;
}

/** Shares of the images whose class was found, in prediction mode. */
export interface EpochAccuracy {
  /** 0 after the first step, then the number of epochs that are over. */
  readonly epoch: number;
  /** Of the training images. */
  readonly train: number;
  /** Of the validation images. */
  readonly validation: number;
}

/** A training run of the notebook, replayed from a seed. */
export interface NotebookRunRecord {
  /** Tells a run from other records. */
  readonly kind: "notebook-run";
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** Name of the backend that ran. */
  readonly backend: string;
  /** Which network. */
  readonly network: NotebookNetwork;
  /** What all of its random numbers follow from. */
  readonly seed: number;
  /** Loss of each step's batch before its update, in nats. */
  readonly losses: readonly number[];
  /** Accuracies along the way. */
  readonly accuracies: readonly EpochAccuracy[];
}

/** A small experiment that answers a question of the notebook. */
export interface DemonstrationRecord {
  /** Tells a demonstration from other records. */
  readonly kind: "demonstration";
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** Name of the backend that ran, or `float64`. */
  readonly backend: string;
  /** Which question: `preprocessing`, `scale` … */
  readonly question: string;
  /** What is compared, over the numbers of each row. */
  readonly columns: readonly string[];
  /** What was measured. */
  readonly rows: readonly { readonly label: string; readonly values: readonly number[] }[];
}
