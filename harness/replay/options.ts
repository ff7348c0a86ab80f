/**
 * The options of the replay task.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { NOTEBOOK, NOTEBOOK_EXPERIMENTS } from "../../records/replay_record.ts";
import { UsageError } from "../../system/exit_status.ts";

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

/** Options that take a value. */
const VALUED = ["backend", "experiment", "seeds", "epochs", "out", "data-dir"] as const;

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
  const given = parseArgs(args, {
    boolean: ["help", "json", "resume"],
    string: VALUED,
    collect: ["experiment"],
    alias: { help: "h" },
    unknown: (argument) => {
      // An empty value is reported below, with the option that it belongs to.
      if (argument === "") return;
      throw new UsageError(`${argument} is not an option of the replay task. See --help.`);
    },
  });
  if (given.help) return undefined;
  const empty = VALUED.find((name) => [given[name]].flat().includes(""));
  if (empty !== undefined) throw new UsageError(`--${empty} needs a value. See --help.`);
  if (given.resume && given.out === undefined) {
    throw new UsageError("--resume needs --out DIR, the folder of the run to go on with.");
  }
  return {
    backend: given.backend ?? "auto",
    experiments: parseExperiments(given.experiment),
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

function parseExperiments(values: readonly string[]): string[] {
  const names = values.flatMap((value) => value.split(",")).map((name) =>
    name.trim().toUpperCase()
  );
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`There is no experiment "${unknown}". Choose among ${NAMES.join(", ")}.`);
  }
  return NAMES.filter((name) => names.length === 0 || names.includes(name));
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`--${name} ${text} is not a whole number from ${least} to ${most}.`);
}
