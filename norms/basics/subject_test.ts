import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { useBackend } from "../../harness/backend/active_backend.ts";
import { stockLayer } from "../layers/stock.ts";
import { functionSubject, layerSubject, type Subject } from "./subject.ts";
import * as tf from "./tf.ts";

await useBackend("cpu");

/** y = w x^2, with w handed through as a state. */
const parabola = functionSubject(({ x, w }) => ({ y: tf.mul(tf.square(x!), w!), w: w! }));

const dense = layerSubject(() => stockLayer("dense", { units: 1 }));

const batch = layerSubject(() => stockLayer("batchNormalization", { momentum: 0.5 }));

const values = (tensor: tf.Tensor | undefined): number[] => Array.from(tensor!.dataSync());

Deno.test("a function subject gives the function's outputs and the tape's gradients", () => {
  tf.tidy(() => {
    const inputs = { x: tf.tensor1d([1, 2]), w: tf.tensor1d([3, 4]) };
    const dy = tf.tensor1d([1, 10]);
    assertEquals(values(parabola.forward(inputs, {})["y"]), [3, 16]);
    const { x, w } = parabola.gradients(inputs, {}, dy, ["x", "w"]);
    assertEquals([values(x), values(w)], [[6, 160], [1, 40]]);
  });
});

Deno.test("gradients are those that are asked for, in any order", () => {
  tf.tidy(() => {
    const inputs = { x: tf.tensor1d([1, 2]), w: tf.tensor1d([3, 4]) };
    const { w, ...others } = parabola.gradients(inputs, {}, tf.ones([2]), ["w"]);
    assertEquals([values(w), Object.keys(others)], [[1, 4], []]);
  });
});

const denseInputs = () => ({
  x: tf.tensor2d([[1, 2]]),
  kernel: tf.tensor2d([[3], [4]]),
  bias: tf.tensor1d([5]),
});

Deno.test("a layer subject takes weights by name, and differentiates them", () => {
  tf.tidy(() => {
    assertEquals(values(dense.forward(denseInputs(), {})["y"]), [16]);
    const dy = tf.tensor2d([[10]]);
    const { x, kernel, bias } = dense.gradients(denseInputs(), {}, dy, ["x", "kernel", "bias"]);
    assertEquals([values(x), values(kernel), values(bias)], [[30, 40], [10, 20], [10]]);
  });
});

const batchInputs = () => ({
  x: tf.tensor2d([[1], [3]]),
  gamma: tf.ones([1]),
  beta: tf.zeros([1]),
  movingMean: tf.zeros([1]),
  movingVariance: tf.ones([1]),
});

Deno.test("a layer returns its updated states, under the names that norms give them", () => {
  tf.tidy(() => {
    const { movingMean, movingVariance } = batch.forward(batchInputs(), { training: true });
    assertAlmostEquals(values(movingMean)[0]!, 1, 1e-6);
    assertAlmostEquals(values(movingVariance)[0]!, 1, 1e-6);
    const predicting = batch.forward(batchInputs(), {});
    assertEquals(values(predicting["movingMean"]), [0]);
  });
});

Deno.test("a bound layer is built once, keeps its states, and is freed by its owner", () => {
  const before = tf.memory().numTensors;
  let built = 0;
  const counted = layerSubject(() => {
    built++;
    return stockLayer("batchNormalization", { momentum: 0.5 });
  });
  tf.tidy(() => {
    const inputs = batchInputs();
    const bound = counted.bind!(inputs, { training: true });
    const means = [0, 1].map(() => values(bound.forward(inputs.x)["movingMean"])[0]);
    assertEquals(means, [1, 1.5]);
    const { x } = bound.gradients(inputs.x, tf.ones([2, 1]), ["x"]);
    assertEquals(x!.shape, [2, 1]);
    bound.dispose();
  });
  assertEquals([built, tf.memory().numTensors], [1, before]);
});

Deno.test("a layer subject leaves only its outputs behind", () => {
  const subjects: [Subject, () => Record<string, tf.Tensor>][] = [
    [batch, batchInputs],
    [dense, denseInputs],
  ];
  for (const [subject, makeInputs] of subjects) {
    const inputs = makeInputs();
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      subject.forward(inputs, { training: true });
      const dy = tf.ones([inputs["x"]!.shape[0]!, 1]);
      subject.gradients(inputs, { training: true }, dy, ["x"]);
    });
    assertEquals(tf.memory().numTensors, before);
    tf.dispose(inputs);
  }
});

Deno.test("a layer that throws leaks no tensor", () => {
  const inputs = denseInputs();
  const before = tf.memory().numTensors;
  const { bias: _, ...incomplete } = inputs;
  tf.tidy(() => {
    assertThrows(() => dense.forward(incomplete, {}), TypeError, "there is no tensor bias");
  });
  assertEquals(tf.memory().numTensors, before);
  tf.dispose(inputs);
});

Deno.test("a function without y, and a gradient of an unknown input, are named", () => {
  tf.tidy(() => {
    const blind = functionSubject(({ x }) => ({ out: x! }));
    const x = tf.ones([1]);
    const dy = tf.ones([1]);
    assertThrows(() => blind.gradients({ x }, {}, dy, ["x"]), TypeError, "there is no tensor y");
    assertThrows(() => parabola.gradients({ x, w: x }, {}, dy, ["v"]), TypeError, "no tensor v");
  });
});

Deno.test("a layer that TensorFlow.js does not have is named, with the version", () => {
  assertThrows(
    () => stockLayer("groupNormalization", {}),
    Error,
    "tf.layers.groupNormalization does not exist in TensorFlow.js 4.22.0",
  );
});
