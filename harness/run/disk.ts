/** Errors of a disk that is full or read-only, with the remedy. */
import { MissingError, UsageError } from "../../norms/basics/errors.ts";

const FULL: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);

/**
 * Does work that writes into the folder of a run.
 *
 * @param goOn The options that continue the run.
 * @throws {MissingError} if the disk is full.
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
    const { code, message } = cause as Error & { code?: string };
    const then = `then continue with ${goOn}: what is recorded is kept`;
    if (FULL.has(code)) {
      throw new MissingError(
        `there is no space left in ${folder}: ${message}`,
        `free some space, ${then}`,
        {
          cause,
        },
      );
    }
    if (cause instanceof Deno.errors.PermissionDenied || code === "EROFS") {
      throw new UsageError(`${folder} cannot be written: ${message}. Make it writable, ${then}.`, {
        cause,
      });
    }
    throw cause;
  }
}
