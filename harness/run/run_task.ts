/**
 * The last line of defence of every task: an error becomes words and an exit status.
 *
 * @module
 */
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { plainText } from "../../reports/format.ts";
import { type ExitStatus, exitStatus } from "./exit_status.ts";

/** Runs a task on its arguments; an error that it throws is printed, and decides the status. */
export async function runTask(
  task: (args: string[]) => Promise<ExitStatus>,
  args: string[],
): Promise<ExitStatus> {
  try {
    return await task(args);
  } catch (error) {
    // Errors quote files, and files hold anything.
    console.error(plainText(describeError(error)));
    return exitStatus(error);
  }
}

/** What the user needs: of an error that was foreseen its remedy, of any other where it arose. */
export function describeError(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  if (error instanceof MissingError) return `${error.message}\nRemedy: ${error.remedy}`;
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
