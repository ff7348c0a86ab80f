/**
 * The options of the parity task.
 *
 * @module
 */
import { KERNELS } from "../../fixtures/cases/kernels.ts";
import type { Preset } from "../../fixtures/parity_cases.ts";
import { NORMS } from "../../norms/registry.ts";
import { oneOf, readArguments, someOf, wholeNumber } from "../run/task_options.ts";

/** What the user asked for. */
export interface ParityTaskOptions {
  readonly norms: readonly string[];
  readonly backend: string;
  /** Parts of case ids; a case runs if its id holds one of them. Empty: every case. */
  readonly cases: readonly string[];
  readonly seed: number;
  readonly preset: Preset;
  /** Where the records and the report go; undefined chooses a new folder. */
  readonly out: string | undefined;
  readonly resume: boolean;
  readonly json: boolean;
  readonly dataDir: string | undefined;
}

/** What `--norm` takes: the norms, and the kernels of the wasm backend. */
const NAMES: readonly string[] = [...NORMS.map(({ name }) => name), KERNELS];

const PRESETS = ["quick", "full"] as const satisfies readonly Preset[];

/** What `--help` prints. */
export const HELP = `Hold every norm against tf.layers and a float64 oracle, forward and gradient.

Usage: deno task parity [options]

  --norm NAMES     ${NAMES.join(", ")} (default: all),
                   several with commas; ${KERNELS} holds the repaired kernels of wasm against the stock ones
  --backend NAMES  auto, all, or some of cpu, wasm, wasm-stock, webgpu, tensorflow (default: all)
  --case TEXTS     only cases whose id contains one of these texts, as in layer/axis or museum
  --seed N         a whole number that every random input follows from (default: 0)
  --preset NAME    quick or full (default: quick)
  --out DIR        where records.jsonl, report.md and report.html go (default: a new folder in results/)
  --resume         go on with the run in --out DIR that was interrupted
  --data-dir DIR   where Fashion-MNIST is (default: NORMBENCH_DATA, the cache, then a download)
  --json           print the records, one JSON object a line, in place of the table
  --help           this text

Leaves with 0 if every custom norm is right, 1 if one is wrong, 2 for a wrong call, 3 if something is missing.`;

/**
 * Reads the command line; undefined if help was asked for.
 *
 * @throws {UsageError} for an unknown option, norm or preset, or a seed that is no whole number.
 */
export function parseOptions(args: string[]): ParityTaskOptions | undefined {
  const given = readArguments(args, {
    task: "parity",
    values: ["backend", "seed", "preset", "data-dir"],
    lists: ["norm", "case"],
  });
  if (given === undefined) return undefined;
  return {
    norms: someOf(NAMES, "norm", given.norm),
    backend: given.backend ?? "all",
    cases: given.case,
    seed: wholeNumber("seed", given.seed ?? "0", 0),
    preset: oneOf(PRESETS, "preset", given.preset ?? "quick"),
    out: given.out,
    resume: given.resume,
    json: given.json,
    dataDir: given["data-dir"],
  };
}
