import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { normal } from "../../fixtures/distribution.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { parity } from "./parity.ts";
import { PARITY_REPORT } from "./report/document.ts";

type Inputs = Record<"x" | "gamma" | "beta", Tensor>;

/** The variance as E[x^2] - E[x]^2, which loses an offset's digits twice. */
function onePass({ x, gamma, beta }: Inputs) {
  const mean = tf.mean(x, -1, true);
  const variance = tf.sub(tf.mean(tf.square(x), -1, true), tf.square(mean));
  const xhat = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3)));
  return { mean, variance, xhat, y: tf.add(tf.mul(xhat, gamma), beta) };
}

const ON = {
  norm: "layer",
  shape: [4, 64],
  input: normal(1000, 1),
  backend: "cpu",
  shrink: false,
} as const;

Deno.test("a norm that fails and returns its steps has a record of its digits, and a table", async () => {
  const { records, summary } = await parity(onePass, ON);
  const [found, ...others] = records.filter(({ kind }) => kind === "steps");
  assertEquals(others, []);
  assert(found?.kind === "steps" && found.steps);
  const of = Object.fromEntries(found.steps.map((each) => [each.step, each]));
  assertEquals(found.case, "layer/custom-4x64");
  assertEquals(of["mean"]!.verdict, "right");
  assertEquals(of["variance"]!.verdict, "wrong");
  assertLess(of["variance"]!.worst, 8);
  assertStringIncludes(summary, "Steps of custom in layer/custom-4x64: Most digits are lost in");
  const { sections } = (await PARITY_REPORT.pages(records)).get("report")!;
  const { blocks } = sections.find(({ anchor }) => anchor === "steps")!;
  const table = blocks.find((block) => block.kind === "table")!.table;
  assertEquals(table.rows.map(([step]) => step), [
    ...["mean", "variance", "xhat", "y", "dbeta", "dgamma", "dx"],
  ]);
});

Deno.test("a norm without steps, or one that is right, has no such record", async () => {
  const plain = (inputs: Inputs) => onePass(inputs).y;
  const right = (inputs: Inputs) => {
    const { mean } = onePass(inputs);
    const centred = tf.sub(inputs.x, mean);
    const variance = tf.mean(tf.square(centred), -1, true);
    const xhat = tf.div(centred, tf.sqrt(tf.add(variance, 1e-3)));
    return { mean, variance, y: tf.add(tf.mul(xhat, inputs.gamma), inputs.beta) };
  };
  for (const norm of [plain, right]) {
    const { records } = await parity(norm, { ...ON, input: normal(norm === plain ? 1000 : 0, 1) });
    assertEquals(records.filter(({ kind }) => kind === "steps"), []);
  }
});

Deno.test("steps of another size are said not to be comparable", async () => {
  const flat = (inputs: Inputs) => ({ ...onePass(inputs), mean: tf.mean(inputs.x) });
  const { summary } = await parity(flat, ON);
  assertStringIncludes(
    summary.replace(/\n +/g, " "),
    "They cannot be compared: step mean has 1 elements, expected 4.",
  );
});

Deno.test("a norm that has no gradients, and of which none are asked for, has no steps", async () => {
  const plain = ({ x }: Inputs) => tf.tensor(x.dataSync(), x.shape);
  const { records } = await parity(plain, { ...ON, quantities: ["y"] });
  const custom = records.find((each) => each.kind === "parity" && each.role === "custom");
  assert(custom?.kind === "parity" && custom.verdict === "wrong");
  assertEquals(records.filter(({ kind }) => kind === "steps"), []);
});
