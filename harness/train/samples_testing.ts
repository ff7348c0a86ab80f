/**
 * Fabricated records of training for tests: the five suites, with figures as real runs have them.
 *
 * @module
 */
import {
  type HeaderRecord,
  type MissingRecord,
  type NormbenchRecord,
  SCHEMA,
} from "../run/record.ts";
import { sampleHeader } from "../parity/samples_testing.ts";
import type {
  DataRecord,
  EpochRecord,
  ModelRecord,
  Score,
  TrialDescription,
  TrialRecord,
} from "./record.ts";

/** What is told of a trial; the rest is ordinary. */
export interface TrialChoices {
  readonly suite?: string;
  readonly arm?: string;
  readonly number?: number;
  readonly backend?: string;
  readonly model?: Partial<ModelRecord>;
  readonly optimizer?: string;
  readonly learningRate?: number;
  readonly data?: Partial<DataRecord>;
  readonly batchSize?: number;
  readonly epochs?: number;
  /** The accuracy on test images that training tends to. */
  readonly ceiling?: number;
  /** How much of the way to the ceiling an epoch makes. */
  readonly pace?: number;
  /** How far apart trials end. */
  readonly spread?: number;
  readonly imagesPerSecond?: number;
  /** The epoch in which the loss is no number any more. */
  readonly diverges?: number;
}

/** A header of a run of the train task. */
export function sampleTrainHeader(backend = "tensorflow", cpu?: string): HeaderRecord {
  return {
    ...sampleHeader({ backends: [backend], ...(cpu === undefined ? {} : { cpu }) }),
    task: "train",
    options: { preset: "standard", suite: "all", seed: 1 },
  };
}

/** Real images that could not be had. */
export function sampleMissingData(): MissingRecord {
  return {
    kind: "missing",
    schema: SCHEMA,
    what: "data",
    name: "fashion-mnist",
    reason: "not in the data folders, and the download failed",
    remedy: "set NORMBENCH_DATA to a folder that holds it",
  };
}

/** The epochs of a trial, and its end. */
export function sampleTrial(choices: TrialChoices = {}): (EpochRecord | TrialRecord)[] {
  const trial = describe(choices);
  const { backend = "tensorflow", imagesPerSecond = 4000, diverges } = choices;
  const last = diverges ?? trial.epochs;
  const epochs = Array.from({ length: last }, (_, index): EpochRecord => ({
    kind: "epoch",
    schema: SCHEMA,
    backend,
    trial: trial.id,
    epoch: index + 1,
    ...scores(trial, choices, index + 1),
    imagesPerSecond: imagesPerSecond * (1 + 0.03 * wobble(trial.id, "speed", index)),
  }));
  const ended = epochs.at(-1)!;
  return [...epochs, {
    kind: "trial",
    schema: SCHEMA,
    backend,
    trial,
    outcome: diverges === undefined ? "finished" : "diverged",
    lastEpoch: last,
    test: diverges === undefined ? ended.validation : { loss: NaN, accuracy: NaN },
    finalLoss: ended.train.loss,
    imagesPerSecond: imagesPerSecond * (1 + 0.02 * wobble(trial.id, "speed")),
    parameters: 235_146,
    implementation: trial.model.norm === "none" ? null : "fused",
  }];
}

function describe(choices: TrialChoices): TrialDescription {
  const { suite = "with-without", arm = "mlp/batch", number = 0, learningRate = 1e-3 } = choices;
  const { optimizer = "adam", batchSize = 64, epochs = 12 } = choices;
  return {
    id: `${suite}/${arm}/${number}`,
    suite,
    arm,
    number,
    seed: 1000 + number,
    model: {
      architecture: "mlp",
      norm: "batch",
      placement: "pre",
      activation: "relu",
      hidden: [256, 128],
      weightScale: "auto",
      l2: 0,
      dataDependentInitialization: false,
      ...choices.model,
    },
    optimizer: { name: optimizer, learningRate },
    data: {
      name: "fashion-mnist",
      train: 12_000,
      validation: 2000,
      test: 10_000,
      ...choices.data,
    },
    batchSize,
    epochs,
  };
}

