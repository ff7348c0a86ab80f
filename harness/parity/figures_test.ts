import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Bounded } from "../../norms/oracle/bounded.ts";
import { compare } from "./figures.ts";

/** Expected values, each with the same budget. */
function expected(values: readonly number[], budget = 1, shape = [values.length]): Bounded {
  return new Bounded(
    shape,
    Float64Array.from(values),
    new Float64Array(values.length).fill(budget),
  );
}

Deno.test("absolute and relative errors: the largest, and the mean", () => {
  const figures = compare([1, 2.5, 4], expected([1, 2, 5]));
  assertEquals(figures.maxAbsolute, 1);
  assertEquals(figures.meanAbsolute, 0.5);
  assertEquals(figures.maxRelative, 0.25);
  assertAlmostEquals(figures.meanRelative, (0.25 + 0.2) / 3);
});

Deno.test("relative error and ULP leave out what is expected to be 0", () => {
  const figures = compare([3, 2], expected([0, 1]));
  assertEquals([figures.maxAbsolute, figures.meanAbsolute], [3, 2]);
  assertEquals([figures.maxRelative, figures.meanRelative], [1, 1]);
  assertEquals([figures.maxUlp, figures.meanUlp], [2 ** 23, 2 ** 23]);
});

/** Bits of a float32 as an integer, and back: neighbours are one apart. */
const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

function floatAfter(x: number, steps: number): number {
  float[0] = x;
  bits[0]! += steps;
  return float[0];
}

for (const x of [1, 1.5, -3, 0.1, 1e30, 2 ** -126, 1e-40, 2 ** -149]) {
  Deno.test(`the neighbours of ${x} in float32 are whole units in the last place away`, () => {
    const value = Math.fround(x);
    assertEquals(compare([floatAfter(value, 1)], expected([value])).maxUlp, 1);
    assertEquals(compare([floatAfter(value, 3)], expected([value])).maxUlp, 3);
  });
}

Deno.test("an expected value between two float32 numbers is half a unit from the nearest", () => {
  const between = 1 + 2 ** -24;
  assertEquals(compare([1], expected([between])).maxUlp, 0.5);
});

Deno.test("the ratio is the largest error over its budget, at an index of several dimensions", () => {
  const budgets = Float64Array.of(1, 1, 1, 1, 0.125, 1);
  const { ratio, worst } = compare(
    [0, 0, 2, 0, 0.5, 0],
    new Bounded([2, 3], new Float64Array(6), budgets),
  );
  assertEquals(ratio, 4);
  assertEquals(worst, { index: [1, 1], got: 0.5, expected: 0, budget: 0.125 });
});

Deno.test("no error is within any budget, and any error outside of none", () => {
  assertEquals(compare([1, 2], expected([1, 2], 0)).ratio, 0);
  assertEquals(compare([1, 2.5], expected([1, 2], 0)).ratio, Infinity);
});

for (
  const [what, got, value] of [
    ["a NaN", NaN, 1],
    ["a number where NaN is expected", 1, NaN],
    ["a NaN where NaN is expected", NaN, NaN],
    ["an infinity", Infinity, 1],
    ["the other infinity", -Infinity, Infinity],
    ["a number where infinity is expected", 1, Infinity],
  ] as const
) {
  Deno.test(`${what} never passes, however large the budget`, () => {
    for (const budget of [0, 1, Infinity, NaN]) {
      const { ratio, maxAbsolute, worst } = compare([0, got], expected([0, value], budget));
      assertEquals([ratio, maxAbsolute], [Infinity, Infinity]);
      assertEquals(worst.index, [1]);
    }
  });
}

Deno.test("an infinity passes where it is expected", () => {
  const figures = compare([Infinity, -Infinity], expected([Infinity, -Infinity], 0));
  assertEquals([figures.ratio, figures.maxAbsolute, figures.maxUlp], [0, 0, 0]);
});

Deno.test("without an error the worst is the first element", () => {
  const { worst } = compare([7, 8], expected([7, 8]));
  assertEquals(worst, { index: [0], got: 7, expected: 7, budget: 1 });
});

Deno.test("arrays of different lengths do not compare", () => {
  assertThrows(
    () => compare([1, 2, 3], expected([1, 2])),
    RangeError,
    "3 values were given where 2 are expected",
  );
});
