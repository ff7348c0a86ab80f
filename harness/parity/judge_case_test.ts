import { assertEquals } from "@std/assert";
import { normal } from "../../fixtures/distribution.ts";
import { layerNorm } from "../../norms/layer_norm.ts";
import type { Norm } from "../../norms/basics/norm.ts";
import { Bounded } from "../../norms/oracle/bounded.ts";
import { type Figures, hasFigures, type ParityRecord, type QuantityRecord } from "./record.ts";
import type { Answers } from "./evaluate.ts";
import { judgeCase } from "./judge_case.ts";

/** Two values with a budget of 0.1 each. */
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

/** The record of hand-made answers. */
function judged(custom: Answers, answers: Answers): ParityRecord {
  return judgeCase({
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
    implementation: "composed",
    custom,
    reference: "tf.layers",
    answers,
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
  const { index, got, expected } = (byName(record)["dx"]!.custom as Figures).worst;
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

Deno.test("figures are told from failures", () => {
  const { y } = byName(judged(RIGHT, { y: { error: "" } }));
  assertEquals([hasFigures(y!.custom), hasFigures(y!.reference)], [true, false]);
});
