import { assert, assertEquals } from "@std/assert";
import type { Counterexample } from "../record.ts";
import { counterexampleText, formatArray } from "./counterexamples.ts";

const EXAMPLE: Counterexample = {
  kind: "counterexample",
  schema: 1,
  backend: "cpu",
  norm: "layer",
  contender: "mine",
  found: "layer/dense",
  shape: [1, 2],
  options: { epsilon: 0.1 },
  steps: 1,
  inputs: { x0: { shape: [1, 2], values: [0, 2] }, gamma: { shape: [2], values: [1, 1] } },
  quantity: "y",
  verdict: "wrong",
  got: [-0.5, NaN],
  expected: { shape: [1, 2], values: [-0.25, 0.25] },
  budget: [1e-6, 2e-6],
};

Deno.test("an input, the answer and what it should be, in lines of a terminal", () => {
  assertEquals(counterexampleText(EXAMPLE).split("\n"), [
    "Smallest input on which mine fails: shape [1, 2], epsilon=0.1",
    "  x = [[0, 2]], gamma = [1, 1]",
    "  y is [[-0.5, NaN]]",
    "  should be [[-0.25, 0.25]] ± 2.0e-6",
  ]);
});

Deno.test("a line that is too long for a terminal goes on in the next", () => {
  const options = { training: true, momentum: 0.9, unbiasedVariance: true };
  assertEquals(counterexampleText({ ...EXAMPLE, options, steps: 2 }).split("\n").slice(0, 2), [
    "Smallest input on which mine fails: shape [1, 2], training=true, momentum=0.9,",
    "  and unbiasedVariance=true, 2 steps",
  ]);
});

Deno.test("an error stands in place of an answer, and no line is longer than a terminal", () => {
  const { got: _, ...rest } = EXAMPLE;
  const text = counterexampleText({ ...rest, error: `\u001b[31mno ${"such ".repeat(40)}axis` });
  assert(text.split("\n").every((line) => line.length <= 80));
  assert(text.includes("  y: no such such"));
});

Deno.test("an array is written with the brackets of its axes", () => {
  assertEquals(formatArray([1, 2, 3, 4, 5, 6], [2, 1, 3]), "[[[1, 2, 3]], [[4, 5, 6]]]");
  assertEquals(formatArray([7], []), "7");
});

Deno.test("of a long array it is told what differs", () => {
  const values = new Array(2049).fill(0);
  assertEquals(formatArray(values.with(2048, 1), [1, 2049]), "2049 times 0, but 1 at 2048");
  assertEquals(formatArray(values, [1, 2049]), "2049 times 0");
  const counting = values.map((_, i) => i);
  assertEquals(formatArray(counting, [1, 2049]), "2049 values: 0, 1, 2, 3 …");
});
