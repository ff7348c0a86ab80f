/** Errors of a disk that is full or read-only, with the remedy. */
import { MissingError, UsageError } from "../../norms/basics/errors.ts";

const FULL: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);

/** Deno gives no code for the limit that `ulimit -f` sets. */
const TOO_LARGE = /^File too large \(os error \d+\)/;

/**
 * Does work that writes into the folder of a run.
 *
 * @param goOn The options that continue the run.
 * @throws {MissingError} if the disk is full, or a file would be larger than allowed.
 * @throws {UsageError} if the folder may not be written.
 */
export async function writingTo<T>(
  folder: string,
  goOn: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw ofDisk(cause, folder, goOn);
  }
}

/** An error of the disk with its remedy; any other as it is. */
export function ofDisk(cause: unknown, folder: string, goOn: string): unknown {
  const { code, message } = cause as Error & { code?: string };
  const then = `then continue with ${goOn}: what is recorded is kept`;
  if (FULL.has(code)) {
    const what = `there is no space left in ${folder}: ${message}`;
    return new MissingError(what, `free some space, ${then}`, { cause });
  }
  if (TOO_LARGE.test(message)) {
    const what = `a file in ${folder} would be larger than this process may write: ${message}`;
    return new MissingError(what, `raise the limit (ulimit -f), ${then}`, { cause });
  }
  if (cause instanceof Deno.errors.PermissionDenied || code === "EROFS") {
    const what = `${folder} cannot be written: ${message}. Make it writable, ${then}.`;
    return new UsageError(what, { cause });
  }
  return cause;
}
