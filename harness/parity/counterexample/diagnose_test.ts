import { assert, assertEquals, assertGreater } from "@std/assert";
import { drawInputs, type ParityCase } from "../../../fixtures/parity_case.ts";
import { STANDARD } from "../../../fixtures/cases/row.ts";
import type { Tensor } from "../../../norms/basics/tensor.ts";
import * as tf from "../../../norms/basics/tf.ts";
import { normByName } from "../../../norms/registry.ts";
import { useBackend } from "../../backend/active_backend.ts";
import { subjectOf } from "../custom_norm.ts";
import { evaluate } from "../evaluate.ts";
import { expectation } from "../expect.ts";
import { diagnose } from "./diagnose.ts";
import { type Diagnosis, headline, sentences } from "./diagnosis.ts";

await useBackend("cpu");

type Layer = (
  inputs: { x: Tensor; gamma: Tensor; beta: Tensor },
  options: { epsilon?: number },
) => Tensor;

const norm = normByName("layer");
const parityCase: ParityCase = {
  id: "layer/test",
  about: "",
  shape: [2, 3],
  options: {},
  input: STANDARD,
};

/** What is said of the `y` of a layer norm on two rows of three. */
async function diagnoseLayer(layer: Layer): Promise<Diagnosis> {
  const subject = subjectOf(layer as never, {});
  const expected = expectation(norm, parityCase, drawInputs(norm, parityCase, 0), 0);
  const got = (await evaluate(subject, parityCase, expected)).outputs["y"] as Float32Array;
  const { bounded } = expected.outputs["y"]!;
  return await diagnose({
    norm,
    parityCase,
    backend: "cpu",
    quantity: "y",
    got,
    expected: bounded,
    subject,
  });
}

Deno.test("a mistake in code of another form has the name of the planted fault", async () => {
  const diagnosis = await diagnoseLayer(({ x, gamma, beta }, { epsilon = 1e-3 }) => {
    const { mean, variance } = tf.moments(x, -1, true);
    const factor = tf.mul(gamma, tf.reciprocal(tf.add(tf.sqrt(variance), epsilon)));
    return tf.add(tf.mul(x, factor), tf.sub(beta, tf.mul(mean, factor)));
  });
  assertEquals(diagnosis.suspects.map(({ fault }) => fault), ["sqrt(var) + eps"]);
  assertGreater(Number(diagnosis.suspects[0]!.digits), 2);
  assertGreater(diagnosis.confirmed, 3);
  assertEquals(diagnosis.elements, "every element");
  assertEquals(headline(diagnosis), "looks like: sqrt(var) + eps (epsilon outside the root)");
});

Deno.test("a mistake that nobody planted has no name, but a relation", async () => {
  const diagnosis = await diagnoseLayer(({ x, gamma, beta }, { epsilon = 1e-3 }) => {
    const { mean, variance } = tf.moments(x, -1, true);
    const xhat = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)));
    return tf.mul(tf.add(tf.mul(xhat, gamma), beta), 2);
  });
  assertEquals(diagnosis.suspects, []);
  assertEquals(diagnosis.relation?.meaning, "twice as much");
  assertEquals(sentences(diagnosis)[0], "Looks like none of the planted faults.");
});

Deno.test("faults that no input tells apart are named together", async () => {
  const stopped = (mean: Tensor) =>
    tf.customGrad((_mean) => ({
      value: tf.clone(mean),
      gradFunc: (dy: Tensor) => tf.zerosLike(dy),
    }))(mean);
  const layer: Layer = ({ x, gamma, beta }, { epsilon = 1e-3 }) => {
    const mean = stopped(tf.mean(x, -1, true));
    const centred = tf.sub(x, mean);
    const variance = tf.mean(tf.square(centred), -1, true);
    return tf.add(tf.mul(tf.div(centred, tf.sqrt(tf.add(variance, epsilon))), gamma), beta);
  };
  const subject = subjectOf(layer as never, {});
  const expected = expectation(norm, parityCase, drawInputs(norm, parityCase, 0), 0);
  const { gradients: [first] } = await evaluate(subject, parityCase, expected);
  const diagnosis = await diagnose({
    norm,
    parityCase,
    backend: "cpu",
    quantity: "dx",
    got: first!["dx"] as Float32Array,
    expected: expected.upstreams[0]!.gradients["dx"]!.bounded,
    subject,
  });
  assertEquals(diagnosis.suspects.map(({ fault }) => fault).toSorted(), [
    "dx without mean(dxhat)",
    "no gradient through the mean",
  ]);
  assert(headline(diagnosis).includes("; or: "));
  assert(/^It agrees with both to \d digits/.test(sentences(diagnosis)[1]!));
});

Deno.test("without planted faults to compare with, nothing is said of them", () => {
  const diagnosis = { suspects: [], planted: 0, confirmed: 0, elements: "every element" };
  assertEquals(headline(diagnosis), "");
  assertEquals(sentences(diagnosis), ["Off: every element."]);
  assertEquals(sentences({ ...diagnosis, planted: 3, ignored: "epsilon" }), [
    "It answers as if epsilon were not given.",
    "Off: every element.",
  ]);
});
