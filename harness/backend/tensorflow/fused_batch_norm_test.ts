import { assertLessOrEqual, assertStringIncludes, assertThrows } from "@std/assert";
import { batchNorm } from "../../../norms/batch_norm.ts";
import type { BatchNormOptions } from "../../../norms/basics/options.ts";
import { assertWithinBudgets, drawTensors } from "../../../norms/oracle/budget_testing.ts";
import type { Shape } from "../../../norms/basics/shape.ts";
import * as tf from "../../../norms/basics/tf.ts";
import { useBackend } from "../active_backend.ts";
import { fusedBatchNorm } from "./fused_batch_norm.ts";
import { testOn } from "../backends_testing.ts";

const TRAIN: BatchNormOptions = { training: true };

const CASES: Readonly<Record<string, readonly [Shape, BatchNormOptions]>> = {
  images: [[4, 5, 3, 6], TRAIN],
  features: [[16, 5], TRAIN],
  sequences: [[4, 7, 5], TRAIN],
  volumes: [[2, 3, 4, 5, 6], TRAIN],
  "channels first": [[4, 6, 3, 5], { ...TRAIN, axis: 1 }],
  "an axis in the middle": [[3, 4, 5, 6], { ...TRAIN, axis: -2 }],
  "gamma and beta off": [[8, 5], { ...TRAIN, scale: false, center: false }],
  "own epsilon and momentum": [[8, 5], { ...TRAIN, epsilon: 1e-5, momentum: 0.7 }],
  "unbiased running variance": [[6, 5], { ...TRAIN, momentum: 0.9, unbiasedVariance: true }],
  "one sample": [[1, 5], TRAIN],
  prediction: [[4, 5, 3, 6], {}],
  "prediction, channels first": [[4, 6, 3, 5], { axis: 1 }],
  frozen: [[8, 5], { ...TRAIN, trainable: false }],
};

for (const [name, [shape, options]] of Object.entries(CASES)) {
  testOn(
    "tensorflow",
    `fused batch norm agrees with the oracle: ${name}`,
    () => assertWithinBudgets(batchNorm, fusedBatchNorm, shape, options),
  );
}

testOn(
  "tensorflow",
  "fused batch norm: a biased running variance is not n/(n-1) of the batch's",
  () => {
    const shape = [6, 5];
    const options = { ...TRAIN, momentum: 0 };
    const tensors = drawTensors(batchNorm, shape, options);
    const biased = fusedBatchNorm.forward(tensors, options)["movingVariance"]!;
    const unbiased = fusedBatchNorm.forward(tensors, { ...options, unbiasedVariance: true });
    const ratios = tf.div(unbiased["movingVariance"]!, biased).dataSync();
    ratios.forEach((ratio) => assertLessOrEqual(Math.abs(ratio - 6 / 5), 2 ** -22));
  },
);

testOn("tensorflow", "fused batch norm passes on what the kernel refuses", () => {
  const tensors = drawTensors(batchNorm, [8, 5], TRAIN);
  const error = assertThrows(
    () => fusedBatchNorm.forward({ ...tensors, gamma: tf.ones([4]) }, TRAIN),
    Error,
  );
  assertStringIncludes(error.message, "scale");
});

Deno.test("fused batch norm names the backend that it needs", async () => {
  await useBackend("cpu");
  const tensors = drawTensors(batchNorm, [8, 5], TRAIN);
  assertThrows(() => fusedBatchNorm.forward(tensors, TRAIN), Error, "use tensorflow");
  tf.dispose(tensors);
});
