import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { normal } from "../../fixtures/distribution.ts";
import type { Norm } from "../../norms/basics/norm.ts";
import { layerNorm } from "../../norms/layer_norm.ts";
import { Bounded, type BoundedOptions, IEEE } from "../../norms/oracle/bounded.ts";
import { compareAnswers, judge, measureError } from "./compare.ts";
import type { Answers } from "./evaluate.ts";
import { expect, type Expectation } from "./expect.ts";
import {
  answered,
  type ErrorSummary,
  fails,
  type ParityRecord,
  type QuantityRecord,
  type Verdict,
  VERDICTS,
  worstVerdict,
} from "./record.ts";

function expected(
  values: readonly number[],
  budget = 1,
  options: BoundedOptions = {},
): Bounded {
  const careful = new Float64Array(values.length).fill(budget);
  return new Bounded([values.length], Float64Array.from(values), careful, options);
}

function errorsOf(got: readonly number[], of: Bounded): ErrorSummary {
  return measureError(got, of).answer;
}

Deno.test("absolute and relative errors: the largest, and the mean", () => {
  const errors = errorsOf([1, 2.5, 4], expected([1, 2, 5]));
  assertEquals(errors.maxAbsolute, 1);
  assertEquals(errors.meanAbsolute, 0.5);
  assertEquals(errors.maxRelative, 0.25);
  assertAlmostEquals(errors.meanRelative, (0.25 + 0.2) / 3);
});

Deno.test("relative error and ULP leave out what is expected to be 0", () => {
  const errors = errorsOf([3, 2], expected([0, 1]));
  assertEquals([errors.maxAbsolute, errors.meanAbsolute], [3, 2]);
  assertEquals([errors.maxRelative, errors.meanRelative], [1, 1]);
  assertEquals([errors.maxUlp, errors.meanUlp], [2 ** 23, 2 ** 23]);
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
    assertEquals(errorsOf([floatAfter(value, 1)], expected([value])).maxUlp, 1);
    assertEquals(errorsOf([floatAfter(value, 3)], expected([value])).maxUlp, 3);
  });
}

Deno.test("an expected value between two float32 numbers is half a unit from the nearest", () => {
  const between = 1 + 2 ** -24;
  assertEquals(errorsOf([1], expected([between])).maxUlp, 0.5);
});

Deno.test("the ratio is the largest error over its budget, at an index of several dimensions", () => {
  const budgets = Float64Array.of(1, 1, 1, 1, 0.125, 1);
  const { ratio, worst } = errorsOf(
    [0, 0, 2, 0, 0.5, 0],
    new Bounded([2, 3], new Float64Array(6), budgets),
  );
  assertEquals(ratio, 4);
  assertEquals(worst, { index: [1, 1], got: 0.5, expected: 0, budget: 0.125 });
});

Deno.test("no error is within any budget, and any error outside of none", () => {
  assertEquals(errorsOf([1, 2], expected([1, 2], 0)).ratio, 0);
  assertEquals(errorsOf([1, 2.5], expected([1, 2], 0)).ratio, Infinity);
});

for (
  const [what, got, value] of [
    ["a NaN", NaN, 1],
    ["a number where NaN is expected", 1, NaN],
    ["an infinity where NaN is expected", Infinity, NaN],
    ["an infinity", Infinity, 1],
    ["the other infinity", -Infinity, Infinity],
    ["a NaN where infinity is expected", NaN, Infinity],
    ["a number where infinity is expected", 1, Infinity],
  ] as const
) {
  Deno.test(`${what} is wrong, however large the budget`, () => {
    for (const budget of [0, 1, Infinity, NaN]) {
      const { answer, verdict } = measureError([0, got], expected([0, value], budget));
      assertEquals([answer.ratio, answer.maxAbsolute], [Infinity, Infinity]);
      assertEquals([answer.worst.index, verdict], [[1], "wrong"]);
    }
  });
}

Deno.test("a NaN or an infinity is right where it is expected", () => {
  const values = [Infinity, -Infinity, NaN];
  const { answer, verdict } = measureError(values, expected(values, 0));
  assertEquals([answer.ratio, answer.maxAbsolute, verdict], [0, 0, "right"]);
});

Deno.test("where the arithmetic promises no NaN, none is asked for", () => {
  const of = expected([NaN, 1], 0.5, { arithmetic: { ...IEEE, keepsNonFinite: false } });
  assertEquals(measureError([7, 1], of).verdict, "right");
  assertEquals(measureError([7, 2], of).verdict, "wrong");
});

