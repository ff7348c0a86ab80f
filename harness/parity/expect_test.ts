import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { constant, cycle, normal } from "../../fixtures/distribution.ts";
import { Bounded } from "../../norms/oracle/bounded.ts";
import { expect, PREDICTION } from "./expect.ts";
import { expectedOf } from "./expected_testing.ts";

const QUANTITIES: Readonly<Record<string, [Record<string, unknown>, string[]]>> = {
  batch: [{ training: true }, [
    "y",
    "dx",
    "dgamma",
    "dbeta",
    "movingMean",
    "movingVariance",
    PREDICTION,
  ]],
  layer: [{ center: false }, ["y", "dx", "dgamma"]],
  weight: [{ units: 3 }, ["y", "dx", "dv", "dg", "dbias"]],
  rms: [{ scale: false }, ["y", "dx"]],
};

for (const [name, [options, quantities]] of Object.entries(QUANTITIES)) {
  Deno.test(`${name} norm with ${JSON.stringify(options)}: ${quantities} are expected`, () => {
    const { expected } = expectedOf(name, { options });
    const [{ gradients } = { gradients: {} }] = expected.upstreams;
    const names = [...Object.keys(expected.outputs), ...Object.keys(gradients)];
    assertEquals(names.sort(), [...quantities].sort());
  });
}

Deno.test("gradients have the shapes of their inputs, the upstream gradient that of the output", () => {
  const { expected } = expectedOf("weight", { shape: [7, 5], options: { units: 3 } });
  const [upstream] = expected.upstreams;
  const shapes = Object.entries({ ...expected.outputs, ...upstream!.gradients })
    .map(([name, { bounded }]) => [name, bounded.shape]);
  assertEquals(Object.fromEntries(shapes), {
    y: [7, 3],
    dx: [7, 5],
    dv: [5, 3],
    dg: [3],
    dbias: [3],
  });
  assertEquals([expected.outputShape, upstream!.dy.length], [[7, 3], 21]);
});

Deno.test("everything follows from the seed", () => {
  const drawn = (seed: number) => expectedOf("layer", {}, seed).expected;
  assertEquals(drawn(1), drawn(1));
  assertNotEquals(drawn(1).upstreams[0]!.dy, drawn(2).upstreams[0]!.dy);
  assertNotEquals(drawn(1).outputs["y"], drawn(2).outputs["y"]);
});

function columnMeans(x: Float32Array): number[] {
  return [0, 1, 2, 3].map((c) => {
    const column = x.filter((_, i) => i % 4 === c);
    return column.reduce((total, value) => total + value, 0) / column.length;
  });
}

Deno.test("running statistics follow every batch of the case", () => {
  const options = { training: true, momentum: 0.75 };
  const { expected } = expectedOf("batch", { options, steps: 3 });
  const { values, batches } = expected.inputs;
  const movingMean = batches.reduce(
    (moving, x) => columnMeans(x).map((mean, c) => 0.75 * moving[c]! + 0.25 * mean),
    Array.from(values["movingMean"]!),
  );
  const got = expected.outputs["movingMean"]!.bounded.values;
  movingMean.forEach((value, c) => assertAlmostEquals(got[c]!, value, 1e-12));
});

Deno.test("the prediction uses the statistics after the last step, on the first batch", () => {
  const { expected } = expectedOf("batch", { options: { training: true }, steps: 2 });
  const { inputs: { values }, outputs } = expected;
  const [movingMean, movingVariance, prediction] = ["movingMean", "movingVariance", PREDICTION]
    .map((name) => outputs[name]!.bounded.values);
  prediction!.forEach((got, i) => {
    const c = i % 4;
    const deviation = Math.sqrt(movingVariance![c]! + 1e-3);
    const xhat = (values["x"]![i]! - movingMean![c]!) / deviation;
    assertAlmostEquals(got, values["gamma"]![c]! * xhat + values["beta"]![c]!, 1e-12);
  });
});

Deno.test("a frozen layer's statistics are exactly what they were", () => {
  const options = { training: true, trainable: false };
  const { expected } = expectedOf("batch", { options, steps: 3 });
  const { values, careful } = expected.outputs["movingMean"]!.bounded;
  assertEquals(Array.from(values), Array.from(expected.inputs.values["movingMean"]!));
  assert(careful.every((bound) => bound === 0));
});

Deno.test("a running variance that float32 cannot hold is expected to be infinite", () => {
  const options = { training: true, momentum: 0.5 };
  const { expected } = expectedOf("batch", { options, input: normal(0, 1e30) });
  const { values, careful } = expected.outputs["movingVariance"]!.bounded;
  assert(values.every((value) => value === Infinity));
  assert(careful.every((bound) => bound === 0));
});

Deno.test("the reduction length is that of a group of the normalized input", () => {
  const lengthOf = (name: string, shape: number[], options: Record<string, unknown>) =>
    expectedOf(name, { shape, options }).expected.reductionLength;
  assertEquals(lengthOf("batch", [6, 5, 4], { training: true }), 30);
  assertEquals(lengthOf("layer", [6, 5, 4], { axis: [1, 2] }), 20);
  assertEquals(lengthOf("group", [6, 5, 4], { groups: 2 }), 10);
  assertEquals(lengthOf("instance", [6, 5, 4], {}), 5);
  assertEquals(lengthOf("weight", [6, 5, 4, 3], { units: 2, kernelSize: [2, 2] }), 12);
});

const KAPPA = [
  { input: cycle("9, 11", [9, 11]), kappa: Math.hypot(1, 10) },
  { input: cycle("-1, 1", [-1, 1]), kappa: 1 },
  { input: cycle("1, 3, then 9, 11", [1, 3, 1, 3, 9, 11, 9, 11]), kappa: Math.hypot(1, 10) },
  { input: constant(7), kappa: Infinity },
  { input: constant(0), kappa: 1 },
];

for (const { input, kappa } of KAPPA) {
  Deno.test(`groups of ${input.name} have the condition number ${kappa}`, () => {
    assertAlmostEquals(expectedOf("layer", { input }).expected.kappa, kappa);
  });
}

function bounded(values: readonly number[], careful: readonly number[]): Bounded {
  return new Bounded([values.length], Float64Array.from(values), Float64Array.from(careful));
}

Deno.test("a quantity is blind where a zero would pass for most elements", () => {
  assertEquals(expect(bounded([1, 1, 1], [1, 2, 0.5])).isBlind, true);
  assertEquals(expect(bounded([1, 1, 1], [0.1, Infinity, 0.5])).isBlind, false);
  assertEquals(expect(bounded([1, 1], [Infinity, Infinity])).isBlind, true);
  assertEquals(expect(bounded([0, 0], [0, 0])).isBlind, false);
});

Deno.test("the budget in units in the last place is the median over the elements", () => {
  const ulp = 2 ** -23;
  assertEquals(expect(bounded([1, 1.5, 2], [3 * ulp, 100, 4 * ulp])).budgetUlp, 3);
});
