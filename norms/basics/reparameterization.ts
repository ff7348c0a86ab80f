/**
 * Kernels as a direction and a length for every output unit: the computation of weight norm.
 *
 * @module
 */
import * as tf from "./tf.ts";
import { checkCount, type WeightNormOptions } from "./options.ts";
import { MOST_AXES } from "./view.ts";
import { lengthOf, range, reductionLength, type Shape } from "./shape.ts";
import { constant, GradientUnit, largestMagnitude, mean, sum, unitOf } from "./statistics.ts";
import type { Tensor } from "./tensor.ts";

/** The axes of a kernel that belong to one output unit: all but the last. */
export function unitAxes(kernelShape: Shape): number[] {
  return range(kernelShape.length - 1);
}

/**
 * v / ||v|| per output unit, with ||v||; v is scaled first so that its squares stay in range, and the
 * gradient that reaches the direction is to be in `unit`s.
 */
function direction(v: Tensor): { direction: Tensor; norm: Tensor; unit: GradientUnit } {
  const axes = unitAxes(v.shape);
  const scale = constant(() => largestMagnitude(v, axes));
  const unit = new GradientUnit(v, axes);
  const z = unit.divide(v, scale);
  const norm = tf.sqrt(sum(tf.square(z), axes));
  return { direction: tf.div(z, norm), norm: tf.mul(norm, scale), unit };
}

export type Reparameterize = (v: Tensor, g: Tensor) => Tensor;

/** Sees kernels of many axes as matrices. */
function inFewAxes(reparameterize: Reparameterize): Reparameterize {
  return (v, g) => {
    if (v.rank <= MOST_AXES) return reparameterize(v, g);
    return tf.reshape(reparameterize(tf.reshape(v, [-1, g.size]), g), v.shape);
  };
}

/** g v / ||v|| in basic operations; the gradient is the tape's. */
export const composedKernel: Reparameterize = inFewAxes((v, g) => {
  const { direction: u, unit } = direction(v);
  return unit.enter(tf.mul(u, unit.leave(g)));
});

/** dg = sum(dw u), dv = g / ||v|| (dw - u dg), where u = v / ||v||. */
export const analyticKernel: Reparameterize = inFewAxes((v, g) => {
  const { direction: u, norm } = direction(v);
  const count = reductionLength(v.shape, unitAxes(v.shape));
  return tf.customGrad((_v, _g, save) => {
    (save as tf.GradSaveFunc)([u, norm, g]);
    return {
      value: tf.mul(u, g),
      gradFunc: (dw: Tensor, saved: Tensor[]) => {
        const [u, norm, g] = saved as [Tensor, Tensor, Tensor];
        const unit = unitOf(dw, count);
        const inUnits = tf.mul(dw, unit);
        const dg = sum(tf.mul(inUnits, u), unitAxes(dw.shape));
        const dv = tf.mul(tf.sub(inUnits, tf.mul(u, dg)), tf.div(g, tf.mul(norm, unit)));
        return [dv, tf.reshape(tf.div(dg, unit), g.shape)];
      },
    };
  })(v, g);
});

/** The layer's own operation, dense or convolution, with a given kernel. */
export function applyKernel(
  x: Tensor,
  kernel: Tensor,
  bias: Tensor | undefined,
  { kernelSize, strides = [1, 1], padding = "valid" }: WeightNormOptions,
): Tensor {
  const product = kernelSize === undefined
    ? tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D)
    : tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, [...strides], padding);
  return bias === undefined ? product : tf.add(product, bias);
}

/** Shape of v: [inputs, units], or [height, width, channels, filters]. */
export function kernelShape(shape: Shape, { units, kernelSize }: WeightNormOptions): number[] {
  const rank = kernelSize === undefined ? 2 : 4;
  if (shape.length !== rank) {
    throw new RangeError(
      `x of shape [${shape.join(", ")}] does not fit: ${
        rank === 2
          ? "a dense layer takes [samples, features]"
          : "a convolution takes [samples, height, width, channels]"
      }`,
    );
  }
  checkCount("units", units);
  return [...(kernelSize ?? []), lengthOf(shape, rank - 1), units];
}

/**
 * The g and bias with which a weight-normalized layer starts out with outputs of mean 0 and variance 1.
 *
 *     t = v x / ||v||      g = 1 / std(t)      bias = -mean(t) / std(t)
 *
 * Salimans & Kingma 2016, section 3. A unit whose outputs are all equal has no spread, and an infinite g.
 *
 * @param t float32, shape `[..., units]`: the layer's output for an initial batch with g = 1, bias = 0.
 * @throws {RangeError} if `t` has fewer than two values a unit.
 */
export function dataDependentInitialization(
  t: Tensor,
): { readonly g: Tensor; readonly bias: Tensor } {
  const units = t.shape.at(-1) ?? 0;
  if (t.size < 2 * units || units === 0) {
    throw new RangeError(
      `an initial batch of shape [${t.shape.join(", ")}] has no spread: give at least two samples`,
    );
  }
  return tf.tidy(() => {
    const rows = tf.reshape(t, [-1, units]);
    const mu = mean(rows, [0]);
    const deviation = tf.sqrt(mean(tf.square(tf.sub(rows, mu)), [0]));
    return {
      g: tf.reshape(tf.div(1, deviation), [units]),
      bias: tf.reshape(tf.neg(tf.div(mu, deviation)), [units]),
    };
  });
}
