/**
 * Tasks and how they run: arguments, errors, exit status, interruption.
 *
 * | exit status | meaning |
 * |---|---|
 * | 0 | everything is fine |
 * | 1 | a norm is wrong, a replayed value differs, or something became slower |
 * | 2 | bad usage |
 * | 3 | a backend or a data set is missing |
 * | 130, 143 | interrupted by Ctrl-C, by SIGTERM |
 *
 * @module
 */
import { join } from "node:path";
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { plainText } from "../../reports/format.ts";
import { writingTo } from "./disk.ts";
import { clearProgress } from "./progress.ts";
import {
  type CommandLine,
  type Given,
  helpOf,
  type Options,
  readCommandLine,
  type Syntax,
} from "./options.ts";
import type { RunFolder } from "./run_folder.ts";

/** Exit statuses of tasks; after a signal, by convention of shells, 128 and its number. */
export const ExitStatus = {
  ok: 0,
  failed: 1,
  usage: 2,
  missing: 3,
  interrupted: 130,
  terminated: 143,
} as const;

/** One of the values of {@linkcode ExitStatus}. */
export type ExitStatus = typeof ExitStatus[keyof typeof ExitStatus];

/** The signals that end a task, and the status after them. */
export const STATUS_AFTER = {
  SIGINT: ExitStatus.interrupted,
  SIGTERM: ExitStatus.terminated,
} as const;

/** A signal that ends a task. */
export type StopSignal = keyof typeof STATUS_AFTER;

/** Milliseconds in which a second signal is taken for the first: `deno task` passes on what a terminal sends to both. */
const SAME_SIGNAL = 500;

/**
 * Calls `stop` on the first signal that ends a task, until the result is disposed of. A second one ends the
 * process at once.
 */
export function onSignal(stop: (signal: StopSignal) => void): Disposable {
  const signals: readonly StopSignal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM"];
  let first: number | undefined;
  const receive = (signal: StopSignal) => {
    if (first === undefined) {
      first = performance.now();
      stop(signal);
    } else if (performance.now() - first > SAME_SIGNAL) Deno.exit(STATUS_AFTER[signal]);
  };
  const listeners = signals.map((signal) => [signal, () => receive(signal)] as const);
  for (const each of listeners) Deno.addSignalListener(...each);
  return {
    [Symbol.dispose]: () => {
      for (const each of listeners) Deno.removeSignalListener(...each);
    },
  };
}

/** A task: `deno task NAME`. */
export interface Task<O extends Options = Options> extends Syntax<O> {
  /** The permissions that it does without under these options; left out, none. */
  readonly unneeded?: (options: Given<O>) => readonly Deno.PermissionDescriptor["name"][];
  /** Runs the task; the type of an error decides the exit status. */
  run(
    options: CommandLine<O>["options"],
    operands: CommandLine<O>["operands"],
  ): Promise<ExitStatus>;
}

/** Declares a task, and infers the types of its options. */
export function defineTask<const O extends Options>(task: Task<O>): Task<O> {
  return task;
}

/** Runs a task with the arguments of this process and no more permissions than these need, then exits. */
export async function main<O extends Options>(task: Task<O>): Promise<never> {
  enterCallersFolder();
  // By default, a file that reaches the limit of `ulimit -f` kills the process; so it is an error.
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGXFSZ", () => {});
  const { unneeded } = task;
  Deno.exit(
    await runTask({
      ...task,
      async run(options, operands) {
        for (const name of unneeded?.(options) ?? []) await Deno.permissions.revoke({ name });
        return await task.run(options, operands);
      },
    }, Deno.args),
  );
}

/** `deno task` starts a task in the folder of deno.json; users name paths relative to their own. */
function enterCallersFolder(): void {
  const root = import.meta.dirname && join(import.meta.dirname, "..", "..");
  const variable = "INIT_CWD";
  if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") return;
  const called = Deno.env.get(variable);
  if (called !== undefined && Deno.cwd() === root) Deno.chdir(called);
}

/**
 * Runs a task with arguments; prints its error.
 *
 * @param command What the help says to begin the command line with.
 */
export async function runTask<O extends Options>(
  task: Task<O>,
  args: readonly string[],
  command?: string,
): Promise<ExitStatus> {
  try {
    const given = readCommandLine(task, args);
    if (given !== undefined) return await task.run(given.options, given.operands);
    console.log(helpOf(task, command));
    return ExitStatus.ok;
  } catch (error) {
    // Errors quote files, which may contain control characters.
    console.error(plainText(describeError(error)));
    return exitStatus(error);
  }
}

/** The exit status after an error. */
export function exitStatus(error: unknown): ExitStatus {
  if (error instanceof MissingError) return ExitStatus.missing;
  if (error instanceof UsageError || error instanceof RangeError || error instanceof TypeError) {
    return ExitStatus.usage;
  }
  return ExitStatus.failed;
}

/** Message and remedy of an expected error, the stack of any other. */
function describeError(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  if (error instanceof MissingError) return `${error.message}\nRemedy: ${error.remedy}`;
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/**
 * Listens for signals in a worker, since a step may block the main thread for seconds. The first signal
 * ends the run after the step; then the default action is restored, so that a second one ends it at once.
 */
const LISTENER = `
  const signals = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  const listeners = signals.map((signal) => [signal, () => receive(signal)]);
  for (const each of listeners) Deno.addSignalListener(...each);
  postMessage("ready");
  let received = false;
  function receive(signal) {
    if (received) return;
    received = true;
    postMessage(signal);
    setTimeout(() => {
      for (const each of listeners) Deno.removeSignalListener(...each);
    }, ${SAME_SIGNAL});
    // Progress hides the cursor, and a second signal would leave it hidden.
    if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode("\\x1b[?25h"));
    const hint = "\\nStopping after this step. Once more stops at once; the records are whole.";
    setTimeout(() => console.error(hint), 1000);
  }
`;

/** Calls `stop` on the first signal that ends a task, once this thread is free. */
async function listenForSignals(stop: (signal: StopSignal) => void): Promise<Disposable> {
  // The worker takes a while to start.
  using _meanwhile = onSignal(stop);
  const address = `data:text/javascript,${encodeURIComponent(LISTENER)}`;
  const listener = new Worker(address, { type: "module" });
  await new Promise((resolve) => listener.onmessage = resolve);
  listener.onmessage = ({ data: signal }: MessageEvent<StopSignal>) => stop(signal);
  return { [Symbol.dispose]: () => listener.terminate() };
}

/**
 * Opens the folder of a run, does the work in it, and closes it: Ctrl-C and SIGTERM end it with a message
 * on how to continue, a full or read-only disk with its remedy.
 *
 * @param open Opens the folder; signals are listened for before that, so that none leaves it locked.
 * @param resume The options that continue the run; default: those of its folder.
 */
export async function recording<
  R extends Pick<RunFolder, "path" | "resumeOptions"> & Disposable,
  T,
>(
  open: () => R,
  work: (run: R) => Promise<T>,
  resume?: string,
): Promise<T> {
  let opened: R | undefined;
  using _signals = await listenForSignals((signal) => {
    clearProgress();
    if (opened !== undefined) {
      const goOn = resume ?? opened.resumeOptions;
      const text = `\nInterrupted. The records are in ${opened.path}; add ${goOn} to continue.\n`;
      // Not by the console, which is caught while a backend starts.
      Deno.stderr.writeSync(new TextEncoder().encode(text));
      opened[Symbol.dispose]();
    }
    Deno.exit(STATUS_AFTER[signal]);
  });
  using run = opened = open();
  return await writingTo(run.path, resume ?? run.resumeOptions, () => work(run));
}