Deno.test("without an error the worst is the first element", () => {
  const { worst } = errorsOf([7, 8], expected([7, 8]));
  assertEquals(worst, { index: [0], got: 7, expected: 7, budget: 1 });
});

Deno.test("arrays of different lengths do not compare", () => {
  assertThrows(
    () => measureError([1, 2, 3], expected([1, 2])),
    RangeError,
    "3 values were given where 2 are expected",
  );
});

/** A careful budget of 1, one of 4 for any order, and a last element out of range. */
const GRADED = expected([10, 20, 30], 1, {
  anyOrder: Float64Array.of(4, 4, 4),
  outOfRange: Uint8Array.of(0, 0, 1),
});

const GRADES:
  readonly (readonly [got: readonly number[], Verdict, ratio: number, worst: number])[] = [
    [[10, 21, 30], "right", 1, 1],
    [[10, 22, 30], "loses digits", 2, 1],
    [[10, 24, 31], "loses digits", 4, 1],
    [[10, 20, Infinity], "out of range", Infinity, 2],
    [[10, 20, NaN], "out of range", Infinity, 2],
    [[10, 22, 40], "out of range", 10, 2],
    [[10, 25, Infinity], "wrong", Infinity, 1],
    [[NaN, 20, 30], "wrong", Infinity, 0],
  ];

for (const [got, verdict, ratio, worst] of GRADES) {
  Deno.test(`[${got}] for [10, 20, 30] is ${verdict}`, () => {
    const judgement = judge(Float32Array.from(got), { bounded: GRADED, isBlind: false });
    assertEquals(judgement.verdict, verdict);
    assert(answered(judgement.answer));
    assertEquals([judgement.answer.ratio, judgement.answer.worst.index], [ratio, [worst]]);
  });
}

Deno.test("the ratio to any order's budget is that of the elements in range, right or not", () => {
  const ratios = (...got: number[]) => {
    const { answer } = judge(Float32Array.from(got), { bounded: GRADED, isBlind: false });
    assert(answered(answer));
    return [answer.ratio, answer.anyOrderRatio];
  };
  assertEquals(ratios(10, 22, 99), [69, 0.5]);
  assertEquals(ratios(10, 20.5, 30), [0.5, 0.125]);
});

Deno.test("what is right by a budget that lets everything pass is not judged", () => {
  const blind = { bounded: GRADED, isBlind: true };
  assertEquals(judge(Float32Array.of(10, 20, 30), blind).verdict, "not judged");
  assertEquals(judge(Float32Array.of(10, 50, 30), blind).verdict, "wrong");
});

Deno.test("no answer is not returned, and an error cannot run", () => {
  const of = { bounded: GRADED, isBlind: false };
  assertEquals(judge(undefined, of).verdict, "not returned");
  assertEquals(judge({ error: "no" }, of), { answer: { error: "no" }, verdict: "cannot run" });
});

Deno.test("of several verdicts the worst counts", () => {
  const order = [...VERDICTS].reverse();
  order.forEach((verdict, i) => {
    assertEquals(worstVerdict(order.slice(0, i + 1)), verdict);
    assertEquals(worstVerdict(order.slice(0, i + 1).reverse()), verdict);
  });
});

Deno.test("what is wrong, fails or is not returned fails a run; lost digits do not", () => {
  assertEquals(VERDICTS.filter(fails), ["wrong", "cannot run", "not returned"]);
});

function quantity(...values: [number, number]): Bounded {
  return new Bounded([2], Float64Array.from(values), Float64Array.of(0.1, 0.1));
}

const DX = expect(quantity(3, 4));

const EXPECTED: Expectation = {
  inputs: { specs: [], values: {}, batches: [] },
  outputShape: [2],
  outputs: { y: expect(quantity(1, 2)) },
  upstreams: ["first", "second"].map((name) => ({
    name,
    dy: new Float32Array(2),
    gradients: { dx: DX },
  })),
  reductionLength: 2,
  kappa: 5,
};

function answers(y: readonly number[], ...dx: readonly (readonly number[])[]): Answers {
  return {
    outputs: { y: Float32Array.from(y) },
    gradients: dx.map((each) => ({ dx: Float32Array.from(each) })),
  };
}

const RIGHT = answers([1, 2], [3, 4], [3, 4]);

function compared(custom: Answers, reference: Answers, of = EXPECTED): ParityRecord[] {
  const parityCase = {
    id: "layer/case",
    about: "a case",
    shape: [1, 2],
    options: { training: true },
    input: normal(0, 1),
    offset: 10,
  };
  return compareAnswers(
    { norm: layerNorm as Norm, parityCase, seed: 7, backend: "cpu", expected: of },
    [["composed", custom]],
    [["tf.layers", reference]],
  );
}

