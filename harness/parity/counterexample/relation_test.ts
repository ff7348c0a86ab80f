import { assertEquals } from "@std/assert";
import { findRelation } from "./relation.ts";

const expected = [1, -2, 0.5, 3];
const common = {
  expected,
  budget: expected.map(() => 1e-7),
  isOff: expected.map(() => true),
  counts: { n: 4 },
  arrays: { gamma: [2, 3, 2, 3], beta: [1, 5, 1, 5] },
};
const relation = (got: readonly number[], change = {}) =>
  findRelation({ ...common, got, ...change });

Deno.test("a factor is found, and what it comes from", () => {
  const by = (factor: number) => relation(expected.map((value) => Math.fround(factor * value)));
  assertEquals(by(4 / 3), {
    formula: "got = 1.33333 expected",
    meaning: "n / (n - 1) for n = 4",
  });
  assertEquals(by(0.25), {
    formula: "got = 0.250000 expected",
    meaning: "1 / n, as a mean in place of a sum for n = 4",
  });
  assertEquals(by(-1)?.meaning, "the sign is wrong");
  assertEquals(by(1.7), { formula: "got = 1.700 expected" });
  assertEquals(by(0), { formula: "got = 0" });
});

Deno.test("a parameter that is forgotten is named", () => {
  assertEquals(relation([0.5, -2 / 3, 0.25, 1]), {
    formula: "got = expected / gamma",
    meaning: "a factor gamma is missing",
  });
  assertEquals(relation([0, -7, -0.5, -2]), {
    formula: "got = expected - beta",
    meaning: "beta is missing",
  });
  assertEquals(relation([1.5, -1.5, 1, 3.5]), { formula: "got = expected + 0.5000" });
});

Deno.test("what is not the same everywhere is no relation, and neither is one element", () => {
  assertEquals(relation([1, -2.5, 0.5, 7]), undefined);
  assertEquals(relation([1.7, -2, 0.5, 3], { isOff: [true, false, false, false] }), undefined);
  assertEquals(relation([NaN, -4, 1, 6]), undefined);
  const arrays = { beta: [0, 0, 0, 0] };
  assertEquals(relation([1, -2.5, 0.5, 7], { arrays }), undefined);
});
