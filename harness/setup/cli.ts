/**
 * The command line of `deno task setup`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { ExitStatus, exitStatus } from "../run/exit_status.ts";
import { realContext } from "./context.ts";
import { type Device, install, type SetupRequest, type Source, SOURCES } from "./install.ts";
import { type Manifest, tensorflowDir } from "../backend/tensorflow/manifest.ts";

const HELP = `Sets up the native TensorFlow backend in the cache of this user.

Usage: deno task setup [options]

  --cpu, --gpu         device to set up for; default: GPU where an NVIDIA driver answers
  --from pip|stock     libraries of TensorFlow's wheels, or the package's own older ones;
                       default: pip, else stock
  --tensorflow PATH    a libtensorflow, or site-packages/tensorflow, that is there already
  --python PATH        the Python whose pip is used; default: python3, else python
  --threads N          threads in and between operations; default: TensorFlow's choice
  --log-level 0..3     what TensorFlow prints: everything, warnings, errors, fatal errors; default 2
  --no-memory-growth   take all GPU memory at once
  --help               this text

A variable of TensorFlow that is set when a task runs (TF_NUM_INTRAOP_THREADS,
TF_NUM_INTEROP_THREADS, TF_CPP_MIN_LOG_LEVEL, TF_FORCE_GPU_ALLOW_GROWTH) wins over these.`;

/** Runs `deno task setup` with the given arguments. */
export async function runSetup(args: readonly string[]): Promise<ExitStatus> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  const signals: readonly Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, interrupt);
  try {
    const request = parseRequest(args);
    if (request === "help") console.log(HELP);
    else report(await install(request, tensorflowDir(), realContext(interrupted.signal)));
    return ExitStatus.ok;
  } catch (error) {
    if (interrupted.signal.aborted) {
      console.error("Interrupted; what was half done is removed. Run it again to go on.");
      return ExitStatus.failed;
    }
    console.error(`error: ${(error as Error).message}`);
    if (error instanceof MissingError) console.error(`remedy: ${error.remedy}`);
    return exitStatus(error);
  } finally {
    for (const signal of signals) Deno.removeSignalListener(signal, interrupt);
  }
}

/**
 * Reads the command line.
 *
 * @throws {UsageError} Where an option is unknown, contradicts another, or has no sensible value.
 */
export function parseRequest(args: readonly string[]): SetupRequest | "help" {
  const options = parseArgs([...args], {
    boolean: ["cpu", "gpu", "memory-growth", "help"],
    string: ["from", "tensorflow", "python", "threads", "log-level"],
    negatable: ["memory-growth"],
    default: { "memory-growth": true, "log-level": "2" },
    unknown: (arg) => {
      throw new UsageError(`setup has no option or argument ${arg}; see deno task setup --help`);
    },
  });
  if (options.help) return "help";
  if (options.cpu && options.gpu) throw new UsageError("--cpu and --gpu exclude each other");
  if (options.from !== undefined && options.tensorflow !== undefined) {
    throw new UsageError("--from and --tensorflow exclude each other");
  }
  const device: Device | undefined = options.gpu ? "gpu" : options.cpu ? "cpu" : undefined;
  return {
    device,
    source: parseSource(options.from),
    tensorflow: requireValue("tensorflow", options.tensorflow),
    python: requireValue("python", options.python),
    runtime: {
      threads: options.threads === undefined
        ? null
        : parseWhole("threads", options.threads, 1, 4096),
      logLevel: parseWhole("log-level", options["log-level"], 0, 3),
      memoryGrowth: options["memory-growth"],
    },
  };
}

function parseSource(text: string | undefined): Source | undefined {
  const source = SOURCES.find((source) => source === text);
  if (text === undefined || source !== undefined) return source;
  throw new UsageError(`--from takes ${SOURCES.join(" or ")}, not "${text}"`);
}

function requireValue(option: string, text: string | undefined): string | undefined {
  if (text !== "") return text;
  throw new UsageError(`--${option} takes a path`);
}

function parseWhole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text !== "" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(
    `--${option} takes a whole number from ${least} to ${most}, not "${text}"`,
  );
}

function report(manifest: Manifest): void {
  console.log(
    `The tensorflow backend is ready: ${manifest.origin}, for ${manifest.gpu ? "GPU" : "CPU"}.\n` +
      "deno task doctor shows what it runs on.",
  );
}
