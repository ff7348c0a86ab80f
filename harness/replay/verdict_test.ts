import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { Expectation } from "./published.ts";
import { commonDigits, expectedRange, judge, unitOf } from "./verdict.ts";

const verdict = (expectation: Expectation, measured: number[], precision = "float32") =>
  judge(expectation, measured, precision as "float32" | "float64")?.verdict;

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
  assertEquals(judge(printed, [28.57335], "float32")!.digits, 6);
  assertEquals(verdict(printed, [28.6]), "differs");
});

Deno.test("noise is compared by its order of magnitude, and may be as large as float32 makes it", () => {
  const noise: Expectation = { printed: ["5.03e-9"], range: [1e-13, 1e-8], isNoise: true };
  assertEquals(verdict(noise, [5.032e-9], "float64"), "same digits");
  assertEquals(verdict(noise, [8e-10], "float64"), "same order of magnitude");
  assertEquals(verdict(noise, [2e-12], "float64"), "inside the published spread");
  assertEquals(verdict(noise, [6e-8], "float64"), "differs");
  assertEquals(verdict(noise, [1]), "same order of magnitude");
  assertEquals(expectedRange(noise, "float32")![1], 1e-8 * 2 ** 29);
  assertEquals(verdict(noise, [NaN], "float64"), "differs");
});

Deno.test("a spread is checked before digits, and chance is allowed an order of magnitude", () => {
  const accuracy: Expectation = {
    printed: ["0.808"],
    range: [0.436, 0.824],
    float32Digits: 1,
    isChance: true,
  };
  assertEquals(verdict(accuracy, [0.808]), "same digits");
  assertEquals(verdict(accuracy, [0.77]), "inside the published spread");
  assertEquals(verdict(accuracy, [0.83]), "same to k digits");
  assertEquals(verdict(accuracy, [0.3]), "same order of magnitude");
  assertEquals(verdict(accuracy, [0.01]), "differs");
});

Deno.test("what was not printed is compared with the expected range, or not at all", () => {
  assertEquals(verdict({ printed: [], range: [0, 1] }, [0.5, 1]), "inside the published spread");
  assertEquals(verdict({ printed: [], range: [0, 1] }, [0.5, 1.1]), "differs");
  assertEquals(verdict({ printed: [], range: [0, 1] }, [NaN]), "differs");
  assertEquals(judge({ printed: [] }, [3], "float64"), undefined);
});

Deno.test("the worst number decides", () => {
  const judged = judge({ printed: ["1.000", "2.000"] }, [1, 2.01], "float32")!;
  assertEquals(judged, { verdict: "differs", digits: 2 });
  assertThrows(() => judge({ printed: ["1", "2"] }, [1], "float64"), RangeError, "1 numbers");
});
