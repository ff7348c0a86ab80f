import { assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { testOn, testOnEveryBackend } from "../../harness/backend/backends_testing.ts";
import { type Shape, size } from "./shape.ts";
import { condition, mean, sum, sumTo } from "./statistics.ts";
import { normalTensor, valuesOf } from "./tensors_testing.ts";
import * as tf from "./tf.ts";

const UNIT_ROUNDOFF = 2 ** -24;

/** Whole numbers from 0 up, whose sums float32 holds exactly. */
function counting(shape: Shape): tf.Tensor {
  return tf.reshape(tf.range(0, size(shape)), [...shape]);
}

async function assertSameValues(got: tf.Tensor, expected: tf.Tensor): Promise<void> {
  assertEquals(got.shape, expected.shape);
  const [a, b] = await valuesOf(got, expected);
  assertEquals(a, b);
}

/** |got - expected| / |expected|. */
function relativeError([got]: readonly number[], expected: number): number {
  return Math.abs(got! - expected) / Math.abs(expected);
}

testOnEveryBackend("the mean of 2^20 tenths is 0.1 up to the last digits", async () => {
  const x = tf.fill([2 ** 20], 0.1);
  const [got] = await valuesOf(mean(x, [0]));
  // Four levels: three sums of 64 terms and one of 4.
  assertLessOrEqual(relativeError(got!, Math.fround(0.1)), (3 * 64 + 4) * UNIT_ROUNDOFF);
});

testOn("wasm", "the stock mean is off by one percent there", async () => {
  const x = tf.fill([2 ** 20], 0.1);
  const [got] = await valuesOf(tf.mean(x));
  assertGreater(relativeError(got!, Math.fround(0.1)), 0.009);
});

const LENGTHS = [1, 2, 63, 64, 65, 67, 127, 4096, 4099];

testOnEveryBackend(`sums of ${LENGTHS} terms take each term once`, async () => {
  for (const length of LENGTHS) {
    const x = tf.ones([3, length, 2]);
    await assertSameValues(sum(x, [1]), tf.fill([3, 1, 2], length));
  }
});

const AXES: readonly (readonly [Shape, readonly number[]])[] = [
  [[6], [0]],
  [[2, 3, 4, 5], [0]],
  [[2, 3, 4, 5], [3]],
  [[2, 3, 4, 5], [1, 2]],
  [[2, 3, 4, 5], [0, 2]],
  [[2, 3, 4, 5], [0, 2, 3]],
  [[2, 3, 4, 5], [0, 1, 2, 3]],
  [[2, 3, 2, 3, 2], [0, 2, 4]],
  [[70, 3, 5], [0, 2]],
];

testOnEveryBackend("sum and mean agree with tf.sum and tf.mean over any axes", async () => {
  for (const [shape, axes] of AXES) {
    const x = counting(shape);
    await assertSameValues(sum(x, axes), tf.sum(x, [...axes], true));
    // Whole numbers up to the division, which rounds once.
    const total = tf.sum(x, [...axes], true);
    await assertSameValues(mean(x, axes), tf.div(total, x.size / total.size));
  }
});

testOnEveryBackend("a sum over no axes is its argument, of any rank", async () => {
  await assertSameValues(sum(tf.scalar(7), []), tf.scalar(7));
  await assertSameValues(mean(counting([2, 3]), []), counting([2, 3]));
});

testOnEveryBackend("the gradient of a sum is 1 everywhere, padded or not", async () => {
  for (const length of [64, 65, 131]) {
    const x = tf.ones([2, length]);
    await assertSameValues(tf.grad((x) => sum(x, [1]))(x), tf.ones([2, length]));
  }
});

testOnEveryBackend("sumTo undoes a broadcast", async () => {
  const x = counting([2, 3, 4]);
  await assertSameValues(sumTo(x, [1, 3, 1]), tf.tensor([60, 92, 124], [1, 3, 1]));
  await assertSameValues(sumTo(x, [2, 3, 4]), counting([2, 3, 4]));
});

testOnEveryBackend("conditioned data is centred, and scaled where it is large", async () => {
  const x = tf.tensor2d([[1, 2, 6, 3], [-3e30, 0, 3e30, 0]]);
  const { z, pivot, scale } = condition(x, [1]);
  const [zs, pivots, scales] = await valuesOf(z, pivot, scale);
  assertEquals(pivots, [3, 0]);
  assertEquals(scales, [3, Math.fround(3e30)]);
  [-2 / 3, -1 / 3, 1, 0, -1, 0, 1, 0].forEach((expected, i) =>
    assertLessOrEqual(Math.abs(zs![i]! - expected), 4 * UNIT_ROUNDOFF)
  );
});

testOnEveryBackend("ordinary data is conditioned without being scaled", async () => {
  const x = tf.tensor1d([0.25, 0.5, 0.75, 0.5]);
  const { z, scale } = condition(x, [0]);
  assertEquals(await valuesOf(z, scale), [[-0.25, 0, 0.25, 0], [1]]);
});

testOnEveryBackend("a mean leaves only itself behind", () => {
  const x = normalTensor([5, 67, 3], "x");
  const before = tf.memory().numTensors;
  const result = tf.tidy(() => mean(x, [0, 1]));
  assertEquals(tf.memory().numTensors, before + 1);
  result.dispose();
  assertEquals(tf.memory().numTensors, before);
});
