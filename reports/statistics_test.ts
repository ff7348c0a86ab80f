import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  difference,
  geometricMean,
  holm,
  mean,
  median,
  quantile,
  standardDeviation,
  summarize,
} from "./statistics.ts";

function numbered(...values: number[]): Map<number, number> {
  return new Map(values.map((value, number) => [number, value]));
}

Deno.test("summarize gives the 95 % interval of Student's t", () => {
  const summary = summarize([0.8, 0.82, 0.87])!;
  assertAlmostEquals(summary.mean, 0.83, 1e-12);
  assertAlmostEquals(summary.deviation!, 0.0360555127546, 1e-10);
  // 0.83 -+ 4.302652730 * 0.0360555 / sqrt(3)
  assertAlmostEquals(summary.interval![0], 0.740433471, 1e-6);
  assertAlmostEquals(summary.interval![1], 0.919566529, 1e-6);
});

Deno.test("summarize of one value knows no spread, of none nothing", () => {
  assertEquals(summarize([0.5]), { values: [0.5], mean: 0.5, deviation: null, interval: null });
  assertEquals(summarize([]), null);
});

Deno.test("equal trial numbers are compared as pairs", () => {
  const found = difference(numbered(0.85, 0.87, 0.9), numbered(0.8, 0.83, 0.84))!;
  assertEquals(found.test, "paired");
  assertEquals(found.size, 3);
  assertAlmostEquals(found.mean, 0.05, 1e-12);
  // Differences 0.05, 0.04, 0.06: t = 0.05 / (0.01 / sqrt(3)) = 8.660254, 2 degrees of freedom.
  assertAlmostEquals(found.p!, 1 - 8.660254 / Math.sqrt(8.660254 ** 2 + 2), 1e-7);
  assertAlmostEquals(found.interval![0], 0.05 - 4.302652730 * 0.01 / Math.sqrt(3), 1e-8);
});

Deno.test("a trial that only one arm has is left out of the pairs", () => {
  const found = difference(numbered(0.85, 0.87, 0.9), new Map([[0, 0.8], [2, 0.84]]))!;
  assertEquals([found.test, found.size], ["paired", 2]);
  assertAlmostEquals(found.mean, 0.055, 1e-12);
});

Deno.test("trials of other numbers are compared by Welch's test", () => {
  const found = difference(
    new Map([[0, 3], [1, 4], [2, 1], [3, 2.1]]),
    new Map([[3, 5], [4, 6], [5, 7]]),
  )!;
  assertEquals(found.test, "Welch");
  assertEquals(found.size, 3);
  // By hand: means 2.525 and 6, variances 1.6158333 and 1, error sqrt(0.4039583 + 0.3333333).
  assertAlmostEquals(found.mean, -3.475, 1e-12);
  const error = Math.sqrt(1.6158333333 / 4 + 1 / 3);
  const degrees = error ** 4 / ((1.6158333333 / 4) ** 2 / 3 + (1 / 3) ** 2 / 2);
  assertAlmostEquals(degrees, 4.9440, 1e-3);
  assertAlmostEquals(found.interval![1] - found.mean, 2.5797 * error, 1e-2);
  assertAlmostEquals(found.p!, 0.0100, 1e-3);
});

Deno.test("the effect is Cohen's d, corrected for few trials", () => {
  const found = difference(numbered(3, 4, 5), numbered(1, 2, 3))!;
  // d = 2 / 1, correction 1 - 3 / (4 * 4 - 1).
  assertAlmostEquals(found.effect!, 2 * 0.8, 1e-12);
});

Deno.test("one pair, or no spread, gives a difference and no test", () => {
  for (
    const [a, b] of [[numbered(0.9), numbered(0.8)], [
      numbered(2, 2, 2),
      numbered(1, 1, 1),
    ]] as const
  ) {
    const { mean, ...rest } = difference(a, b)!;
    assertAlmostEquals(mean, a.get(0)! - b.get(0)!, 1e-12);
    assertEquals(rest, { test: "paired", size: a.size, interval: null, p: null, effect: null });
  }
  assertEquals(difference(numbered(), numbered(1)), null);
});

Deno.test("one trial against several has no spread of its own, so there is no test", () => {
  const found = difference(numbered(0.9), numbered(0.8, 0.82))!;
  assertEquals([found.test, found.interval, found.p, found.effect], ["Welch", null, null, null]);
});

Deno.test("holm multiplies by the number of remaining tests, keeps the order, and skips what was not tested", () => {
  const expected = [0.03, 0.06, null, 0.06, 0.02];
  holm([0.01, 0.04, null, 0.03, 0.005]).forEach((p, index) => {
    if (p === null) assertEquals(expected[index], null);
    else assertAlmostEquals(p, expected[index]!, 1e-12);
  });
  assertEquals(holm([0.9, 0.8]), [1, 1]);
});

Deno.test("moments and quantiles are those of a sample, and NaN where there are too few values", () => {
  assertEquals(mean([1, 2, 6]), 3);
  assertEquals(median([5, 1, 2, 10]), 3.5);
  assertAlmostEquals(standardDeviation([1, 2, 6]), Math.sqrt(7), 1e-12);
  assertAlmostEquals(quantile([5, 1, 2, 10], 0.9), 8.5, 1e-12);
  for (const none of [mean([]), median([]), quantile([], 0.9), standardDeviation([4])]) {
    assert(Number.isNaN(none));
  }
});

Deno.test("the geometric mean of ratios and their inverses is 1, however small they are", () => {
  assertAlmostEquals(geometricMean([2, 0.5, 1e-300, 1e300]), 1, 1e-12);
  assertEquals([[], [2, -1], [NaN]].map(geometricMean), [NaN, NaN, NaN]);
});
