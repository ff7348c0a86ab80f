import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { normal } from "../../fixtures/distribution.ts";
import type { Norm } from "../../norms/basics/norm.ts";
import { layerNorm } from "../../norms/layer_norm.ts";
import { Bounded } from "../../norms/oracle/bounded.ts";
import type { Failure } from "../run/record.ts";
import { compareAnswers, judge, measureError } from "./compare.ts";
import type { Answers } from "./evaluate.ts";
import {
  answered,
  blamesCustom,
  type ErrorSummary,
  type ParityRecord,
  type QuantityRecord,
  type Verdict,
  worstVerdict,
} from "./record.ts";

function expected(values: readonly number[], budget = 1, shape = [values.length]): Bounded {
  return new Bounded(
    shape,
    Float64Array.from(values),
    new Float64Array(values.length).fill(budget),
  );
}

Deno.test("absolute and relative errors: the largest, and the mean", () => {
  const errors = measureError([1, 2.5, 4], expected([1, 2, 5]));
  assertEquals(errors.maxAbsolute, 1);
  assertEquals(errors.meanAbsolute, 0.5);
  assertEquals(errors.maxRelative, 0.25);
  assertAlmostEquals(errors.meanRelative, (0.25 + 0.2) / 3);
});

Deno.test("relative error and ULP leave out what is expected to be 0", () => {
  const errors = measureError([3, 2], expected([0, 1]));
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
    assertEquals(measureError([floatAfter(value, 1)], expected([value])).maxUlp, 1);
    assertEquals(measureError([floatAfter(value, 3)], expected([value])).maxUlp, 3);
  });
}

Deno.test("an expected value between two float32 numbers is half a unit from the nearest", () => {
  const between = 1 + 2 ** -24;
  assertEquals(measureError([1], expected([between])).maxUlp, 0.5);
});

Deno.test("the ratio is the largest error over its budget, at an index of several dimensions", () => {
  const budgets = Float64Array.of(1, 1, 1, 1, 0.125, 1);
  const { ratio, worst } = measureError(
    [0, 0, 2, 0, 0.5, 0],
    new Bounded([2, 3], new Float64Array(6), budgets),
  );
  assertEquals(ratio, 4);
  assertEquals(worst, { index: [1, 1], got: 0.5, expected: 0, budget: 0.125 });
});

Deno.test("no error is within any budget, and any error outside of none", () => {
  assertEquals(measureError([1, 2], expected([1, 2], 0)).ratio, 0);
  assertEquals(measureError([1, 2.5], expected([1, 2], 0)).ratio, Infinity);
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
      const { ratio, maxAbsolute, worst } = measureError([0, got], expected([0, value], budget));
      assertEquals([ratio, maxAbsolute], [Infinity, Infinity]);
      assertEquals(worst.index, [1]);
    }
  });
}

Deno.test("an infinity passes where it is expected", () => {
  const errors = measureError([Infinity, -Infinity], expected([Infinity, -Infinity], 0));
  assertEquals([errors.ratio, errors.maxAbsolute, errors.maxUlp], [0, 0, 0]);
});

Deno.test("without an error the worst is the first element", () => {
  const { worst } = measureError([7, 8], expected([7, 8]));
  assertEquals(worst, { index: [0], got: 7, expected: 7, budget: 1 });
});

Deno.test("arrays of different lengths do not compare", () => {
  assertThrows(
    () => measureError([1, 2, 3], expected([1, 2])),
    RangeError,
    "3 values were given where 2 are expected",
  );
});

function off(ratio: number): ErrorSummary {
  return measureError([ratio], expected([0]));
}

const ANSWERS = {
  within: off(1),
  outside: off(1.001),
  NaN: off(Infinity),
  failing: { error: "it is not implemented" },
} satisfies Record<string, ErrorSummary | Failure>;

type Answer = keyof typeof ANSWERS;

const TRUTH_TABLE: readonly (readonly [Answer, Answer, Verdict])[] = [
  ["within", "within", "agree"],
  ["within", "outside", "reference wrong"],
  ["within", "NaN", "reference wrong"],
  ["within", "failing", "reference cannot"],
  ["outside", "within", "custom wrong"],
  ["outside", "outside", "both off"],
  ["outside", "failing", "custom wrong"],
  ["NaN", "within", "custom wrong"],
  ["NaN", "NaN", "both off"],
  ["failing", "within", "custom wrong"],
  ["failing", "outside", "both off"],
  ["failing", "failing", "both off"],
];

for (const [custom, reference, verdict] of TRUTH_TABLE) {
  Deno.test(`custom ${custom}, reference ${reference}: ${verdict}`, () => {
    assertEquals(judge(ANSWERS[custom], ANSWERS[reference]), verdict);
  });
}

Deno.test("of several verdicts the worst counts, a fault of the custom norm most", () => {
  const order: Verdict[] = [
    "agree",
    "reference cannot",
    "reference wrong",
    "both off",
    "custom wrong",
  ];
  order.forEach((verdict, i) => {
    assertEquals(worstVerdict(order.slice(0, i + 1)), verdict);
    assertEquals(worstVerdict(order.slice(0, i + 1).reverse()), verdict);
  });
});

