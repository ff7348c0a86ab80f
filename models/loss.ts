import type { Tensor } from "../norms/basics/tensor.ts";
import * as tf from "../norms/basics/tf.ts";
import type { Scalar } from "./description.ts";
import { onNativeTensorflow, runRaw } from "../norms/fused/tensorflow/raw_operations.ts";

/**
 * Mean cross-entropy of softmax, with the gradient derived by hand.
 *
 *     loss = mean(log(sum_j exp(z_j)) - z_label)      dz = (softmax(z) - onehot(label)) / N
 *
 * The largest logit is subtracted first, so that no exponential overflows.
 *
 * @param logits float32, [N, classes].
 * @param labels int32, [N], each in [0, classes); no gradient reaches them.
 * @returns A scalar, in nats.
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor): Scalar {
  return tf.customGrad((logits, save) => {
    const compute = onNativeTensorflow() ? nativeCrossEntropy : crossEntropy;
    const [losses, gradient] = compute(logits as Tensor, labels);
    (save as tf.GradSaveFunc)([gradient]);
    return {
      value: tf.mean(losses),
      gradFunc: (dy: Tensor, [gradient]: Tensor[]) => tf.mul(gradient!, tf.div(dy, labels.size)),
    };
  })(logits) as Scalar;
}

/** The loss of every sample, and the gradient of their sum. */
type CrossEntropy = (logits: Tensor, labels: Tensor) => [losses: Tensor, gradient: Tensor];

const crossEntropy: CrossEntropy = (logits, labels) => {
  const target = tf.oneHot(labels, logits.shape[1]!) as Tensor;
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  const exponentials = tf.exp(shifted);
  const sum = tf.sum(exponentials, 1, true);
  return [
    tf.sub(tf.log(tf.squeeze(sum, [1])), tf.sum(tf.mul(shifted, target), 1)),
    tf.sub(tf.div(exponentials, sum), target),
  ];
};

/** The same in one operation. */
const nativeCrossEntropy: CrossEntropy = (logits, labels) =>
  runRaw("SparseSoftmaxCrossEntropyWithLogits", {}, [logits, labels], 2) as [Tensor, Tensor];

/** How many of the samples have their largest logit at their label. */
export function countCorrect(logits: Tensor, labels: Tensor): Scalar {
  return tf.tidy(() => tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), "float32")));
}
