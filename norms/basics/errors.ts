/**
 * Errors that name a fault and its remedy.
 *
 * @module
 */

/** The task was called wrongly: an unknown option, a name that does not exist. */
export class UsageError extends Error {
  /** The error's class name, as it is printed. */
  override readonly name = "UsageError";
}

/** Something outside the program is missing or damaged: a backend, a data set, a file. */
export class MissingError extends Error {
  /** The error's class name, as it is printed. */
  override readonly name = "MissingError";

  /**
   * An error with its remedy.
   *
   * @param message What is missing, and why it is thought to be.
   * @param remedy What the user can do about it.
   */
  constructor(
    message: string,
    /** What the user can do. */ readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Bytes that are not what they should be; the message says in what way, and not where they lie. */
export class DamagedData extends Error {
  /** The error's class name, as it is printed. */
  override readonly name = "DamagedData";
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
