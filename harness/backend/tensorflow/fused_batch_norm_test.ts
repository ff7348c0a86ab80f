import { assertEquals, assertLessOrEqual, assertStringIncludes, assertThrows } from "@std/assert";
import { type Distribution, normal, uniform } from "../../../fixtures/distribution.ts";
import { uniformStream } from "../../../norms/basics/random.ts";
import { batchNorm } from "../../../norms/batch_norm.ts";
import type { BatchNormOptions } from "../../../norms/basics/options.ts";
import { Bounded } from "../../../norms/oracle/bounded.ts";
import type { Shape } from "../../../norms/basics/shape.ts";
import * as tf from "../../../norms/basics/tf.ts";
import { useBackend } from "../active_backend.ts";
import { fusedBatchNorm } from "./fused_batch_norm.ts";
import { testOn } from "../backends_testing.ts";

const INPUTS: Readonly<Record<string, Distribution>> = {
  x: normal(0.5, 2),
  gamma: normal(1, 0.5),
  beta: normal(0, 1),
  movingMean: normal(0, 1),
  movingVariance: uniform(0.5, 2),
};

/** The inputs of a case, for the kernel and for the oracle. */
function inputsFor(shape: Shape, options: BatchNormOptions) {
  const drawn = batchNorm.inputs(shape, options).map(({ name, shape }) => {
    const values = INPUTS[name]!.sample(shape, uniformStream(name));
    return {
      name,
      tensor: tf.tensor(values, [...shape]),
      bounded: Bounded.exact(values, shape),
    };
  });
  return {
    tensors: Object.fromEntries(drawn.map(({ name, tensor }) => [name, tensor])),
    exact: Object.fromEntries(drawn.map(({ name, bounded }) => [name, bounded])),
  };
}

async function assertWithinBudget(
  name: string,
  got: tf.Tensor,
  { shape, values, bounds }: Bounded,
): Promise<void> {
  assertEquals(got.shape, [...shape], name);
  (await got.data()).forEach((value, i) =>
    assertLessOrEqual(Math.abs(value - values[i]!), bounds[i]!, `${name}, element ${i}`)
  );
}

/** Compares outputs and gradients of the kernel with the oracle. */
async function assertRight(shape: Shape, options: BatchNormOptions): Promise<void> {
  const { tensors, exact } = inputsFor(shape, options);
  const outputs = fusedBatchNorm.forward(tensors, options);
  const expected = batchNorm.oracle.forward(exact, options);
  for (const [name, bounded] of Object.entries(expected)) {
    await assertWithinBudget(name, outputs[name]!, bounded);
  }
  const dy = normal(0, 1).sample(shape, uniformStream("dy"));
  const backward = batchNorm.oracle.backward(exact, options, Bounded.exact(dy, shape));
  const wrt = Object.keys(backward);
  const gradients = fusedBatchNorm.gradients(tensors, options, tf.tensor(dy, [...shape]), wrt);
  assertEquals(Object.keys(gradients), wrt);
  for (const name of wrt) await assertWithinBudget(`d${name}`, gradients[name]!, backward[name]!);
}

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
    () => assertRight(shape, options),
  );
}

testOn(
  "tensorflow",
  "fused batch norm: a biased running variance is not n/(n-1) of the batch's",
  () => {
    const shape = [6, 5];
    const options = { ...TRAIN, momentum: 0 };
    const { tensors } = inputsFor(shape, options);
    const biased = fusedBatchNorm.forward(tensors, options)["movingVariance"]!;
    const unbiased = fusedBatchNorm.forward(tensors, { ...options, unbiasedVariance: true });
    const ratios = tf.div(unbiased["movingVariance"]!, biased).dataSync();
    ratios.forEach((ratio) => assertLessOrEqual(Math.abs(ratio - 6 / 5), 2 ** -22));
  },
);

testOn("tensorflow", "fused batch norm passes on what the kernel refuses", () => {
  const { tensors } = inputsFor([8, 5], TRAIN);
  const error = assertThrows(
    () => fusedBatchNorm.forward({ ...tensors, gamma: tf.ones([4]) }, TRAIN),
    Error,
  );
  assertStringIncludes(error.message, "scale");
});

Deno.test("fused batch norm names the backend that it needs", async () => {
  await useBackend("cpu");
  const { tensors } = inputsFor([8, 5], TRAIN);
  assertThrows(() => fusedBatchNorm.forward(tensors, TRAIN), Error, "use tensorflow");
  tf.dispose(tensors);
});
