/**
 * The options of the training task.
 *
 * @module
 */
import { DATASET_NAMES } from "../data/image_dataset.ts";
import { oneOf, readArguments, someOf, wholeNumber } from "../run/task_options.ts";
import { parseShard, type Shard } from "./shard.ts";
import { SUITES } from "./questions/registry.ts";
import { PRESETS, type Suite } from "./questions/suite.ts";
import type { TrialChoice } from "./trials.ts";

/** Data sets by the names of `--dataset`. */
export const DATASETS = ["auto", ...DATASET_NAMES] as const;

/** One of {@linkcode DATASETS}. */
export type DatasetChoice = typeof DATASETS[number];

/** What the user asked for. */
export interface TrainTaskOptions extends TrialChoice {
  readonly dataset: DatasetChoice;
  readonly dataDir: string | undefined;
  readonly backend: string;
  /** The part of the trials that this process runs; undefined: all. */
  readonly shard: Shard | undefined;
  /** Where the records and the report go; undefined chooses a new folder. */
  readonly out: string | undefined;
  readonly resume: boolean;
  readonly json: boolean;
}

/** Norms that an arm of some suite has. */
const NORMS: readonly string[] = [
  ...new Set(SUITES.flatMap((suite) => suite.plan("full").arms.map(({ model }) => model.norm))),
];

/** What `--help` prints. */
export const HELP =
  `Train networks with and without normalization, and compare them over several trials.

Usage: deno task train [options]

  --suite NAMES     all, or some of ${names(SUITES)}
                    (default: all), several with commas
  --preset NAME     quick, standard or full (default: quick)
  --dataset NAME    ${DATASETS.join(", ")} (default: auto, which is
                    Fashion-MNIST, or synthetic where that is not to be had)
  --data-dir DIR    where the data are (default: NORMBENCH_DATA, the cache, then a download)
  --backend NAME    auto, cpu, wasm, webgpu or tensorflow (default: auto, the fastest)
  --norm NAMES      only arms with one of ${NORMS.join(", ")},
                    and those without a norm; several with commas
  --seed N          a whole number that every trial follows from (default: 0)
  --trials N        trials of each arm, in place of the preset's
  --epochs N        epochs of each trial, in place of the preset's
  --batch-size N    images in a batch, in place of the suite's
  --shard I/N       run the I-th of N parts of the trials; auto takes it from a SLURM array, auto/N from
                    an indexed job of Kubernetes; deno task report DIRS merges the parts
  --out DIR         where records.jsonl, report.md and report.html go (default: a new folder in results/);
                    a shard goes into a folder of its own in it
  --resume          go on with the run in --out DIR that was interrupted; a shard that has not begun begins
  --json            print the records, one JSON object a line, in place of the summary
  --help            this text

Leaves with 0 if all trials ran, diverged ones too; 2 for a wrong call; 3 if something is missing, such
as the data that a synthetic set stands in for, or room on the disk.`;

function names(suites: readonly Suite[]): string {
  return suites.map(({ name }) => name).join(", ");
}

/**
 * Reads the command line; undefined if help was asked for.
 *
 * @param env Reads the variables of a scheduler.
 * @throws {UsageError} for an unknown option or name, a number out of range, or a shard that is none.
 */
export function parseOptions(
  args: string[],
  env: (name: string) => string | undefined = Deno.env.get,
): TrainTaskOptions | undefined {
  const given = readArguments(args, {
    task: "training",
    values: [
      ...["preset", "dataset", "data-dir", "backend", "seed"] as const,
      ...["trials", "epochs", "batch-size", "shard"] as const,
    ],
    lists: ["suite", "norm"],
  });
  if (given === undefined) return undefined;
  return {
    suites: parseSuites(given.suite),
    preset: oneOf(PRESETS, "preset", given.preset ?? "quick"),
    dataset: oneOf(DATASETS, "data set", given.dataset ?? "auto"),
    dataDir: given["data-dir"],
    backend: given.backend ?? "auto",
    norms: given.norm.map((name) => oneOf(NORMS, "norm", name)),
    seed: wholeNumber("seed", given.seed ?? "0", 0),
    ...optional("trials", given.trials),
    ...optional("epochs", given.epochs),
    ...optional("batchSize", given["batch-size"]),
    shard: given.shard === undefined ? undefined : parseShard(given.shard, env),
    out: given.out,
    resume: given.resume,
    json: given.json,
  };
}

function parseSuites(chosen: readonly string[]): readonly Suite[] {
  const known = ["all", ...SUITES.map(({ name }) => name)];
  const names = someOf(known, "suite", chosen);
  return names.includes("all") ? SUITES : SUITES.filter(({ name }) => names.includes(name));
}

/** An option that replaces something of the preset's; how it is spelled on the command line. */
const REPLACEMENTS = { trials: "trials", epochs: "epochs", batchSize: "batch-size" } as const;

function optional(
  name: keyof typeof REPLACEMENTS,
  text: string | undefined,
): { [key in typeof name]?: number } {
  return text === undefined ? {} : { [name]: wholeNumber(REPLACEMENTS[name], text, 1) };
}
