/**
 * The exit statuses of every task, and the errors that lead to them.
 *
 * | status | meaning |
 * |---|---|
 * | 0 | all is well |
 * | 1 | a parity failure or a regression |
 * | 2 | the task was called wrongly |
 * | 3 | something the task needs is missing: a backend, a data set |
 *
 * @module
 */
import { MissingError, UsageError } from "../../norms/basics/errors.ts";

/** What a task leaves with. */
export const ExitStatus = { ok: 0, failed: 1, usage: 2, missing: 3 } as const;

/** One of the values of {@linkcode ExitStatus}. */
export type ExitStatus = typeof ExitStatus[keyof typeof ExitStatus];

/** The status that a task leaves with when `error` ends it. */
export function exitStatus(error: unknown): ExitStatus {
  if (error instanceof MissingError) return ExitStatus.missing;
  if (error instanceof UsageError || error instanceof RangeError || error instanceof TypeError) {
    return ExitStatus.usage;
  }
  return ExitStatus.failed;
}