function quantityIn(record: ParityRecord | undefined, name: string): QuantityRecord | undefined {
  return record?.quantities.find((each) => each.name === name);
}

Deno.test("right answers are right, quantity by quantity, custom norms first", () => {
  const records = compared(RIGHT, RIGHT);
  assertEquals(records.map(({ role, contender }) => [role, contender]), [
    ["custom", "composed"],
    ["reference", "tf.layers"],
  ]);
  for (const { verdict, ratio, quantities } of records) {
    assertEquals([verdict, ratio], ["right", 0]);
    assertEquals(quantities.map(({ name, shape, verdict }) => [name, shape, verdict]), [
      ["y", [2], "right"],
      ["dx", [2], "right"],
    ]);
  }
});

Deno.test("the record says what was checked", () => {
  const { quantities: _q, ratio: _r, verdict: _v, ...rest } = compared(RIGHT, RIGHT)[0]!;
  assertEquals(rest, {
    kind: "parity",
    schema: 1,
    norm: "layer",
    contender: "composed",
    role: "custom",
    backend: "cpu",
    case: {
      id: "layer/case",
      about: "a case",
      shape: [1, 2],
      options: { training: true },
      input: "normal(0, 1)",
      offset: 10,
      steps: 1,
      seed: 7,
    },
    reductionLength: 2,
    kappa: 5,
  });
});

Deno.test("custom norm and reference have a verdict each", () => {
  const off = answers([1, 2.5], [3, 4], [3, 4]);
  assertEquals(compared(off, RIGHT).map(({ verdict }) => verdict), ["wrong", "right"]);
  assertEquals(compared(RIGHT, off).map(({ verdict }) => verdict), ["right", "wrong"]);
  assertEquals(compared(off, off).map(({ verdict }) => verdict), ["wrong", "wrong"]);
});

Deno.test("a gradient is judged by the upstream gradient with which it is furthest off", () => {
  const [record] = compared(answers([1, 2], [3.0625, 4], [3, 4.5]), RIGHT);
  assertEquals([record!.verdict, Math.round(record!.ratio)], ["wrong", 5]);
  const dx = quantityIn(record, "dx")!;
  assertEquals([dx.verdict, dx.upstream], ["wrong", "second"]);
  assert(answered(dx.answer));
  assertEquals(dx.answer.worst, { index: [1], got: 4.5, expected: 4, budget: 0.1 });
});

Deno.test("a gradient is not judged only if no upstream gradient can judge it", () => {
  const [first, second] = EXPECTED.upstreams;
  const blind = { ...second!, gradients: { dx: { ...DX, isBlind: true } } };
  const one = compared(RIGHT, RIGHT, { ...EXPECTED, upstreams: [first!, blind] });
  assertEquals(quantityIn(one[0], "dx")?.verdict, "right");
  const both = compared(RIGHT, RIGHT, { ...EXPECTED, upstreams: [blind, blind] });
  assertEquals(quantityIn(both[0], "dx")?.verdict, "not judged");
});

Deno.test("the difference from a reference is the largest over upstream gradients", () => {
  const [custom, reference] = compared(answers([1, 2.25], [3, 4], [3, 5]), RIGHT);
  assertEquals(quantityIn(custom, "y")?.differences, { "tf.layers": 0.25 });
  assertEquals(quantityIn(custom, "dx")?.differences, { "tf.layers": 1 });
  assertEquals(quantityIn(reference, "y")?.differences, undefined);
});

Deno.test("what fails cannot run, beyond any budget, and has no difference", () => {
  const failing: Answers = { ...RIGHT, outputs: { y: { error: "not yet implemented" } } };
  const [custom, reference] = compared(failing, failing);
  for (const record of [custom!, reference!]) {
    assertEquals([record.verdict, record.ratio], ["cannot run", Infinity]);
    assertEquals(quantityIn(record, "y")?.answer, { error: "not yet implemented" });
    assertEquals(quantityIn(record, "y")?.differences, undefined);
  }
});

Deno.test("what a custom norm does not return is said, what a reference does not have is left out", () => {
  const without: Answers = { ...RIGHT, outputs: {} };
  const [custom, reference] = compared(without, without);
  assertEquals([custom!.verdict, quantityIn(custom, "y")?.verdict], [
    "not returned",
    "not returned",
  ]);
  assertEquals(reference!.quantities.map(({ name }) => name), ["dx"]);
});
