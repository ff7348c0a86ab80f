import {
  measured,
  type Read,
  recordKind,
  type RecordOf,
  type RunRecord,
  text,
  z,
} from "../run/record.ts";

/**
 * An object whose unknown fields are kept when it is read: a field that a later version records must
 * keep its trials apart from those without it.
 */
function open<S extends z.ZodRawShape>(shape: S): z.ZodObject<S> {
  return z.object(shape).loose() as unknown as z.ZodObject<S>;
}

const model = open({
  /** `mlp`, `cnn` or `fully-connected`. */
  architecture: text,
  /** A norm of the registry, `tf-` and its name for that of `tf.layers`, or `none`. */
  norm: text,
  /** `pre` or `post`: before or after the activation. */
  placement: text,
  /** `relu`, `leakyRelu` or `sigmoid`. */
  activation: text,
  /** Units of the hidden dense layers, or filters of the convolutions. */
  hidden: z.array(z.int().positive()),
  /** Standard deviation of the initial weights, or `auto`. */
  weightScale: z.union([z.number(), text]),
  /** Factor of 0.5 sum(W^2) in the loss. */
  l2: z.number(),
  /** Whether weight norm started from the statistics of the first batch. */
  dataDependentInitialization: z.boolean(),
});

/** A network as `models/description.ts` describes it. */
export type ModelRecord = Read<typeof model>;

const optimizer = open({
  /** `adam`, `sgd` or `momentum`. */
  name: text,
  /** Step size. */
  learningRate: z.number(),
});

/** The update rule. */
export type OptimizerRecord = Read<typeof optimizer>;

const data = open({
  /** `fashion-mnist`, `cifar-10` or `synthetic`. */
  name: text,
  /** Images to train on. */
  train: z.number(),
  /** Images that each epoch is judged on. */
  validation: z.number(),
  /** Images that the finished trial is judged on, once. */
  test: z.number(),
});

/** The images of a trial; the three parts have none in common. */
export type DataRecord = Read<typeof data>;

const description = open({
  /** Unique within a run: suite, arm and number, as in `with-without/cnn/batch/2`. */
  id: text,
  /** Which question it belongs to. */
  suite: text,
  /** What is compared: the id without suite and number. Trials of one arm differ in their seed alone. */
  arm: text,
  /** Number of the trial within its arm, from 0. Equal numbers of a suite's arms share a seed: they are pairs. */
  number: z.int().nonnegative(),
  /** Weights, shuffling and data follow from it. */
  seed: z.number(),
  /** What is trained. */
  model,
  /** How it learns. */
  optimizer,
  /** Its images. */
  data,
  /** Images of a step; those at the end of an epoch that do not fill a batch are left out. */
  batchSize: z.int().positive(),
  /** Passes over the training images. */
  epochs: z.int().positive(),
});

/** Everything that the figures of a trial follow from. */
export type TrialDescription = Read<typeof description>;

const score = z.object({
  /** Mean cross-entropy in nats. */
  loss: measured,
  /** Share of the images that are classified correctly. */
  accuracy: measured,
});

/** How well a network does on some images. */
export type Score = Read<typeof score>;

const EPOCH = recordKind("epoch", {
  /** Id of the trial. */
  trial: text,
  /** From 1. */
  epoch: z.int().positive(),
  /** Mean over the batches of the epoch, in training mode. */
  train: score,
  /** After the epoch, in prediction mode. */
  validation: score,
  /** Training images a second, validation apart: a measurement, not a result. */
  imagesPerSecond: measured,
}, (record) => [record.trial, record.epoch]);

/** One pass over the training images. */
export type EpochRecord = RecordOf<typeof EPOCH>;

const TRIAL = recordKind("trial", {
  /** What was tried. */
  trial: description,
  /** `diverged` where the loss became NaN or infinite; the trial stops there. */
  outcome: z.enum(["finished", "diverged"]),
  /** The epoch that it ended in, from 1. */
  lastEpoch: z.int().positive(),
  /** On the test images, in prediction mode; NaN where it diverged. */
  test: score,
  /** Mean training loss of the last 100 steps, or of all where there were fewer. */
  finalLoss: measured,
  /** Median over the epochs, of training images a second: a measurement, not a result. */
  imagesPerSecond: measured,
  /** Trainable parameters. */
  parameters: z.int().nonnegative(),
  /** Which implementation of the norm ran: `composed`, `fused` …; null if it has none of ours. */
  implementation: text.nullable(),
  /** How its steps ran; records from before there were graphs have none, and ran eagerly. */
  steps: z.enum(["graph", "xla", "eager"]).optional(),
  // Two trials of one id are not the same finding if they were made in other ways.
}, (record) => [JSON.stringify(record.trial)]);

/** How a trial ended. */
export type TrialRecord = RecordOf<typeof TRIAL>;

const points = z.array(measured);

const OBSERVATION = recordKind(
  "observation",
  {
    /** Which mechanism was measured: `landscape`, `covariate-shift` … */
    mechanism: text,
    /** What is compared, such as a network with one of the norms. */
    arm: text,
    /** Number of the trial within its arm, from 0; equal numbers share a seed: they are pairs. */
    number: z.int().nonnegative(),
    /** Weights, batches and noise follow from it. */
    seed: z.number(),
    /** The images. */
    data: text,
    /** How long everything was: steps, batch size, learning rate … */
    settings: z.record(text, z.number()),
    /** What claims are judged by, by name; NaN where the trial diverged. */
    values: z.record(text, measured),
    /** Curves by name. */
    series: z.record(text, z.object({ x: points, y: points })),
  },
  (
    record,
  ) => [record.mechanism, record.arm, record.number, JSON.stringify(record.settings), record.data],
);

/** What was measured of a mechanism in one trial. */
export type ObservationRecord = RecordOf<typeof OBSERVATION>;

/** What the train task records. */
export const TRAIN_KINDS = [EPOCH, TRIAL, OBSERVATION] as const;

/** What a training run results in. */
export type TrainResultRecord = EpochRecord | TrialRecord | ObservationRecord;

/** Any record of a training run. */
export type TrainRunRecord = RunRecord<TrainResultRecord>;
