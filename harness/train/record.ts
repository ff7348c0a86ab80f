/**
 * Records of training: what was trained, how each epoch went, and how the trial ended.
 *
 * @module
 */
import type { SCHEMA } from "../run/record.ts";

/** A network as `models/description.ts` describes it. */
export interface ModelRecord {
  /** `mlp`, `cnn` or `fully-connected`. */
  readonly architecture: string;
  /** A norm of the registry, `tf-batch` or `tf-layer` for those of `tf.layers`, or `none`. */
  readonly norm: string;
  /** `pre` or `post`: before or after the activation. */
  readonly placement: string;
  /** `relu`, `leakyRelu` or `sigmoid`. */
  readonly activation: string;
  /** Units of the hidden dense layers, or filters of the convolutions. */
  readonly hidden: readonly number[];
  /** Standard deviation of the weights at first, or `auto`. */
  readonly weightScale: number | string;
  /** Factor of 0.5 sum(W^2) in the loss. */
  readonly l2: number;
  /** Whether weight norm started from the statistics of the first batch. */
  readonly dataDependentInitialization: boolean;
}

/** The update rule. */
export interface OptimizerRecord {
  /** `adam`, `sgd` or `momentum`. */
  readonly name: string;
  /** Step size. */
  readonly learningRate: number;
}

/** The images of a trial; the three parts have none in common. */
export interface DataRecord {
  /** `fashion-mnist`, `cifar-10` or `synthetic`. */
  readonly name: string;
  /** Images that are learned from. */
  readonly train: number;
  /** Images that each epoch is judged on. */
  readonly validation: number;
  /** Images that the finished trial is judged on, once. */
  readonly test: number;
}

/** Everything that the figures of a trial follow from. */
export interface TrialDescription {
  /** Unique within a run: suite, arm and number, as in `with-without/cnn/batch/2`. */
  readonly id: string;
  /** Which question it belongs to. */
  readonly suite: string;
  /** What is compared: the id without suite and number. Trials of one arm differ in their seed alone. */
  readonly arm: string;
  /** Number of the trial within its arm, from 0. Equal numbers of a suite's arms share a seed: they are pairs. */
  readonly number: number;
  /** Weights, shuffling and data follow from it. */
  readonly seed: number;
  /** What is trained. */
  readonly model: ModelRecord;
  /** How it learns. */
  readonly optimizer: OptimizerRecord;
  /** What it learns from. */
  readonly data: DataRecord;
  /** Images of a step; what is left over at the end of an epoch is a smaller batch. */
  readonly batchSize: number;
  /** Passes over the training images. */
  readonly epochs: number;
}

/** How well a network does on some images. */
export interface Score {
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** Share of the images whose class it finds. */
  readonly accuracy: number;
}

/** One pass over the training images. */
export interface EpochRecord {
  /** Tells an epoch from other records. */
  readonly kind: "epoch";
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** Name of the backend that ran. */
  readonly backend: string;
  /** Id of the trial. */
  readonly trial: string;
  /** From 1. */
  readonly epoch: number;
  /** Mean over the batches of the epoch, as they were learned from. */
  readonly train: Score;
  /** After the epoch, in prediction mode. */
  readonly validation: Score;
  /** Training images a second, validation apart: a measurement, not a result. */
  readonly imagesPerSecond: number;
}

/** How a trial ended. */
export interface TrialRecord {
  /** Tells a trial from other records. */
  readonly kind: "trial";
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** Name of the backend that ran. */
  readonly backend: string;
  /** What was tried. */
  readonly trial: TrialDescription;
  /** `diverged` where the loss was no finite number any more; the trial stops there. */
  readonly outcome: "finished" | "diverged";
  /** The epoch that it ended in, from 1. */
  readonly lastEpoch: number;
  /** On the test images, in prediction mode; NaN where it diverged. */
  readonly test: Score;
  /** Mean training loss of the last 100 steps, or of all where there were fewer. */
  readonly finalLoss: number;
  /** Median over the epochs, of training images a second: a measurement, not a result. */
  readonly imagesPerSecond: number;
  /** Trainable parameters. */
  readonly parameters: number;
  /** Which implementation of the norm ran: `composed`, `fused` …; null where it has none of ours. */
  readonly implementation: string | null;
}
