import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { centralDifferences, pairwiseSum, relativeError } from "./float64.ts";

Deno.test("central differences find the gradient of a function of arrays, and leave x as it was", async () => {
  const x = Float64Array.of(1, -2, 0.5);
  const dy = [2, -1];
  const f = ([a, b, c]: Float64Array) => [a! ** 3 * b!, Math.exp(c!) - a!];
  const numeric = await centralDifferences(f, x, dy, 1e-5);
  const analytic = [2 * 3 * 1 * -2 + 1, 2 * 1, -Math.exp(0.5)];
  assertLess(relativeError(analytic, numeric), 1e-9);
  assertEquals(x, Float64Array.of(1, -2, 0.5));
});

Deno.test("a function may return a promise", async () => {
  const square = ([a]: Float64Array) => Promise.resolve([a! * a!]);
  const [slope] = await centralDifferences(square, Float64Array.of(3), [1], 1e-5);
  assertLess(Math.abs(slope! - 6), 1e-9);
});

Deno.test("the relative error is that of the worst element, and a NaN never passes", () => {
  assertEquals(relativeError([1, 2, 0], [1, 1, 0]), 1 / 3);
  assertEquals(relativeError([0], [1e-9]), 0.1);
  assertEquals(relativeError([1], [-1]), 1);
  assert(Number.isNaN(relativeError([1, NaN], [1, 1])));
  assertThrows(() => relativeError([1], [1, 2]), RangeError, "1 numbers");
});

Deno.test("a pairwise sum takes NumPy's order: eight lanes, blocks of 128", () => {
  const values = Float64Array.from({ length: 300 }, (_, i) => Math.sqrt(i + 1));
  // np.sum(np.sqrt(np.arange(1, 301))[:n]) for n = 5, 20 and 300.
  const sums = [5, 20, 300].map((n) => pairwiseSum(values.subarray(0, n)));
  assertEquals(sums, [8.382332347441762, 61.66597781141979, 3472.556388576409]);
});
