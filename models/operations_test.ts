import { assertAlmostEquals, assertEquals } from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { read, wavesOf } from "../norms/layers/layers_testing.ts";
import * as tf from "../norms/basics/tf.ts";
import type { Activation } from "./description.ts";
import { activate, addBias, maxPool } from "./operations.ts";

/** Compares a function's value and gradients with another's of the same inputs. */
async function assertSame(
  ours: (...inputs: tf.Tensor[]) => tf.Tensor,
  theirs: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: tf.Tensor[],
): Promise<void> {
  const evaluate = (f: (...inputs: tf.Tensor[]) => tf.Tensor) => {
    const { value, grads } = tf.valueAndGrads((...inputs) =>
      tf.sum(tf.mul(f(...inputs), wavesOf(f(...inputs).shape, 3)))
    )(inputs);
    return read([f(...inputs), value, ...grads]);
  };
  const [got, expected] = [await evaluate(ours), await evaluate(theirs)];
  got.forEach((values, i) =>
    values.forEach((value, j) => assertAlmostEquals(value, expected[i]![j]!, 1e-5))
  );
}

testOnEveryBackend("a bias is added to the last axis, and its gradient is a sum", async () => {
  for (const shape of [[5, 3], [2, 4, 4, 3]]) {
    await assertSame(addBias, tf.add, [wavesOf(shape), wavesOf([3], 1)]);
  }
});

const THEIRS: Readonly<Record<Activation, (x: tf.Tensor) => tf.Tensor>> = {
  relu: tf.relu,
  leakyRelu: (x) => tf.leakyRelu(x, 0.01),
  sigmoid: tf.sigmoid,
};

for (const activation of ["relu", "leakyRelu", "sigmoid"] as const) {
  testOnEveryBackend(`${activation} and its gradient are those of TensorFlow.js`, async () => {
    const x = tf.concat([tf.mul(wavesOf([20], 2), 4), tf.tensor1d([1e4, -1e4])]);
    await assertSame((x) => activate(activation, x), THEIRS[activation], [x]);
  });
}

testOnEveryBackend("max pooling and its gradient are those of TensorFlow.js", async () => {
  // Odd lengths lose their last row and column.
  for (const shape of [[2, 4, 6, 3], [1, 5, 3, 2]] as const) {
    await assertSame(
      (x) => maxPool(x as tf.Tensor4D),
      (x) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid"),
      [wavesOf(shape)],
    );
  }
});

testOnEveryBackend("of equal maxima one gets the gradient, negative ones too", async (backend) => {
  const x = tf.tensor4d([-1, -1, 2, 1, -1, -1, 2, 2], [1, 2, 4, 1]);
  const gradient = tf.grad((x) => tf.sum(maxPool(x as tf.Tensor4D)))(x);
  const [first, last] = [[1, 0, 1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1, 0, 1]];
  assertEquals([...(await read([gradient]))[0]!], backend === "webgpu" ? last : first);
});
