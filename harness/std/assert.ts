/**
 * The assertions of `@std/assert` that Normbench uses, for machines that cannot reach JSR.
 *
 * Same names, types, equality and error class, and messages that begin alike; `adapter.json` puts this
 * module in the place of the package. `assert_contract_test.ts` tests whichever of the two is active.
 *
 * @module
 */
import { AssertionError as NodeAssertionError } from "node:assert";
import { inspect, stripVTControlCharacters, types } from "node:util";

// deno-lint-ignore no-explicit-any
type Class<T> = abstract new (...args: any[]) => T;

export class AssertionError extends Error {
  override name = "AssertionError";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Throws with `message`, followed by the caller's own words if there are any. */
function reject(message: string, msg: string | undefined, details = ""): never {
  throw new AssertionError(`${message}${msg ? `: ${msg}` : "."}${details}`);
}

function differences(actual: unknown, expected: unknown): string {
  const operator = "deepStrictEqual";
  return `\n\n${new NodeAssertionError({ actual, expected, operator }).message}`;
}

export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

export function fail(msg?: string): never {
  reject("Failed assertion", msg);
}

/** Asserts that two values are deeply equal; see {@linkcode equal}. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  reject("Values are not equal", msg, differences(actual, expected));
}

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
  const shown = inspect(actual);
  if (shown !== inspect(expected)) {
    reject("Values are not strictly equal", msg, differences(actual, expected));
  }
  reject("Values have the same structure but are not reference-equal", msg, `\n\n${shown}`);
}

/** Asserts that two numbers differ by at most `tolerance`, which is 1e-7 of `expected` by default. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance: number = Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const delta = Math.abs(expected - actual);
  if (delta <= tolerance) return;
  const [a, e, d, t] = [actual, expected, delta, tolerance].map((value) =>
    Number.isInteger(value) ? value : value.toExponential()
  );
  reject(
    `Expected actual: "${a}" to be close to "${e}": delta "${d}" is greater than "${t}"`,
    msg,
  );
}

/** An assertion about an order; here the caller's words replace the message. */
function order(sign: string, holds: (a: never, b: never) => boolean) {
  return <T>(actual: T, expected: T, msg?: string): void => {
    if (holds(actual as never, expected as never)) return;
    throw new AssertionError(msg ?? `Expect ${inspect(actual)} ${sign} ${inspect(expected)}`);
  };
}

export const assertGreater = order(">", (a, b) => a > b);
export const assertLess = order("<", (a, b) => a < b);
export const assertLessOrEqual = order("<=", (a, b) => a <= b);

export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (actual.includes(expected)) return;
  reject(`Expected actual: "${actual}" to contain: "${expected}"`, msg);
}

export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) return;
  reject(`Expected actual: "${actual}" to match: "${expected}"`, msg);
}

/** The two call forms: `(fn, msg?)` and `(fn, ErrorClass, msgIncludes?, msg?)`. */
type Expectation = [classOrMsg?: Class<Error> | string, msgIncludes?: string, msg?: string];

function wordsOf([classOrMsg, _, msg]: Expectation): string | undefined {
  return typeof classOrMsg === "string" ? classOrMsg : msg;
}

function checkError(error: unknown, expected: Expectation): unknown {
  const [ErrorClass, part = ""] = expected;
  if (ErrorClass === undefined || typeof ErrorClass === "string") return error;
  const msg = wordsOf(expected);
  if (!(error instanceof Error)) reject("A non-Error object was thrown or rejected", msg);
  const { message, constructor: { name } } = error;
  if (!(error instanceof ErrorClass)) {
    reject(`Expected error to be instance of "${ErrorClass.name}", but was "${name}"`, msg);
  }
  if (!stripVTControlCharacters(message).includes(stripVTControlCharacters(part))) {
    const [wanted, got] = [part, message].map((text) => JSON.stringify(text));
    reject(`Expected error message to include ${wanted}, but got ${got}`, msg);
  }
  return error;
}

export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(fn: () => unknown, ...expected: Expectation): unknown {
  try {
    fn();
  } catch (error) {
    return checkError(error, expected);
  }
  reject("Expected function to throw", wordsOf(expected));
}

export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  ...expected: Expectation
): Promise<unknown> {
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
  } catch {
    // Below, as for a function that returns no promise.
  }
  if (typeof promise?.then !== "function") {
    reject("Function throws when expected to reject", wordsOf(expected));
  }
  try {
    await promise;
  } catch (error) {
    return checkError(error, expected);
  }
  reject("Expected function to reject", wordsOf(expected));
}

/** Classes whose text is all that they hold. */
const TEXTS: readonly unknown[] = [RegExp.prototype, URL.prototype, URLSearchParams.prototype];

/** Names of what a value has: own properties of plain objects and arrays, inherited ones of others. */
function propertiesOf(value: object): PropertyKey[] {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype || prototype === Array.prototype) {
    return Reflect.ownKeys({ ...value });
  }
  const names = new Set<PropertyKey>();
  for (let at: object | null = value; at && at !== Object.prototype && at !== Array.prototype;) {
    for (const name of Reflect.ownKeys(at)) names.add(name);
    at = Object.getPrototypeOf(at);
  }
  return [...names];
}

/**
 * Whether `a` and `b` have the same prototypes and, all the way down, the same contents.
 *
 * NaN equals itself, 0 equals -0, and a plain object equals one without a prototype: `isDeepStrictEqual`
 * of `node:util` tells the last two apart. Buffers are compared by their length alone.
 */
function equal(a: unknown, b: unknown): boolean {
  // Pairs that were met: meeting one again means a cycle, which holds if everything else does.
  const met = new Map<object, object>();

  function same(a: unknown, b: unknown): boolean {
    if (a === b || Object.is(a, b)) return true;
    if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
    if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
    const prototype = Object.getPrototypeOf(a) ?? Object.prototype;
    if (prototype !== (Object.getPrototypeOf(b) ?? Object.prototype)) return false;
    if (types.isTypedArray(a)) return sameElements(a, b as typeof a);
    if (met.get(a) === b) return true;
    if (Object.keys(a).length !== Object.keys(b).length) return false;
    met.set(a, b);
    if (a instanceof Map || a instanceof Set) return sameEntries(a, b as typeof a);
    if (TEXTS.includes(prototype)) return String(a) === String(b);
    return [...propertiesOf(a), ...propertiesOf(b)].every((name) =>
      name in a && name in b && same(Reflect.get(a, name), Reflect.get(b, name))
    );
  }

  function sameElements(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
    if (a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!same(a[i], b[i])) return false;
    return true;
  }

  function sameEntries(a: EntriesOf, b: EntriesOf): boolean {
    const others = [...b.entries()];
    return a.size === b.size &&
      [...a.entries()].every(([key, value]) =>
        others.some((other) => same(key, other[0]) && same(value, other[1]))
      );
  }

  return same(a, b);
}

type EntriesOf = ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>;
