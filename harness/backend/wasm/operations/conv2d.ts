/**
 * Two-dimensional convolution, the gradient of which needs `Conv2DBackpropFilter`.
 *
 * @module
 */
import type { NormOptions } from "../../../../norms/basics/options.ts";
import { conv2d as convolve, conv2dBackward } from "../../../../norms/oracle/convolution.ts";
import type { Convolution } from "../../../../norms/oracle/convolution.ts";
import { dataSpec } from "../../../../norms/basics/parameters.ts";
import { lengthOf } from "../../../../norms/basics/shape.ts";
import * as tf from "../../../../norms/basics/tf.ts";
import type { KernelOperation } from "./operation.ts";

/** Options of a convolution. */
export interface Conv2dOptions extends NormOptions, Convolution {
  readonly operation: "conv2d";
  /** Number of filters. */
  readonly filters: number;
}

/** x [samples, height, width, channels] cross-correlated with a kernel. */
export const conv2d: KernelOperation<Conv2dOptions> = {
  inputs: (shape, { kernelSize, filters }) => [
    dataSpec(shape),
    {
      name: "kernel",
      shape: [...kernelSize, lengthOf(shape, 3), filters],
      role: "weight",
      initializer: "randomNormal",
    },
  ],
  groups: (shape) => ({ shape, axes: [1, 2, 3] }),
  compute: ({ x, kernel }, { strides, padding }) =>
    tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, [...strides], padding),
  oracle: {
    forward: ({ x, kernel }, options) => ({ y: convolve(x!, kernel!, options) }),
    backward: ({ x, kernel }, options, dy) => conv2dBackward(x!, kernel!, options, dy),
  },
};
