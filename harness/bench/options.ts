/**
 * The options of the bench task.
 *
 * @module
 */
import { NORMS } from "../../norms/registry.ts";
import type { Shape } from "../../norms/basics/shape.ts";
import { oneOf, readArguments, someOf, wholeNumber } from "../run/task_options.ts";
import { checkBaselineName } from "./baseline.ts";
import { type PeerName, PEERS } from "./peer.ts";
import { type BenchPreset, parseShape } from "./shapes.ts";

/** What the user asked for. */
export interface BenchTaskOptions {
  readonly norms: readonly string[];
  readonly backend: string;
  /** The user's own; empty: those of the preset. */
  readonly shapes: readonly Shape[];
  readonly preset: BenchPreset;
  readonly seed: number;
  readonly saveBaseline: string | undefined;
  readonly compare: string | undefined;
  /** Whether to compare with a baseline of another machine. */
  readonly force: boolean;
  readonly peers: readonly PeerName[];
  readonly python: string;
  readonly out: string | undefined;
  readonly resume: boolean;
  readonly json: boolean;
}

const NAMES: readonly string[] = NORMS.map(({ name }) => name);

const PRESETS = ["quick", "full"] as const satisfies readonly BenchPreset[];

/** What `--help` prints. */
export const HELP = `Time every norm beside tf.layers, forward, backward and in a training step.

Usage: deno task bench [options]

  --norm NAMES          ${NAMES.join(", ")} (default: all),
                        several with commas
  --backend NAMES       auto, all, or some of cpu, wasm, wasm-stock, webgpu, tensorflow (default: auto)
  --shape SHAPES        your own in place of those of the preset, as in 64x256,32x28x28x16; no training steps
  --preset NAME         quick or full (default: quick)
  --seed N              a whole number that inputs and the order of samples follow from (default: 0)
  --save-baseline NAME  measure twice, and keep the run under this name if both passes agree
  --compare NAME        say what is slower than in that baseline; leaves with 1 if something is
  --force               compare even if the baseline comes from another device, backend or version
  --peers NAMES         ${PEERS.join(", ")}: time the same in another framework
  --python PATH         the Python that has it (default: python3)
  --out DIR             where records.jsonl, report.md and report.html go (default: a new folder in results/)
  --resume              go on with the run in --out DIR that was interrupted
  --json                print the records, one JSON object a line, in place of tables and plots
  --help                this text

Leaves with 0 if all is well, 1 if something is slower than the baseline or passes disagree, 2 for a
wrong call, 3 if something is missing.`;

/**
 * Reads the command line; undefined if help was asked for.
 *
 * @throws {UsageError} for an unknown option, norm, shape, preset or peer, or a seed that is no whole number.
 */
export function parseOptions(args: string[]): BenchTaskOptions | undefined {
  const given = readArguments(args, {
    task: "bench",
    values: ["backend", "seed", "preset", "save-baseline", "compare", "python"],
    lists: ["norm", "shape", "peers"],
    flags: ["force"],
  });
  if (given === undefined) return undefined;
  for (const name of [given["save-baseline"], given.compare]) {
    if (name !== undefined) checkBaselineName(name);
  }
  return {
    norms: someOf(NAMES, "norm", given.norm),
    backend: given.backend ?? "auto",
    shapes: given.shape.map(parseShape),
    preset: oneOf(PRESETS, "preset", given.preset ?? "quick"),
    seed: wholeNumber("seed", given.seed ?? "0", 0),
    saveBaseline: given["save-baseline"],
    compare: given.compare,
    force: given.force,
    peers: parsePeers(given.peers),
    python: given.python ?? "python3",
    out: given.out,
    resume: given.resume,
    json: given.json,
  };
}

/** Those that were named; unlike norms, none where none was. */
function parsePeers(names: readonly string[]): PeerName[] {
  // Keras runs on TensorFlow here.
  const meant = names.map((name) => name === "tensorflow" ? "keras" : oneOf(PEERS, "peer", name));
  return PEERS.filter((peer) => meant.includes(peer));
}
