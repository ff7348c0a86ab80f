/**
 * The assertions of `@std/assert` that Normbench uses, for machines that cannot reach JSR.
 *
 * Same names, types, equality and error class, and messages that begin alike; `adapter.json` puts this
 * module in the place of the package. `contract_test.ts` holds both to the same behaviour.
 *
 * @module
 */
import { AssertionError as NodeAssertionError } from "node:assert";
import { inspect } from "node:util";
import { equal } from "./equal.ts";

export { equal };

// deno-lint-ignore no-explicit-any
type Constructor<T = unknown> = abstract new (...args: any[]) => T;

/** What every assertion of this module throws. */
export class AssertionError extends Error {
  /** The error's class name, as it is printed. */
  override name = "AssertionError";
}

/** Throws with `message`, followed by the user's own words, if any. */
function reject(message: string, msg: string | undefined): never {
  throw new AssertionError(msg ? `${message}: ${msg}` : `${message}.`);
}

/** What differs, line by line. */
function differences(actual: unknown, expected: unknown): string {
  const operator = "deepStrictEqual";
  return new NodeAssertionError({ actual, expected, operator }).message;
}

/** Asserts that `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Fails unconditionally. */
export function fail(msg?: string): never {
  reject("Failed assertion", msg);
}

/** Asserts that two values are deeply equal; NaN equals itself, and 0 equals -0. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  const suffix = msg ? `: ${msg}` : ".";
  throw new AssertionError(`Values are not equal${suffix}\n\n${differences(actual, expected)}`);
}

/** Asserts that two values are not deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  reject(`Expected actual: ${inspect(actual)} not to be: ${inspect(expected)}`, msg);
}

/** Asserts that two values are identical, by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  const suffix = msg ? `: ${msg}` : ".";
  throw new AssertionError(
    equal(actual, expected)
      ? `Values have the same structure but are not reference-equal${suffix}\n\n${inspect(actual)}`
      : `Values are not strictly equal${suffix}\n\n${differences(actual, expected)}`,
  );
}

/** Asserts that two numbers differ by at most `tolerance`, which is 1e-7 of `expected` if not given. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance: number = Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const delta = Math.abs(expected - actual);
  if (delta <= tolerance) return;
  reject(
    `Expected actual: "${actual}" to be close to "${expected}": ` +
      `delta "${delta}" is greater than "${tolerance}"`,
    msg,
  );
}

/** Asserts that `actual` is neither `null` nor `undefined`. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual !== undefined && actual !== null) return;
  reject(`Expected actual: "${actual}" to not be null or undefined`, msg);
}

/** Asserts that `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) reject(`Expect ${inspect(actual)} > ${inspect(expected)}`, msg);
}

/** Asserts that `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual >= expected)) reject(`Expect ${inspect(actual)} >= ${inspect(expected)}`, msg);
}

/** Asserts that `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) reject(`Expect ${inspect(actual)} < ${inspect(expected)}`, msg);
}

/** Asserts that `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual <= expected)) reject(`Expect ${inspect(actual)} <= ${inspect(expected)}`, msg);
}

/** Asserts that `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (actual.includes(expected)) return;
  reject(`Expected actual: "${actual}" to contain: "${expected}"`, msg);
}

/** Asserts that `actual` matches the pattern `expected`. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) return;
  reject(`Expected actual: "${actual}" to match: "${expected}"`, msg);
}

/** Asserts that `actual` is an instance of `ExpectedType`. */
export function assertInstanceOf<T extends Constructor>(
  actual: unknown,
  ExpectedType: T,
  msg?: string,
): asserts actual is InstanceType<T> {
  if (actual instanceof ExpectedType) return;
  const type = Object(actual) === actual ? actual?.constructor?.name ?? "Object" : String(actual);
  reject(`Expected object to be an instance of "${ExpectedType.name}" but was "${type}"`, msg);
}

/** What is expected of an error: its class, a part of its message, words for a failure. */
interface Expectation<E> {
  readonly ErrorClass: Constructor<E> | undefined;
  readonly msgIncludes: string | undefined;
  readonly msg: string | undefined;
}

/** Tells the two call forms apart: `(fn, msg?)` and `(fn, ErrorClass, msgIncludes?, msg?)`. */
function expectation<E>(
  classOrMsg: Constructor<E> | string | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
): Expectation<E> {
  return typeof classOrMsg === "string"
    ? { ErrorClass: undefined, msgIncludes: undefined, msg: classOrMsg }
    : { ErrorClass: classOrMsg, msgIncludes, msg };
}

/** Asserts that `error` is what was expected. */
function checkError<E>(error: unknown, { ErrorClass, msgIncludes, msg }: Expectation<E>): void {
  if (!ErrorClass) return;
  if (!(error instanceof Error)) reject("A non-Error object was thrown or rejected", msg);
  if (!(error instanceof ErrorClass)) {
    const [wanted, got] = [ErrorClass.name, error.constructor.name];
    reject(`Expected error to be instance of "${wanted}", but was "${got}"`, msg);
  }
  if (msgIncludes && !error.message.includes(msgIncludes)) {
    reject(`Expected error message to include "${msgIncludes}", but got "${error.message}"`, msg);
  }
}

/** Asserts that `fn` throws, and returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Asserts that `fn` throws an `ErrorClass` whose message includes `msgIncludes`, and returns it. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: Constructor<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  classOrMsg?: Constructor<E> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const expected = expectation(classOrMsg, msgIncludes, msg);
  try {
    fn();
  } catch (error) {
    checkError(error, expected);
    return error;
  }
  reject("Expected function to throw", expected.msg);
}

/** Asserts that the promise of `fn` rejects, and returns the reason. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Asserts that the promise of `fn` rejects with an `ErrorClass` whose message includes `msgIncludes`. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: Constructor<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: Constructor<E> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const expected = expectation(classOrMsg, msgIncludes, msg);
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch {
    reject("Function throws when expected to reject", expected.msg);
  }
  try {
    await promise;
  } catch (error) {
    checkError(error, expected);
    return error;
  }
  reject("Expected function to reject", expected.msg);
}
