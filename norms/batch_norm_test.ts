import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { batchNormalization } from "./batch_norm.ts";
import { normalTensor, valuesOf } from "./basics/tensors_testing.ts";
import * as tf from "./basics/tf.ts";

/** Asserts equality up to some roundings of values up to 10. */
function assertClose(got: readonly number[], expected: readonly number[]): void {
  assertEquals(got.length, expected.length);
  got.forEach((value, i) => assertAlmostEquals(value, expected[i]!, 10 * 16 * 2 ** -24));
}

/** One feature of mean 3, with 14 for its squared deviations. */
const feature = () => tf.tensor2d([[1], [2], [3], [6]]);

testOnEveryBackend("batchNormalization in training standardizes and follows", async () => {
  const { y, movingMean, movingVariance } = batchNormalization(feature(), {
    training: true,
    momentum: 0.75,
    movingMean: tf.tensor1d([8]),
    movingVariance: tf.tensor1d([10]),
  });
  const [ys, means, variances] = await valuesOf(y, movingMean, movingVariance);
  assertClose(ys!, [-2, -1, 0, 3].map((centred) => centred / Math.sqrt(14 / 4 + 1e-3)));
  assertClose(means!, [0.75 * 8 + 0.25 * 3]);
  assertClose(variances!, [0.75 * 10 + 0.25 * 14 / 4]);
});

testOnEveryBackend("running statistics start from 0 and 1, and keep 0.99", async () => {
  const { movingMean, movingVariance } = batchNormalization(feature(), { training: true });
  const [means, variances] = await valuesOf(movingMean, movingVariance);
  assertClose(means!, [0.01 * 3]);
  assertClose(variances!, [0.99 + 0.01 * 14 / 4]);
});

testOnEveryBackend("an unbiased running variance divides by n - 1, and y does not", async () => {
  const unbiased = batchNormalization(feature(), {
    training: true,
    momentum: 0,
    unbiasedVariance: true,
  });
  const { y } = batchNormalization(feature(), { training: true });
  const [variances, ys, expected] = await valuesOf(unbiased.movingVariance, unbiased.y, y);
  assertClose(variances!, [14 / 3]);
  assertEquals(ys, expected);
});

testOnEveryBackend("prediction uses the running statistics and returns copies", async () => {
  const movingMean = tf.tensor1d([1]);
  const movingVariance = tf.tensor1d([4]);
  const result = batchNormalization(feature(), { movingMean, movingVariance, epsilon: 0 });
  tf.dispose([movingMean, movingVariance]);
  const [y, mean, variance] = await valuesOf(
    result.y,
    result.movingMean,
    result.movingVariance,
  );
  assertClose(y!, [0, 0.5, 1, 2.5]);
  assertEquals([mean, variance], [[1], [4]]);
});

testOnEveryBackend("channels first gives what channels last gives", async () => {
  const x = normalTensor([3, 4, 5, 2], "x");
  const channelsFirst = batchNormalization(tf.transpose(x, [0, 3, 1, 2]), {
    training: true,
    axis: 1,
  });
  const channelsLast = batchNormalization(x, { training: true });
  const [first, last] = await valuesOf(
    tf.transpose(channelsFirst.y, [0, 2, 3, 1]),
    channelsLast.y,
  );
  assertClose(first!, last!);
});

Deno.test("batchNormalization refuses a momentum outside 0 to 1", () => {
  tf.tidy(() => {
    for (const momentum of [-0.1, 1.1, NaN]) {
      assertThrows(
        () => batchNormalization(feature(), { momentum }),
        RangeError,
        `momentum ${momentum} is not between 0 and 1`,
      );
    }
  });
});

Deno.test("batchNormalization refuses an unbiased variance of one value, unless it predicts", () => {
  tf.tidy(() => {
    const one = tf.ones([1, 3]);
    assertThrows(
      () => batchNormalization(one, { training: true, unbiasedVariance: true }),
      RangeError,
      "an unbiased variance of one value does not exist: give a larger batch",
    );
    batchNormalization(one, { unbiasedVariance: true });
  });
});

Deno.test("batchNormalization refuses running statistics of another shape", () => {
  tf.tidy(() => {
    assertThrows(
      () => batchNormalization(feature(), { movingVariance: tf.ones([2]) }),
      RangeError,
      "input movingVariance has shape [2], but these options need [1]",
    );
  });
});
