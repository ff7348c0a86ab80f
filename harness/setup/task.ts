/**
 * The setup task: brings up the native TensorFlow backend.
 *
 * @module
 */
import { UsageError } from "../../norms/basics/errors.ts";
import { flag, type Given, parsed, text, wholeNumber } from "../run/options.ts";
import { defineTask, ExitStatus, onSignal, STATUS_AFTER } from "../run/task.ts";
import { realContext } from "./context.ts";
import { install, type SetupRequest, type Source, SOURCES } from "./install.ts";
import { tensorflowDir } from "../backend/tensorflow/manifest.ts";

const OPTIONS = {
  cpu: flag("set up for the CPU"),
  gpu: flag("set up for an NVIDIA GPU; if neither is given, for it where its driver answers"),
  from: parsed(
    SOURCES.join("|"),
    "libraries of TensorFlow's wheels, or the package's own older ones; if left out, pip, else stock",
    parseSource,
  ),
  tensorflow: text("PATH", "a libtensorflow, or site-packages/tensorflow, that is there already"),
  python: text("PATH", "the Python whose pip is used; if left out, python3, else python"),
  threads: wholeNumber("threads in and between operations; if left out, TensorFlow's choice", {
    least: 1,
    most: 4096,
  }),
  logLevel: wholeNumber(
    "what TensorFlow prints: 0 everything, 1 warnings, 2 errors, 3 fatal errors",
    { least: 0, most: 3, fallback: 2 },
  ),
  noMemoryGrowth: flag("take all GPU memory at once"),
} as const;

/** `deno task setup`. */
export const SETUP_TASK = defineTask({
  name: "setup",
  about: "Set up the native TensorFlow backend in the cache of this user.",
  options: OPTIONS,
  check: checkOptions,
  notes: "A variable of TensorFlow that is set when a task runs (TF_NUM_INTRAOP_THREADS, " +
    "TF_NUM_INTEROP_THREADS, TF_CPP_MIN_LOG_LEVEL, TF_FORCE_GPU_ALLOW_GROWTH) overrides these.\n\n" +
    "Exit status: 0 if the backend works, 2 for bad usage, 3 if something is missing, such as a " +
    "download or space on the disk, 130 or 143 if it was interrupted.",
  async run(options) {
    const interrupted = new AbortController();
    let status: ExitStatus = ExitStatus.ok;
    using _signals = onSignal((signal) => {
      status = STATUS_AFTER[signal];
      interrupted.abort();
    });
    try {
      const context = realContext(interrupted.signal);
      const { origin, gpu } = await install(requestOf(options), tensorflowDir(), context);
      console.log(
        `The tensorflow backend is ready: ${origin}, for ${gpu ? "GPU" : "CPU"}.\n` +
          "deno task doctor shows what it runs on.",
      );
      return ExitStatus.ok;
    } catch (error) {
      if (!interrupted.signal.aborted) throw error;
      console.error("Interrupted; unfinished work is removed. Run it again to continue.");
      return status;
    }
  },
});

function checkOptions({ cpu, gpu, from, tensorflow }: Given<typeof OPTIONS>): void {
  if (cpu && gpu) throw new UsageError("--cpu and --gpu exclude each other.");
  if (from !== undefined && tensorflow !== undefined) {
    throw new UsageError("--from and --tensorflow exclude each other.");
  }
}

export function requestOf(options: Given<typeof OPTIONS>): SetupRequest {
  const { cpu, gpu, from, tensorflow, python, threads, logLevel, noMemoryGrowth } = options;
  return {
    device: gpu ? "gpu" : cpu ? "cpu" : undefined,
    source: from,
    tensorflow,
    python,
    runtime: { threads: threads ?? null, logLevel, memoryGrowth: !noMemoryGrowth },
  };
}

function parseSource(value: string): Source {
  const source = SOURCES.find((source) => source === value);
  if (source !== undefined) return source;
  throw new UsageError(`--from takes ${SOURCES.join(" or ")}, not ${value}.`);
}
