/**
 * What Normbench relies on in `@std/assert`, for whichever implementation is active.
 *
 * @module
 */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";

/** The message with which `run` fails; throws plain errors, so that no assertion tests itself. */
function failureOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof AssertionError)) {
      throw new Error("not an AssertionError", { cause: error });
    }
    if (!(error instanceof Error) || error.name !== "AssertionError") {
      throw new Error("wrong class");
    }
    return error.message;
  }
  throw new Error("the assertion held");
}

/** As {@linkcode failureOf}, for an assertion that answers with a promise. */
async function rejectionOf(run: () => Promise<unknown>): Promise<string> {
  const outcome = await run().then(() => undefined, (error: unknown) => ({ error }));
  return failureOf(() => {
    if (outcome) throw outcome.error;
  });
}

function expectText(actual: string, ...parts: string[]): void {
  for (const part of parts) {
    if (!actual.includes(part)) throw new Error(`"${part}" is not in: ${actual}`);
  }
}

const cyclic = (): unknown => {
  const value: { self?: unknown; list: number[] } = { list: [1] };
  value.self = value;
  return value;
};

class Point {
  readonly #y: number;
  constructor(readonly x: number, y: number) {
    this.#y = y;
  }
  get y(): number {
    return this.#y;
  }
}

const EQUAL: readonly (readonly [string, unknown, unknown])[] = [
  ["NaN", NaN, NaN],
  ["0 and -0", 0, -0],
  ["0 and -0 inside an array", [0], [-0]],
  ["0 and -0 inside a typed array", new Float32Array([0]), new Float32Array([-0])],
  ["NaN inside a typed array", new Float32Array([1, NaN]), new Float32Array([1, NaN])],
  ["nested objects", { a: [{ b: 1 }], c: "x" }, { c: "x", a: [{ b: 1 }] }],
  ["object without prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ["maps in another order", new Map([["a", [1]], ["b", [2]]]), new Map([["b", [2]], ["a", [1]]])],
  ["maps with objects as keys", new Map([[{ k: 1 }, 1]]), new Map([[{ k: 1 }, 1]])],
  ["sets", new Set([1, { a: 2 }]), new Set([{ a: 2 }, 1])],
  ["dates", new Date(5), new Date(5)],
  ["regular expressions", /a/g, /a/g],
  ["buffers of one length", new Uint8Array([1]).buffer, new Uint8Array([2]).buffer],
  ["URLs", new URL("http://a/"), new URL("http://a")],
  ["fields of a class", new Point(1, 2), new Point(1, 2)],
  ["cycles", cyclic(), cyclic()],
  ["bigints", 10n, 10n],
];

const UNEQUAL: readonly (readonly [string, unknown, unknown])[] = [
  ["numbers", 1, 2],
  ["number and string", 1, "1"],
  ["null and undefined", null, undefined],
  ["undefined property and none", { a: undefined }, {}],
  ["array lengths", [1, 2], [1, 2, 3]],
  ["array and typed array", [1, 2], new Float32Array([1, 2])],
  ["element types", new Float32Array([1]), new Float64Array([1])],
  ["typed array elements", new Float32Array([1, 2]), new Float32Array([1, 3])],
  ["typed array lengths", new Float32Array(2), new Float32Array(3)],
  ["nested objects", { a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
  ["map values", new Map([["a", 1]]), new Map([["a", 2]])],
  ["sets", new Set([1, 2]), new Set([1, 3])],
  ["dates", new Date(5), new Date(6)],
  ["regular expressions", /a/g, /a/i],
  ["lengths of buffers", new ArrayBuffer(1), new ArrayBuffer(2)],
  ["URLs", new URL("http://a/"), new URL("http://a/b")],
  ["fields of a class", new Point(1, 2), new Point(1, 3)],
  ["functions", () => 1, () => 1],
  ["messages of errors", new RangeError("x"), new RangeError("y")],
  ["classes", new RangeError("x"), new TypeError("x")],
];

for (const [about, actual, expected] of EQUAL) {
  Deno.test(`assertEquals holds for equal ${about}`, () => {
    assertEquals(actual, expected);
    expectText(failureOf(() => assertNotEquals(actual, expected)), "not to be");
  });
}

for (const [about, actual, expected] of UNEQUAL) {
  Deno.test(`assertEquals fails for different ${about}`, () => {
    assertNotEquals(actual, expected);
    expectText(failureOf(() => assertEquals(actual, expected)), "Values are not equal.");
  });
}

Deno.test("assertEquals shows both values and the user's words", () => {
  const message = failureOf(() => assertEquals({ a: 1234 }, { a: 5678 }, "the answer"));
  expectText(message, "Values are not equal: the answer", "1234", "5678");
});

Deno.test("assert and fail carry the user's words", () => {
  assert(1);
  expectText(failureOf(() => assert(0, "zero")), "zero");
  expectText(failureOf(() => fail("never")), "Failed assertion: never");
});

Deno.test("assertStrictEquals goes by Object.is", () => {
  assertStrictEquals(NaN, NaN);
  expectText(failureOf(() => assertStrictEquals(0, -0)), "Values");
  const message = failureOf(() => assertStrictEquals([1], [1], "same?"));
  expectText(message, "same structure but are not reference-equal: same?");
});

Deno.test("assertAlmostEquals allows 1e-7 of the expected value unless told otherwise", () => {
  assertAlmostEquals(1e6 + 0.09, 1e6);
  assertAlmostEquals(1, 1.1, 0.2);
  assertAlmostEquals(Infinity, Infinity);
  assertAlmostEquals(NaN, NaN);
  expectText(failureOf(() => assertAlmostEquals(1e6 + 0.11, 1e6)), "to be close to", "delta");
  expectText(failureOf(() => assertAlmostEquals(NaN, 1, 10)), "delta");
  expectText(failureOf(() => assertAlmostEquals(1, 2, 0.5, "far")), "is greater than", ": far");
});

Deno.test("comparisons fail on the wrong side, and for NaN", () => {
  assertGreater(2, 1);
  assertLess(1, 2);
  assertLessOrEqual(1, 1);
  expectText(failureOf(() => assertGreater(1, 1)), "Expect 1 > 1");
  expectText(failureOf(() => assertLess(1, 1)), "Expect 1 < 1");
  if (failureOf(() => assertLess(1, 1, "why")) !== "why") throw new Error("more than the words");
  expectText(failureOf(() => assertLessOrEqual(NaN, 2)), "Expect NaN <= 2");
});

Deno.test("assertMatch and assertStringIncludes name what they got", () => {
  assertMatch("abc", /b/);
  assertStringIncludes("abc", "bc");
  expectText(failureOf(() => assertMatch("abc", /x/)), "abc", "to match", "/x/");
  expectText(failureOf(() => assertStringIncludes("abc", "x")), "abc", "to contain", "x");
});

const throwRange = (): never => {
  throw new RangeError("axis 7 is out of range");
};

Deno.test("assertThrows returns the error, and checks its class and message", () => {
  const error: RangeError = assertThrows(throwRange, RangeError, "axis 7");
  if (error.message !== "axis 7 is out of range") throw new Error("another error");
  assertThrows(throwRange);
  assertThrows(throwRange, Error);
  expectText(failureOf(() => assertThrows(() => 1)), "Expected function to throw.");
  expectText(failureOf(() => assertThrows(() => 1, "words")), "Expected function to throw: words");
  expectText(failureOf(() => assertThrows(throwRange, TypeError)), '"TypeError"', '"RangeError"');
  expectText(failureOf(() => assertThrows(throwRange, RangeError, "axis 8")), "axis 8", "axis 7");
});

Deno.test("assertRejects does the same for promises", async () => {
  const rejected = () => Promise.reject(new RangeError("axis 7 is out of range"));
  const error: RangeError = await assertRejects(rejected, RangeError, "axis 7");
  if (error.message !== "axis 7 is out of range") throw new Error("another error");
  await assertRejects(rejected);
  const resolved = () => Promise.resolve(1);
  expectText(await rejectionOf(() => assertRejects(resolved)), "Expected function to reject.");
  expectText(await rejectionOf(() => assertRejects(rejected, TypeError)), '"TypeError"');
  expectText(await rejectionOf(() => assertRejects(rejected, RangeError, "axis 8")), "axis 8");
  expectText(await rejectionOf(() => assertRejects(throwRange)), "throws when expected to reject");
});

// deno-lint-ignore no-explicit-any
type Class<T> = abstract new (...args: any[]) => T;
type Order = <T>(actual: T, expected: T, msg?: string) => void;

/** The signatures of `@std/assert` 1.0.13. */
interface Signatures {
  assert: (expr: unknown, msg?: string) => asserts expr;
  assertAlmostEquals: (a: number, e: number, tolerance?: number, msg?: string) => void;
  assertEquals: Order;
  assertGreater: Order;
  assertLess: Order;
  assertLessOrEqual: Order;
  assertMatch: (actual: string, expected: RegExp, msg?: string) => void;
  assertNotEquals: Order;
  assertRejects: {
    (fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
    <E extends Error = Error>(
      fn: () => PromiseLike<unknown>,
      ErrorClass: Class<E>,
      msgIncludes?: string,
      msg?: string,
    ): Promise<E>;
  };
  assertStrictEquals: <T>(actual: unknown, expected: T, msg?: string) => asserts actual is T;
  assertStringIncludes: (actual: string, expected: string, msg?: string) => void;
  assertThrows: {
    (fn: () => unknown, msg?: string): unknown;
    <E extends Error = Error>(
      fn: () => unknown,
      ErrorClass: Class<E>,
      msgIncludes?: string,
      msg?: string,
    ): E;
  };
  fail: (msg?: string) => never;
}

type Active = typeof import("@std/assert");

/** Whether two types are identical: the compiler compares such conditional types by identity. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

type Differing = {
  [Name in keyof Signatures]: Same<Signatures[Name], Active[Name]> extends true ? never : Name;
}[keyof Signatures];

Deno.test("the types are those of @std/assert 1.0.13: see `deno task check`", () => {
  // Where a signature differs, its name is in the type of the list, which may then not be empty.
  const differing: [Differing] extends [never] ? [] : [Differing] = [];
  type Parameters = ConstructorParameters<typeof AssertionError>;
  const error: Same<Parameters, [message: string, options?: ErrorOptions | undefined]> = true;
  assertEquals([differing.length, error], [0, true]);
});
