import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { normal } from "../../fixtures/distribution.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { NORMS } from "../../norms/registry.ts";
import { parityCases } from "../../fixtures/parity_cases.ts";
import { microscope, type MicroscopeResult } from "./microscope.ts";

const stepNames = ({ steps }: MicroscopeResult) => steps.map(({ step }) => step);

Deno.test("at a large offset digits are lost where the mean is subtracted", async () => {
  const result = await microscope("textbook", {
    norm: "layer",
    shape: [4, 64],
    input: normal(1e4, 1),
  });
  assertEquals(stepNames(result), [
    ...["mean", "centred", "variance", "deviation", "xhat", "y"],
    ...["dxhat", "dbeta", "dgamma", "dx"],
  ]);
  const [mean, centred] = result.steps;
  assertGreater(mean!.worst, 22);
  // 10,000 has 13 bits more than the spread.
  assertLess(centred!.worst, 13);
  assertGreater(centred!.worst, 8);
  for (const { verdict, worst, promised } of result.steps) {
    assertEquals(verdict, "right");
    assert(worst >= promised);
  }
  assert(result.summary.includes("Most digits are lost in centred"));
});

Deno.test("a function is looked into by what it returns beside y", async () => {
  const onePass = ({ x, gamma, beta }: Record<"x" | "gamma" | "beta", Tensor>) => {
    // Without the axis of length 1.
    const mean = tf.mean(x, -1);
    const variance = tf.sub(tf.mean(tf.square(x), -1), tf.square(mean));
    const column = (of: Tensor) => tf.reshape(of, [-1, 1]);
    const xhat = tf.div(tf.sub(x, column(mean)), tf.sqrt(tf.add(column(variance), 1e-3)));
    return { mean, variance, xhat, y: tf.add(tf.mul(xhat, gamma), beta) };
  };
  const on = { norm: "layer", shape: [4, 64], input: normal(1000, 1) } as const;
  const result = await microscope(onePass, on);
  assertEquals(stepNames(result), ["mean", "variance", "xhat", "y", "dbeta", "dgamma", "dx"]);
  assertEquals(result.steps[1]!.verdict, "wrong");
  assert(result.summary.includes("Most digits are lost in variance"));
  await assertRejects(
    () => {
      const flat = ({ x, gamma, beta }: Record<"x" | "gamma" | "beta", Tensor>) => ({
        y: tf.add(tf.mul(x, gamma), beta),
        mean: tf.mean(x),
      });
      return microscope(flat, on);
    },
    RangeError,
    "step mean has 1 elements, expected 4",
  );
});

for (const { name } of NORMS) {
  Deno.test(`${name}: the textbook has steps, all right in an ordinary case`, async () => {
    const { shape, options, input } = parityCases(name, "quick")[0]!;
    const { steps } = await microscope("textbook", { norm: name, shape, options, input });
    assert(steps.some(({ step }) => step === "y"));
    for (const { verdict } of steps) assertEquals(verdict, "right");
  });
}
