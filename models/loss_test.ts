import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { read, wavesOf } from "../norms/layers/layers_testing.ts";
import * as tf from "../norms/basics/tf.ts";
import { softmaxCrossEntropy } from "./loss.ts";

const LABELS = [2, 0, 1, 1, 2];

function problem() {
  const logits = tf.mul(wavesOf([LABELS.length, 3]), 4);
  const labels = tf.tensor1d(LABELS, "int32");
  return { logits, labels, oneHot: tf.oneHot(labels, 3) };
}

function assertClose(got: Float32Array, expected: Float32Array): void {
  got.forEach((value, i) => assertAlmostEquals(value, expected[i]!, 2e-6));
}

testOnEveryBackend("loss and gradient are those of tf.losses.softmaxCrossEntropy", async () => {
  const { logits, labels, oneHot } = problem();
  const scale = 3;
  const ours = tf.valueAndGrad((z) => tf.mul(softmaxCrossEntropy(z, labels), scale))(logits);
  const theirs = tf.valueAndGrad((z) =>
    tf.mul(tf.losses.softmaxCrossEntropy(oneHot, z) as tf.Tensor, scale)
  )(logits);
  const [value, gradient, theirValue, theirGradient] = await read([
    ours.value,
    ours.grad,
    theirs.value,
    theirs.grad,
  ]);
  assertClose(value!, theirValue!);
  assertClose(gradient!, theirGradient!);
});

testOnEveryBackend("the loss of equal logits is the logarithm of the classes", async () => {
  const labels = tf.tensor1d(LABELS, "int32");
  const [loss] = await read([softmaxCrossEntropy(tf.zeros([5, 3]), labels)]);
  assertAlmostEquals(loss![0]!, Math.log(3), 1e-6);
});

testOnEveryBackend("large logits overflow neither loss nor gradient", async () => {
  const logits = tf.tensor2d([[1e4, 0, -1e4], [0, 1e30, 0]]);
  const labels = tf.tensor1d([1, 1], "int32");
  const { value, grad } = tf.valueAndGrad((z) => softmaxCrossEntropy(z, labels))(logits);
  const [loss, gradient] = await read([value, grad]);
  assertEquals([...loss!], [5000]);
  assertEquals([...gradient!].map((x) => x + 0), [0.5, -0.5, 0, 0, 0, 0]);
});

testOnEveryBackend("a logit of NaN gives a loss of NaN", async () => {
  const logits = tf.tensor2d([[NaN, 0, 1], [0, 1, 2]]);
  const labels = tf.tensor1d([1, 1], "int32");
  const [loss] = await read([softmaxCrossEntropy(logits, labels)]);
  assert(Number.isNaN(loss![0]), `${loss}`);
});
