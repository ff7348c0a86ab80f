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

/** What a value is, as messages call it: `an array`, `a tensor`, `the class Dense`. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (value instanceof Promise) return "a promise";
  if (Array.isArray(value)) return "an array";
  if (isClass(value)) return `the class ${value.name}`;
  if (typeof value !== "object") return `a ${typeof value}`;
  return "dataId" in value ? "a tensor" : "an object";
}

/** Whether it is a class, or a function that makes layers when called with `new`. */
export function isClass(value: unknown): value is { readonly name: string } {
  return typeof value === "function" &&
    (/^class\b/.test(String(value)) || typeof value.prototype?.apply === "function");
}
