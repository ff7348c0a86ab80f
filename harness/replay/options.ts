/**
 * The options of the replay task.
 *
 * @module
 */
import { NOTEBOOK, NOTEBOOK_EXPERIMENTS } from "./record.ts";
import { readArguments, someOf, wholeNumber } from "../run/task_options.ts";

/** What the user asked for. */
export interface ReplayTaskOptions {
  readonly backend: string;
  /** Names of experiments, `N1` …; in their order, each once. */
  readonly experiments: readonly string[];
  /** Further seeds of the training experiment. */
  readonly seeds: number;
  /** Epochs of each training run; undefined: what suits the backend. */
  readonly epochs: number | undefined;
  /** Where the records and the report go; undefined chooses a new folder. */
  readonly out: string | undefined;
  readonly resume: boolean;
  readonly json: boolean;
  readonly dataDir: string | undefined;
}

const NAMES = Object.keys(NOTEBOOK_EXPERIMENTS);

function describeExperiments(): string {
  const lines = Object.entries(NOTEBOOK_EXPERIMENTS).map(([name, title]) =>
    `                        ${name.padEnd(4)} ${title}`
  );
  return lines.join("\n");
}

/** What `--help` prints. */
export const HELP =
  `Replay a Python notebook on batch normalization from its seed, and hold every printed figure
against what comes out here.

Usage: deno task replay [options]

  --backend NAMES     auto, all, or some of cpu, wasm, wasm-stock, webgpu, tensorflow (default: auto, the
                      fastest); float64 is always there
  --experiment NAMES  some of these, several with commas (default: all):
${describeExperiments()}
  --seeds N           train with N further seeds, for the spread of the accuracies; the published one is
                      over 14 runs (default: 0)
  --epochs N          epochs of each training run, up to ${NOTEBOOK.epochs} (default: ${NOTEBOOK.epochs}; 3 on cpu and software GPUs)
  --out DIR           where records.jsonl, report.md and report.html go (default: a new folder in results/)
  --resume            go on with the run in --out DIR that was interrupted
  --data-dir DIR      where CIFAR-10 is (default: NORMBENCH_DATA, the cache, then a download)
  --json              print the records, one JSON object a line, in place of the table
  --help              this text

Leaves with 0 if every figure is reproduced as far as can be expected, 1 if one differs, 2 for a wrong call,
3 if something is missing.`;

/**
 * Reads the command line; undefined if help was asked for.
 *
 * @throws {UsageError} for an unknown option or experiment, or a number out of range.
 */
export function parseOptions(args: string[]): ReplayTaskOptions | undefined {
  const given = readArguments(args, {
    task: "replay",
    values: ["backend", "seeds", "epochs", "data-dir"],
    lists: ["experiment"],
  });
  if (given === undefined) return undefined;
  return {
    backend: given.backend ?? "auto",
    experiments: someOf(NAMES, "experiment", given.experiment.map((name) => name.toUpperCase())),
    seeds: wholeNumber("seeds", given.seeds ?? "0", 0, 1000),
    epochs: given.epochs === undefined
      ? undefined
      : wholeNumber("epochs", given.epochs, 1, NOTEBOOK.epochs),
    out: given.out,
    resume: given.resume,
    json: given.json,
    dataDir: given["data-dir"],
  };
}
