/**
 * What a task is, and how one is run: arguments, errors, exit status, interruption.
 *
 * | exit status | meaning |
 * |---|---|
 * | 0 | everything is fine |
 * | 1 | a norm is wrong, a figure differs, or something became slower |
 * | 2 | bad usage |
 * | 3 | a backend or a data set is missing |
 * | 130 | interrupted |
 *
 * @module
 */
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { plainText } from "../../reports/format.ts";
import { type CommandLine, helpOf, type Options, readCommandLine, type Syntax } from "./options.ts";

/** How a task ends. */
export const ExitStatus = { ok: 0, failed: 1, usage: 2, missing: 3 } as const;

/** One of the values of {@linkcode ExitStatus}. */
export type ExitStatus = typeof ExitStatus[keyof typeof ExitStatus];

/** What shells expect of a program that Ctrl-C ended: 128 and the number of the signal. */
const INTERRUPTED = 130;

/** A task: `deno task NAME`. */
export interface Task<O extends Options = Options> extends Syntax<O> {
  /** Does its work; an error that it throws decides the exit status. */
  run(
    options: CommandLine<O>["options"],
    operands: CommandLine<O>["operands"],
  ): Promise<ExitStatus>;
}

/** Declares a task, whose options type what `run` is given. */
export function defineTask<const O extends Options>(task: Task<O>): Task<O> {
  return task;
}

/** Runs a task on the arguments of this process, and ends the process. */
export async function main<O extends Options>(task: Task<O>): Promise<never> {
  Deno.exit(await runTask(task, Deno.args));
}

/** Runs a task on its arguments; an error that it throws is printed, and decides the status. */
export async function runTask<O extends Options>(
  task: Task<O>,
  args: readonly string[],
): Promise<ExitStatus> {
  try {
    const given = readCommandLine(task, args);
    if (given !== undefined) return await task.run(given.options, given.operands);
    console.log(helpOf(task));
    return ExitStatus.ok;
  } catch (error) {
    // Errors quote files, and files hold anything.
    console.error(plainText(describeError(error)));
    return exitStatus(error);
  }
}

/** The exit status when `error` ends a task. */
export function exitStatus(error: unknown): ExitStatus {
  if (error instanceof MissingError) return ExitStatus.missing;
  if (error instanceof UsageError || error instanceof RangeError || error instanceof TypeError) {
    return ExitStatus.usage;
  }
  return ExitStatus.failed;
}

/** What the user needs: of an error that was foreseen its remedy, of any other where it arose. */
function describeError(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  if (error instanceof MissingError) return `${error.message}\nRemedy: ${error.remedy}`;
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** Does work that Ctrl-C ends, with a word on where its records are and how to continue. */
export async function stoppable(
  folder: string,
  resume: string,
  work: () => Promise<void>,
): Promise<void> {
  const interrupt = () => {
    console.error(`\nInterrupted. The records are in ${folder}; add ${resume} to continue.`);
    Deno.exit(INTERRUPTED);
  };
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    await work();
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}
