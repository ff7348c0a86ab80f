import { join } from "node:path";
import type { Engine } from "../../models/compile.ts";
import { backendOption, unneeded } from "../backend/option.ts";
import { DATASET_NAMES, loadImageDataset } from "../data/image_dataset.ts";
import { type DatasetSource, printEvents } from "../data/dataset_source.ts";
import { runHeader } from "../run/environment.ts";
import { type Given, oneOf, parsed, someOf, text, wholeNumber } from "../run/options.ts";
import { missingRecord } from "../run/record.ts";
import { presentRun } from "../run/write_report.ts";
import { checkRunOptions, openRun, resumeOptions, RUN_OPTIONS } from "../run/run_folder.ts";
import { defineTask, ExitStatus, recording, type Task } from "../run/task.ts";
import { PRESETS } from "./questions/question.ts";
import { MECHANISMS } from "./mechanisms/registry.ts";
import { type MechanismChoice, runMechanisms } from "./mechanisms/run_mechanisms.ts";
import { QUESTIONS } from "./questions/registry.ts";
import { TRAIN_KINDS } from "./record.ts";
import { TRAIN_REPORT } from "./report/document.ts";
import { runTrials } from "./run_trials.ts";
import { formatShard, parseShard, shardOf } from "./shard.ts";
import { type NamedImages, takeOneBackend } from "./train.ts";
import { checkFits, MOST_SEED, planTrials, SEED_STRIDE, type TrialChoice } from "./trials.ts";

/** Where the shards of a run go whose folder the user did not name. */
const SHARDS = join("results", "train");

const DATASETS = ["auto", ...DATASET_NAMES] as const;

const ENGINES = ["graph", "xla", "eager"] as const satisfies readonly Engine[];

const NORMS: readonly string[] = [
  ...new Set(QUESTIONS.flatMap(({ plan }) => plan("full").arms.map(({ model }) => model.norm))),
];

const OPTIONS = {
  suite: someOf(
    [...QUESTIONS, ...MECHANISMS].map(({ name }) => name),
    "the questions, and the mechanisms behind norms",
    { questions: QUESTIONS.map(({ name }) => name), why: MECHANISMS.map(({ name }) => name) },
  ),
  preset: oneOf(PRESETS, "how many trials, images and epochs", "quick"),
  dataset: oneOf(
    DATASETS,
    "the images; auto takes Fashion-MNIST, or synthetic where that is not available",
    "auto",
  ),
  dataDir: text(
    "DIR",
    "where the data are; if left out: NORMBENCH_DATA, the cache, then a download",
  ),
  backend: backendOption(),
  norm: someOf(NORMS, "only arms with one of these norms, and those without a norm"),
  seed: wholeNumber("every trial follows from it", { least: 0, most: MOST_SEED, fallback: 0 }),
  trials: wholeNumber("trials of each arm, instead of the preset's", {
    least: 1,
    most: SEED_STRIDE,
  }),
  epochs: wholeNumber("epochs of each trial, instead of the preset's", { least: 1 }),
  batchSize: wholeNumber("images in a batch, instead of the suite's", { least: 1 }),
  shard: parsed(
    "I/N",
    "run part I of N of the trials, in a separate folder in --out DIR; auto reads a SLURM array, " +
      "auto/N an indexed job of Kubernetes; deno task report DIRS merges the parts",
    (value) => parseShard(value, Deno.env.get),
  ),
  steps: oneOf(
    ENGINES,
    "what runs training steps: one graph, with the same figures as eager steps; XLA, for dense " +
      "networks, with other last digits; operation by operation",
    "graph",
  ),
  ...RUN_OPTIONS,
} as const;

export type TrainTaskOptions = Given<typeof OPTIONS>;

export type DatasetChoice = TrainTaskOptions["dataset"];

export interface LoadedImages extends NamedImages {
  /** Why these are not the images that `auto` prefers. */
  readonly notice?: string | undefined;
}

/** Finds images; tests put their own in place. */
export type LoadImages = (name: DatasetChoice, source: DatasetSource) => Promise<LoadedImages>;

export const TRAIN_TASK = trainTask(loadImageDataset);

export function trainTask(load: LoadImages): Task<typeof OPTIONS> {
  return defineTask({
    name: "train",
    about: "Train networks with and without normalization, and compare them over several trials.",
    options: OPTIONS,
    check: checkRunOptions,
    unneeded,
    notes:
      "Exit status: 0 if all trials ran, diverged ones too; 2 for bad usage; 3 if something is " +
      "missing, such as the data that a synthetic set replaces, or space on the disk.",
    run: (options) => runTrain(options, load),
  });
}

async function runTrain(options: TrainTaskOptions, load: LoadImages): Promise<ExitStatus> {
  const { shard, out } = options;
  const status = await takeOneBackend(options.backend);
  const images = await load(options.dataset, {
    onEvent: printEvents(),
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
  });
  const choice = choiceOf(options);
  const all = choice.suites.length === 0 ? [] : planTrials(choice, images);
  for (const trial of all) checkFits(trial, images, status.name);
  const trials = shard === undefined ? all : shardOf(all, shard);
  const header = await runHeader("train", [status], {
    ...choice,
    suites: options.suite,
    dataset: images.name,
    ...(shard === undefined ? {} : { shard: formatShard(shard) }),
    ...(options.steps === "graph" ? {} : { steps: options.steps }),
  });
  const remedy = "name a folder that has it with --data-dir, or ask for --dataset synthetic";
  const absent = images.notice === undefined
    ? []
    : [missingRecord("data", "fashion-mnist", { reason: images.notice, remedy })];
  // Each shard has a folder of its own in the one that the user names.
  const resume = shard === undefined ? undefined : resumeOptions(out ?? SHARDS);
  const open = () => openRun(header, TRAIN_KINDS, folderOf(options), absent);
  return await recording(open, async (run) => {
    await runTrials(trials, images, status.name, run, options.steps);
    await runMechanisms(mechanismsOf(options), images, status.name, run);
    await presentRun(run, TRAIN_REPORT, options.json);
    return run.missing.length > 0 ? ExitStatus.missing : ExitStatus.ok;
  }, resume);
}

function choiceOf(options: TrainTaskOptions): TrialChoice {
  const { suite, preset, norm, seed, trials, epochs, batchSize } = options;
  return {
    suites: QUESTIONS.filter(({ name }) => suite.includes(name)),
    preset,
    norms: norm.length === NORMS.length ? [] : norm,
    seed,
    ...(trials === undefined ? {} : { trials }),
    ...(epochs === undefined ? {} : { epochs }),
    ...(batchSize === undefined ? {} : { batchSize }),
  };
}

function mechanismsOf({ suite, preset, seed, trials, shard }: TrainTaskOptions): MechanismChoice {
  return {
    mechanisms: MECHANISMS.filter(({ name }) => suite.includes(name)),
    preset,
    seed,
    ...(trials === undefined ? {} : { trials }),
    ...(shard === undefined ? {} : { shard }),
  };
}

/** A shard has a separate folder, so that all may be given the same command. */
function folderOf({ out, resume, shard }: TrainTaskOptions) {
  if (shard === undefined) return { out, resume };
  return { out: join(out ?? SHARDS, `shard-${shard.number}-of-${shard.count}`), resume };
}