/** Accuracy approaches its ceiling; training images are learned better than others. */
function scores(
  trial: TrialDescription,
  { ceiling = 0.86, pace = 0.5, spread = 0.006, diverges }: TrialChoices,
  epoch: number,
): { train: Score; validation: Score } {
  if (epoch === diverges) {
    return { train: { loss: NaN, accuracy: 0.1 }, validation: { loss: NaN, accuracy: 0.1 } };
  }
  // Trials of one number have the same seed, so a part of their luck is the same.
  const luck = spread * (0.7 * wobble("seed", trial.number) + 0.5 * wobble(trial.id));
  const way = 1 - Math.exp(-pace * epoch);
  const level = 0.1 + (ceiling + luck - 0.1) * way;
  const validation = level + 0.4 * spread * wobble(trial.id, "validation", epoch);
  const train = Math.min(0.999, level + 0.05 * (epoch / trial.epochs) * way - 0.02 * (1 - way));
  return { train: scoreOf(train, 2.2), validation: scoreOf(validation, 2.6) };
}

function scoreOf(accuracy: number, steepness: number): Score {
  return { accuracy, loss: Math.max(0.004, steepness * (1 - Math.max(0.05, accuracy)) ** 1.15) };
}

/** A number in [-1, 1] that follows from the parts alone. */
function wobble(...parts: readonly (string | number)[]): number {
  let hash = 7;
  for (const character of parts.join("|")) hash = (hash * 31 + character.charCodeAt(0)) % 99_991;
  return Math.sin(hash);
}

/** A run of all five suites, with `trials` trials of every arm. */
export function sampleTraining(trials = 3): NormbenchRecord[] {
  const arms = [
    ...withWithout(),
    ...placement(),
    ...batchSize(),
    ...weightScale(),
    ...learningRate(),
  ];
  const records = arms.flatMap((choices) =>
    Array.from({ length: trials }, (_, number) => sampleTrial({ ...choices, number })).flat()
  );
  return [sampleTrainHeader(), ...records];
}

/** Norm, gain in accuracy over none, factor of the pace, factor of the speed. */
const NORMS = [
  ["none", 0, 1, 1],
  ["batch", 0.021, 1.5, 0.72],
  ["layer", 0.017, 1.35, 0.66],
  ["weight", 0.002, 1.05, 0.88],
  ["group", 0.018, 1.4, 0.6],
  ["rms", 0.014, 1.3, 0.78],
  ["tf-batch", 0.021, 1.5, 0.81],
  ["tf-layer", 0.016, 1.35, 0.55],
] as const;

const ARCHITECTURES = [
  { architecture: "mlp", hidden: [256, 128], ceiling: 0.853, imagesPerSecond: 9000 },
  { architecture: "cnn", hidden: [16, 32], ceiling: 0.878, imagesPerSecond: 1500 },
] as const;

function withWithout(): TrialChoices[] {
  return ARCHITECTURES.flatMap(({ architecture, hidden, ceiling, imagesPerSecond }) => [
    // That norm of tf.layers is too slow for the rows of a CNN.
    ...NORMS.filter(([norm]) => architecture === "mlp" || norm !== "tf-layer").map((
      [norm, gain, pace, speed],
    ): TrialChoices => ({
      arm: `${architecture}/${norm}`,
      model: { architecture, hidden, norm, dataDependentInitialization: norm === "weight" },
      ceiling: ceiling + gain,
      pace: 0.55 * pace,
      imagesPerSecond: imagesPerSecond * speed,
    })),
    {
      arm: `${architecture}/weight-plain`,
      model: { architecture, hidden, norm: "weight" },
      ceiling: ceiling - 0.001,
      pace: 0.55,
      imagesPerSecond: imagesPerSecond * 0.88,
    },
  ]);
}