Deno.test("the custom norm is to blame where it is off, with the reference or without", () => {
  const blamed = TRUTH_TABLE.map(([, , verdict]) => verdict).filter(blamesCustom);
  assertEquals(new Set(blamed), new Set<Verdict>(["custom wrong", "both off"]));
});

function quantity(...values: [number, number]): Bounded {
  return new Bounded([2], Float64Array.from(values), Float64Array.of(0.1, 0.1));
}

const EXPECTED = {
  inputs: { specs: [], values: {}, batches: [] },
  dy: new Float32Array(2),
  outputShape: [2],
  quantities: { y: quantity(1, 2), dx: quantity(3, 4) },
  reductionLength: 2,
  kappa: 5,
};

const RIGHT: Answers = { y: Float32Array.of(1, 2), dx: Float32Array.of(3, 4) };

function judged(custom: Answers, reference: Answers): ParityRecord {
  return compareAnswers({
    norm: layerNorm as Norm,
    parityCase: {
      id: "layer/case",
      about: "a case",
      shape: [1, 2],
      options: { training: true },
      input: normal(0, 1),
      offset: 10,
    },
    seed: 7,
    backend: "cpu",
    expected: EXPECTED,
    custom: ["composed", custom],
    reference: ["tf.layers", reference],
  });
}

function byName({ quantities }: ParityRecord): Record<string, QuantityRecord> {
  return Object.fromEntries(quantities.map((q) => [q.name, q]));
}

Deno.test("right answers agree, quantity by quantity", () => {
  const record = judged(RIGHT, RIGHT);
  assertEquals([record.verdict, record.ratio], ["agree", 0]);
  assertEquals(record.quantities.map(({ name, shape, verdict }) => [name, shape, verdict]), [
    ["y", [2], "agree"],
    ["dx", [2], "agree"],
  ]);
});

Deno.test("the record says what was compared with what", () => {
  const { quantities: _q, ratio: _r, verdict: _v, ...rest } = judged(RIGHT, RIGHT);
  assertEquals(rest, {
    kind: "parity",
    schema: 1,
    norm: "layer",
    implementation: "composed",
    backend: "cpu",
    reference: "tf.layers",
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

Deno.test("ratio and verdict of the record are those of the worst quantity", () => {
  const record = judged({ ...RIGHT, dx: Float32Array.of(3, 4.5) }, RIGHT);
  assertEquals(record.verdict, "custom wrong");
  assertEquals([byName(record)["y"]!.verdict, byName(record)["dx"]!.verdict], [
    "agree",
    "custom wrong",
  ]);
  assertEquals(Math.round(record.ratio), 5);
  const { index, got, expected } = (byName(record)["dx"]!.custom as ErrorSummary).worst;
  assertEquals([index, got, expected], [[1], 4.5, 4]);
});

Deno.test("a custom norm that fails is wrong, beyond any budget", () => {
  const record = judged({ ...RIGHT, dx: { error: "no gradient" } }, RIGHT);
  const { dx } = byName(record);
  assertEquals([record.verdict, record.ratio], ["custom wrong", Infinity]);
  assertEquals([dx!.custom, dx!.difference], [{ error: "no gradient" }, null]);
});

Deno.test("a reference that fails cannot, with its error", () => {
  const record = judged(RIGHT, { ...RIGHT, dx: { error: "not yet implemented" } });
  const { dx } = byName(record);
  assertEquals([record.verdict, dx!.verdict, record.ratio], [
    "reference cannot",
    "reference cannot",
    0,
  ]);
  assertEquals([dx!.reference, dx!.difference], [{ error: "not yet implemented" }, null]);
});

Deno.test("a reference without an output cannot", () => {
  const { y } = RIGHT;
  const { dx } = byName(judged(RIGHT, { y: y! }));
  assertEquals([dx!.verdict, dx!.reference], [
    "reference cannot",
    { error: "it has no such output" },
  ]);
});

Deno.test("an output that the custom norm does not have is not judged", () => {
  const { y } = RIGHT;
  assertEquals(Object.keys(byName(judged({ y: y! }, RIGHT))), ["y"]);
});

Deno.test("custom and reference may differ by both their budgets", () => {
  const above = { ...RIGHT, y: Float32Array.of(1.0625, 2) };
  const below = { ...RIGHT, y: Float32Array.of(0.9375, 2) };
  const { y } = byName(judged(above, below));
  assertEquals(y!.verdict, "agree");
  const difference = y!.difference!;
  assertEquals([difference.maxAbsolute, difference.worst.budget], [0.125, 0.2]);
  assertEquals(difference.ratio, 0.625);
});

Deno.test("an answer is told from a failure", () => {
  const { y } = byName(judged(RIGHT, { y: { error: "" } }));
  assertEquals([answered(y!.custom), answered(y!.reference)], [true, false]);
});
