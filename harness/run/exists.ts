/**
 * Whether something lies at a path.
 *
 * @module
 */

/** Whether there is a file or a folder that may be looked at. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
