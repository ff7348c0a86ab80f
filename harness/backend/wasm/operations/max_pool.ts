/**
 * Max pooling, the gradient of which is `MaxPoolGrad`.
 *
 * @module
 */
import type { NormOptions } from "../../../../norms/basics/options.ts";
import { Bounded, UNIT_ROUNDOFF } from "../../../../norms/oracle/bounded.ts";
import { type Convolution, patches } from "../../../../norms/oracle/convolution.ts";
import { dataSpec } from "../../../../norms/basics/parameters.ts";
import { lengthOf, size } from "../../../../norms/basics/shape.ts";
import * as tf from "../../../../norms/basics/tf.ts";
import type { KernelOperation } from "./operation.ts";

/** Options of max pooling. */
export interface MaxPoolOptions extends NormOptions, Pick<Convolution, "strides" | "padding"> {
  readonly operation: "maxPool";
  /** Height and width of the window. */
  readonly poolSize: readonly [number, number];
}

/** For each element of the output the position in `x` of the maximum: of equal ones, the first. */
function maxima(x: Bounded, { poolSize, strides, padding }: MaxPoolOptions) {
  const convolution = { kernelSize: poolSize, strides, padding };
  const { index, positions, patchSize } = patches(x.shape, convolution);
  const channels = lengthOf(x.shape, 3);
  const shape = [...positions, channels];
  const chosen = Int32Array.from({ length: size(shape) }, (_, output) => {
    const start = Math.floor(output / channels) * patchSize + output % channels;
    let best = -1;
    for (let i = start; i < start - output % channels + patchSize; i += channels) {
      const position = index[i]!;
      if (position < 0) continue;
      if (best < 0 || x.values[position]! > x.values[best]!) best = position;
    }
    return best;
  });
  return { chosen, shape };
}

/** The largest element of every window of x [samples, height, width, channels]. */
export const maxPool: KernelOperation<MaxPoolOptions> = {
  inputs: (shape) => [dataSpec(shape)],
  groups: (shape) => ({ shape, axes: [1, 2] }),
  compute: ({ x }, { poolSize, strides, padding }) =>
    tf.maxPool(x as tf.Tensor4D, [...poolSize], [...strides], padding),
  oracle: {
    forward({ x }, options) {
      const { chosen, shape } = maxima(x!, options);
      return { y: Bounded.exact(Array.from(chosen, (position) => x!.values[position]!), shape) };
    },
    backward({ x }, options, dy) {
      const depth = Math.ceil(Math.log2(size(options.poolSize)));
      const values = new Float64Array(x!.values.length);
      const bounds = new Float64Array(values.length);
      maxima(x!, options).chosen.forEach((position, output) => {
        const value = dy.values[output]!;
        values[position]! += value;
        bounds[position]! += depth * UNIT_ROUNDOFF * Math.abs(value);
      });
      return { x: new Bounded(x!.shape, values, bounds) };
    },
  },
};
