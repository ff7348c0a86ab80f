import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type Expectation, PUBLISHED } from "./published.ts";
import { commonDigits, expectedRange, judge, unitOf } from "./verdict.ts";

const verdict = (expectation: Expectation, measured: number[], precision = "float32") =>
  judge(expectation, measured, precision as "float32" | "float64").verdict;

Deno.test("the unit is one in the last printed place", () => {
  const units = [["0.125", 1e-3], ["5.03e-9", 1e-11], ["12", 1], ["11.", 1], ["2e3", 1e3]] as const;
  for (const [text, unit] of units) assertAlmostEquals(unitOf(text) / unit, 1, 1e-12, text);
});

Deno.test("digits in common are counted by the relative distance", () => {
  assertEquals(commonDigits(1.00002, 1), 4);
  assertEquals(commonDigits(2, 2), 17);
  assertEquals(commonDigits(0, 0), 17);
  assertEquals(commonDigits(NaN, 2), 0);
  assertEquals(commonDigits(5, 1), 0);
});

Deno.test("the same digits are those that would be printed", () => {
  const printed = { printed: ["0.1235"] };
  assertEquals(verdict(printed, [0.12345], "float64"), "same digits");
  assertEquals(verdict(printed, [0.12355001], "float64"), "differs");
  // NumPy left zeros out that count.
  const array = { printed: ["1.", "0.99999999"], unit: 1e-8 };
  assertEquals(verdict(array, [1 + 4e-9, 0.99999999], "float64"), "same digits");
  assertEquals(verdict(array, [1 + 6e-9, 0.99999999], "float64"), "differs");
});

Deno.test("float32 must reproduce the digits that it has, float64 all of them", () => {
  const printed = { printed: ["28.57337215"] };
  assertEquals(verdict(printed, [28.5733722], "float64"), "differs");
  assertEquals(verdict(printed, [28.5733722]), "same to k digits");
  assertEquals(judge(printed, [28.57335], "float32").digits, 6);
  assertEquals(verdict(printed, [28.6]), "differs");
});

Deno.test("noise is as near to zero as its precision allows", () => {
  const noise = { reason: "It would be zero.", range: [-1e-15, 1e-15] } as const;
  const mean: Expectation = { printed: ["2.25e-16"], noise };
  assertEquals(verdict(mean, [-9e-16], "float64"), "noise");
  assertEquals(verdict(mean, [2e-15], "float64"), "differs");
  assertEquals(verdict(mean, [NaN], "float64"), "differs");
  assertEquals(verdict(mean, [1e-8]), "noise");
  assertEquals(verdict(mean, [1e-6]), "differs");
});

/** What twelve orders of sums make of a loss: four digits are the same. */
const SHARED = Array.from({ length: 12 }, (_, i) => 1.23453 + i * 5e-6);

Deno.test("the digits that all orders of sums share are required, and no more", () => {
  const loss: Expectation = { printed: ["1.23456"], spread: SHARED };
  assertEquals(verdict(loss, [1.234561], "float64"), "same digits");
  assertEquals(judge(loss, [1.2346], "float64"), { verdict: "same to k digits", digits: 4 });
  assertEquals(verdict(loss, [1.235], "float64"), "differs");
});

Deno.test("where orders share no digit the figure must lie inside their spread", () => {
  const error: Expectation = { printed: ["1.9e-09"], spread: [1e-9, 2e-9, 3e-9, 2e-9, 1.5e-9] };
  assertEquals(verdict(error, [3e-10], "float64"), "inside the spread");
  assertEquals(verdict(error, [1e-7], "float64"), "differs");
  assertEquals(verdict(error, [NaN], "float64"), "differs");
});

const ALL = Object.values(PUBLISHED).flatMap((figures) => Object.entries(figures));

Deno.test("all 110 figures are there, and each printed one would itself be judged reproduced", () => {
  assertEquals(ALL.length, 110);
  for (const [name, expectation] of ALL) {
    const range = expectedRange(expectation, "float64");
    if (range === undefined) continue;
    for (const printed of expectation.printed) {
      assert(Number(printed) >= range[0] && Number(printed) <= range[1], `${name}: ${printed}`);
    }
  }
});

Deno.test("an accuracy of .10 differs from each of the 44, and a loss of ln 10 after the start from each", () => {
  const chance = ALL.filter(([name]) => name.includes("accuracy at"));
  assertEquals(chance.length, 44);
  for (const [name, expectation] of chance) {
    assertEquals(verdict(expectation, [0.1]), "differs", name);
  }
  const losses = ALL.filter(([name]) => /^loss at iteration (?!1,)/.test(name));
  assertEquals(losses.length, 18);
  for (const [name, expectation] of losses) {
    assertEquals(verdict(expectation, [Math.log(10)]), "differs", name);
  }
});

Deno.test("the worst number decides", () => {
  const judged = judge({ printed: ["1.000", "2.000"] }, [1, 2.01], "float32");
  assertEquals(judged, { verdict: "differs", digits: 2 });
  assertThrows(() => judge({ printed: ["1", "2"] }, [1], "float64"), RangeError, "1 numbers");
});
