/**
 * TensorFlow's fused batch norm, the kernels that Keras runs on, as a reference.
 *
 * tfjs cannot train with them; the native backend calls them by name. Ops reference:
 * `FusedBatchNormV3` and `FusedBatchNormGradV3` in tensorflow/core/ops/nn_ops.cc.
 *
 * @module
 */
import {
  type BatchNormOptions,
  DEFAULT_EPSILON,
  DEFAULT_MOMENTUM,
  usesBatchStatistics,
} from "../../../norms/basics/options.ts";
import type { Tensors } from "../../../norms/basics/norm.ts";
import { runRaw } from "../../../norms/fused/tensorflow/raw_operations.ts";
import { lengthOf, resolveAxes, size } from "../../../norms/basics/shape.ts";
import type { Subject } from "../../../norms/basics/subject.ts";
import * as tf from "../../../norms/basics/tf.ts";

/** Runs one of the two operations on `inputs` of this data format. */
function execute(
  operation: string,
  inputs: readonly tf.Tensor[],
  outputs: number,
  dataFormat: string,
  options: BatchNormOptions,
): tf.Tensor[] {
  const name = tf.getBackend();
  if (name !== "tensorflow") {
    throw new Error(`the backend ${name} has no fused batch norm to train with: use tensorflow`);
  }
  const attributes = {
    T: { type: "TF_FLOAT" },
    U: { type: "TF_FLOAT" },
    epsilon: { real: options.epsilon ?? DEFAULT_EPSILON },
    data_format: dataFormat,
    is_training: usesBatchStatistics(options),
  } as const;
  return runRaw(operation, attributes, inputs, outputs);
}

/** The shape of data of any rank as images, by a reshape; and how many values a channel has. */
function asImages({ shape }: tf.Tensor, { axis = -1 }: BatchNormOptions) {
  const channelAxis = resolveAxes(axis, shape.length)[0]!;
  const channels = lengthOf(shape, channelAxis);
  const before = size(shape.slice(0, channelAxis));
  const after = size(shape.slice(channelAxis + 1));
  return channelAxis === shape.length - 1
    ? { format: "NHWC", shape: [before, 1, 1, channels], channels, count: before }
    : { format: "NCHW", shape: [before, channels, 1, after], channels, count: before * after };
}

/** Outputs of the kernel, its variance unbiased where it is the batch's, and what its gradient takes. */
function run({ x, gamma, beta, movingMean, movingVariance }: Tensors, options: BatchNormOptions) {
  const images = asImages(x!, options);
  const image = tf.reshape(x!, images.shape);
  const scale = gamma ?? tf.ones([images.channels]);
  const statistics = usesBatchStatistics(options)
    ? [tf.tensor1d([]), tf.tensor1d([])]
    : [movingMean!, movingVariance!];
  const [y, mean, variance, ...reserved] = execute(
    "FusedBatchNormV3",
    [image, scale, beta ?? tf.zeros([images.channels]), ...statistics],
    6,
    images.format,
    options,
  );
  return { images, image, scale, y: y!, mean: mean!, variance: variance!, reserved };
}

/**
 * Batch norm by `FusedBatchNormV3` and `FusedBatchNormGradV3`, on the backend `tensorflow`.
 *
 * The kernel reports n/(n-1) times the variance that it normalizes with, for the running variance, as
 * in Keras 2; this is undone unless `unbiasedVariance` asks for it. Every error of the kernel is thrown,
 * for instance about a layout that it does not support on this device.
 */
export const fusedBatchNorm: Subject<BatchNormOptions> = {
  forward(inputs, options) {
    const { x, movingMean, movingVariance } = inputs;
    const { y, mean, variance, images } = run(inputs, options);
    const answer = tf.reshape(y, x!.shape);
    if (!usesBatchStatistics(options)) {
      return { y: answer, movingMean: movingMean!, movingVariance: movingVariance! };
    }
    const { momentum = DEFAULT_MOMENTUM, unbiasedVariance = false } = options;
    const { count } = images;
    // The kernel divides a single value's variance, 0, by 1.
    const correction = unbiasedVariance ? 1 : Math.max(count - 1, 1) / count;
    const follow = (moving: tf.Tensor, batch: tf.Tensor, factor: number): tf.Tensor =>
      tf.add(tf.mul(moving, momentum), tf.mul(batch, (1 - momentum) * factor));
    return {
      y: answer,
      movingMean: follow(movingMean!, mean, 1),
      movingVariance: follow(movingVariance!, variance, correction),
    };
  },
  gradients(inputs, options, dy, wrt) {
    const { image, scale, images, reserved } = run(inputs, options);
    const { movingMean, movingVariance } = inputs;
    const [first, second, third] = reserved;
    const statistics = usesBatchStatistics(options)
      ? [first!, second!]
      : [movingMean!, movingVariance!];
    const [dx, gamma, beta] = execute(
      "FusedBatchNormGradV3",
      [tf.reshape(dy, images.shape), image, scale, ...statistics, third!],
      5,
      images.format,
      options,
    );
    const gradients: Tensors = { x: tf.reshape(dx!, dy.shape), gamma: gamma!, beta: beta! };
    return Object.fromEntries(wrt.map((name) => [name, gradients[name]!]));
  },
};
