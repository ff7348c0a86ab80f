/** Records of training for tests: the reference run, and trials built for what a test is about. */
import { join } from "node:path";
import { type HeaderRecord, type MissingRecord, SCHEMA } from "../../run/record.ts";
import { MLP } from "../../../models/networks.ts";
import { readRecords } from "../../run/run_folder.ts";
import { LANDSCAPE } from "../mechanisms/landscape.ts";
import { questionOf } from "../questions/registry.ts";
import {
  type EpochRecord,
  type ObservationRecord,
  TRAIN_KINDS,
  type TrainRunRecord,
  type TrialDescription,
  type TrialRecord,
} from "../record.ts";
import { modelTraining } from "./model.ts";
import type { Panel } from "./panel.ts";

/** What a test says of a trial; the rest is ordinary. */
export interface TrialChoices {
  readonly suite?: string;
  readonly arm?: string;
  readonly number?: number;
  readonly model?: Partial<TrialDescription["model"]>;
  readonly optimizer?: string;
  readonly learningRate?: number;
  readonly data?: Partial<TrialDescription["data"]>;
  readonly batchSize?: number;
  readonly epochs?: number;
  /** The accuracy that training approaches. */
  readonly ceiling?: number;
  /** How far apart trials end. */
  readonly spread?: number;
  readonly imagesPerSecond?: number;
  /** The epoch in which the loss becomes NaN. */
  readonly diverges?: number;
}

export function referenceRun(): TrainRunRecord[] {
  return readRecords(join(import.meta.dirname!, "../../../reports/reference/train"), TRAIN_KINDS);
}

export function trainHeader(cpu = "Test processor"): HeaderRecord {
  return {
    kind: "header",
    schema: SCHEMA,
    task: "train",
    environment: {
      normbench: "0.1.0",
      commit: null,
      versions: { deno: "2.9.6", tfjs: "4.22.0" },
      platform: "linux x86_64",
      cpu,
      cores: 2,
    },
    backends: [{ name: "tensorflow", version: "2.21.0", device: "CPU", notes: [] }],
    options: { preset: "standard", seed: 1, backends: ["tensorflow"] },
  };
}

export function missingData(): MissingRecord {
  return {
    kind: "missing",
    schema: SCHEMA,
    what: "data",
    name: "fashion-mnist",
    reason: "not in the data folders, and the download failed",
    remedy: "set NORMBENCH_DATA to a folder that holds it",
  };
}

export function trialRecords(choices: TrialChoices = {}): (EpochRecord | TrialRecord)[] {
  const trial = describe(choices);
  const { ceiling = 0.86, spread = 0.006, imagesPerSecond = 4000, diverges } = choices;
  const common = { schema: SCHEMA, backend: "tensorflow", imagesPerSecond } as const;
  // Trials of one number have the same seed, so that a part of their luck is the same.
  const luck = spread * (0.7 * wobble(`seed ${trial.number}`) + 0.5 * wobble(trial.id));
  const epochs = Array.from({ length: diverges ?? trial.epochs }, (_, index): EpochRecord => {
    const epoch = index + 1;
    const accuracy = 0.1 + (ceiling + luck - 0.1) * (1 - 0.6 ** epoch);
    const score = epoch === diverges
      ? { accuracy: 0.1, loss: NaN }
      : { accuracy, loss: 2.3 * (1 - accuracy) };
    return { kind: "epoch", ...common, trial: trial.id, epoch, train: score, validation: score };
  });
  const last = epochs.at(-1)!;
  return [...epochs, {
    kind: "trial",
    ...common,
    trial,
    outcome: diverges === undefined ? "finished" : "diverged",
    lastEpoch: epochs.length,
    test: diverges === undefined ? last.validation : { loss: NaN, accuracy: NaN },
    finalLoss: last.train.loss,
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
    model: { ...MLP, norm: "batch", hidden: [256, 128], ...choices.model },
    optimizer: { name: optimizer, learningRate },
    data: { name: "fashion-mnist", train: 12_000, validation: 2000, test: 10_000, ...choices.data },
    batchSize,
    epochs,
  };
}

function wobble(text: string): number {
  let hash = 7;
  for (const character of text) hash = (hash * 31 + character.charCodeAt(0)) % 99_991;
  return Math.sin(hash);
}

/** Trials 0, 1, 2 ... of an arm. */
export function armRecords(choices: TrialChoices, count = 3): TrainRunRecord[] {
  return Array.from({ length: count }, (_, number) => trialRecords({ ...choices, number })).flat();
}

/** The first panel of a run of these records. */
export function panelOf(...records: TrainRunRecord[]): Panel {
  return modelTraining([trainHeader(), ...records], questionOf).suites[0]!.panels[0]!;
}

/** What a trial of the landscape has measured: the same value of everything. */
export function observation(arm: string, number: number, value: number): ObservationRecord {
  const y = [value, value * 1.1];
  const names = ["lossRange", "gradientChange", "smoothness", "loss"];
  return {
    kind: "observation",
    schema: SCHEMA,
    backend: "tensorflow",
    mechanism: "landscape",
    arm,
    number,
    seed: number,
    data: "fashion-mnist",
    settings: { ...LANDSCAPE.settings("quick") },
    values: Object.fromEntries(names.map((name) => [name, value])),
    series: Object.fromEntries(names.map((name) => [name, { x: [0, 10], y }])),
  };
}
