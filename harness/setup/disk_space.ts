/**
 * Looking for room before something large is downloaded.
 *
 * @module
 */
import { MissingError } from "../../norms/basics/errors.ts";
import type { SetupContext } from "./context.ts";

/**
 * Makes sure that `bytes` are free where `dir` lies.
 *
 * @throws {MissingError} Where they are not.
 */
export async function requireSpace(
  dir: string,
  bytes: number,
  context: SetupContext,
): Promise<void> {
  const free = await context.freeBytes(dir);
  if (free >= bytes) return;
  throw new MissingError(
    `${dir} has ${gigabytes(free)} free, and the setup needs ${gigabytes(bytes)}`,
    "make room, or set XDG_CACHE_HOME to a folder on another disk, for Normbench's tasks too",
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