function placement(): TrialChoices[] {
  return ARCHITECTURES.flatMap(({ architecture, hidden, ceiling, imagesPerSecond }) =>
    ([
      ["none", "pre", 0],
      ["batch", "pre", 0.021],
      ["batch", "post", 0.024],
      ["layer", "pre", 0.017],
      ["layer", "post", 0.009],
    ] as const).map(([norm, placement, gain]): TrialChoices => ({
      suite: "placement",
      arm: `${architecture}/${norm}-${placement}`,
      model: { architecture, hidden, norm, placement },
      ceiling: ceiling + gain,
      pace: norm === "none" ? 0.55 : 0.8,
      imagesPerSecond: imagesPerSecond * (norm === "none" ? 1 : 0.7),
    }))
  );
}

const COURSE_NET = {
  architecture: "fully-connected",
  activation: "leakyRelu",
  hidden: [100, 100, 100, 100, 100],
} as const;
const FEW = { train: 1000, validation: 1000 } as const;

function batchSize(): TrialChoices[] {
  const small = ([["none", 5], ["batch", 5], ["batch", 10], ["batch", 50], ["layer", 5], [
    "layer",
    10,
  ], ["layer", 50]] as const).map(([norm, batchSize]): TrialChoices => ({
    suite: "batch-size",
    arm: `notebook/${norm}/${batchSize}`,
    model: { ...COURSE_NET, norm },
    data: FEW,
    learningRate: 10 ** -3.5,
    batchSize,
    epochs: 10,
    ceiling: 0.79 - (norm === "batch" ? 0.25 / batchSize : 0),
    pace: norm === "batch" ? 0.2 + batchSize / 200 : 0.4,
    spread: 0.015,
  }));
  const wide = ["batch", "layer", "group"].flatMap((norm) =>
    [2, 4, 8, 16, 32, 64, 128, 256].map((batchSize): TrialChoices => ({
      suite: "batch-size",
      arm: `wide/${norm}/${batchSize}`,
      model: { ...COURSE_NET, norm },
      optimizer: "momentum",
      learningRate: 0.01 * batchSize / 32,
      data: FEW,
      batchSize,
      epochs: 4,
      ceiling: norm === "batch" ? 0.79 - 0.4 / batchSize ** 1.4 : 0.775,
      pace: 0.9 / (1 + batchSize / 200),
    }))
  );
  return [...small, ...wide];
}

function weightScale(): TrialChoices[] {
  return ["none", "batch"].flatMap((norm) =>
    Array.from({ length: 20 }, (_, index): TrialChoices => {
      const scale = 10 ** (-4 + 4 * index / 19);
      // A bump around 0.1 without norm, a wide plateau with batch norm.
      const fit = norm === "none"
        ? Math.exp(-(((Math.log10(scale) + 0.9) / 0.45) ** 2))
        : 1 / (1 + 10 ** (-2 * (Math.log10(scale) + 3.2))) - 0.25 * scale;
      return {
        suite: "weight-scale",
        arm: `${norm}/${scale.toPrecision(3)}`,
        model: { ...COURSE_NET, norm, hidden: Array(7).fill(50), weightScale: scale },
        data: FEW,
        batchSize: 50,
        epochs: 10,
        ceiling: 0.1 + 0.68 * fit,
        pace: 0.4,
        spread: 0.015,
        ...(norm === "none" && scale > 0.7 ? { diverges: 2 } : {}),
      };
    })
  );
}

function learningRate(): TrialChoices[] {
  return ["relu", "sigmoid"].flatMap((activation) =>
    ["none", "batch"].flatMap((norm) =>
      [1, 5, 30].map((factor): TrialChoices => ({
        suite: "learning-rate",
        arm: `${activation}/${norm}/x${factor}`,
        model: { norm, activation },
        optimizer: "momentum",
        learningRate: 0.01 * factor,
        ceiling: (norm === "batch" ? 0.86 : 0.84) - (activation === "sigmoid" ? 0.03 : 0),
        pace: (norm === "batch" ? 0.6 : activation === "sigmoid" ? 0.06 : 0.3) * factor ** 0.3,
        ...(norm === "none" && factor === 30 && activation === "relu" ? { diverges: 3 } : {}),
      }))
    )
  );
}
