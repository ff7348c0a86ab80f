/**
 * Reductions that stay accurate on every backend.
 *
 * Backends add in their own order. A sum that runs through n elements one after the other, as on wasm,
 * makes an error that grows with n: the float32 mean of 2^20 times 0.1 comes out as 0.10099 there. So
 * long axes are summed in blocks, and blocks of blocks, which bounds the error by the logarithm of n
 * in whichever order the backend adds inside a block.
 *
 * @module
 */
import * as tf from "./tf.ts";
import { broadcastAxes, dropAxes, reductionLength, type Shape, size } from "./shape.ts";

/** Longest run that the backend sums in its own order. */
const BLOCK = 64;

/** The largest divisor of `length` that is a sensible block, or `BLOCK` itself where padding is needed. */
function blockLength(length: number): number {
  for (let block = BLOCK; block >= BLOCK / 8; block--) {
    if (length % block === 0) return block;
  }
  return BLOCK;
}

/** Sums the middle axis of [outer, length, inner]; zeros fill up the last block. */
function sumMiddle(x: tf.Tensor3D): tf.Tensor3D {
  const [outer, length, inner] = x.shape;
  if (length <= BLOCK) return tf.sum(x, 1, true);
  const block = blockLength(length);
  const blocks = Math.ceil(length / block);
  const padding = blocks * block - length;
  const padded = padding === 0 ? x : tf.pad(x, [[0, 0], [0, padding], [0, 0]]);
  const partial = tf.sum(tf.reshape(padded, [outer, blocks, block, inner]), 2);
  return sumMiddle(tf.reshape(partial, [outer, blocks, inner]));
}

/** Splits ascending axes into runs of neighbours: `[0, 2, 3]` into `[[0], [2, 3]]`. */
function runs(axes: readonly number[]): number[][] {
  const result: number[][] = [];
  for (const axis of axes) {
    const last = result.at(-1);
    if (last !== undefined && last.at(-1) === axis - 1) last.push(axis);
    else result.push([axis]);
  }
  return result;
}

/**
 * Sum over `axes`, which stay as axes of length 1.
 *
 * @param x float32, any rank.
 * @param axes Ascending, none repeated; empty returns `x` itself.
 */
export function sum(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  return runs(axes).reduce((partial, run) => {
    const outer = size(partial.shape.slice(0, run[0]));
    const inner = size(partial.shape.slice(run.at(-1)! + 1));
    const middle = sumMiddle(
      tf.reshape(partial, [outer, reductionLength(partial.shape, run), inner]),
    );
    return tf.reshape(middle, dropAxes(partial.shape, run));
  }, x);
}

/** Mean over `axes`, which stay as axes of length 1. */
export function mean(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  return tf.div(sum(x, axes), reductionLength(x.shape, axes));
}

/** Sums `x` to `shape`, which must broadcast to it: the gradient of that broadcast. */
export function sumTo(x: tf.Tensor, shape: Shape): tf.Tensor {
  return sum(x, broadcastAxes(shape, x.shape));
}

/**
 * The unit that gradients are computed in where they are summed over groups of `count`: a power of two, so
 * that nothing is rounded, small enough for such a sum to stay below the largest of its terms.
 *
 * Without it the sums of a backward pass overflow at a dy of 3e37, though the gradient itself is in range.
 */
export function unitFor(count: number): number {
  return 2 ** -Math.ceil(Math.log2(4 * count));
}

/** Gradients up to here are summed as they are: no sum that fits into memory leaves the range. */
const ORDINARY = 2 ** 90;

/**
 * The unit to compute with where `gradient` is summed over groups of `count`: 1 for ordinary gradients, of
 * which a unit would cost the small ones their last bits.
 */
export function unitOf(gradient: tf.Tensor, count: number): tf.Tensor {
  return constant(() => {
    const largest = tf.max(tf.abs(tf.reshape(gradient, [-1])));
    return tf.where(tf.greater(largest, ORDINARY), unitFor(count), 1);
  });
}

/** The unit of a backward pass, from where gradients enter the computation to where they leave it. */
export class GradientUnit {
  readonly #count: number;
  #latest: tf.Tensor | undefined;

  /** For sums over `axes` of data like `x`; none where the gradient may be differentiated again. */
  constructor({ shape }: tf.Tensor, axes: readonly number[]) {
    // A second derivative reaches the data on other ways than through y, and those are in no unit.
    this.#count = tf.engine().state.gradientDepth > 1 ? 0 : reductionLength(shape, axes);
  }

  /** That of the pass that runs: the tape frees what earlier passes computed. */
  get #current(): tf.Tensor | undefined {
    return this.#latest?.isDisposed ? undefined : this.#latest;
  }

  /** `x` itself, whose gradient arrives in this unit. */
  enter(x: tf.Tensor): tf.Tensor {
    return this.#withGradient(
      x,
      (dy) => tf.mul(dy, this.#latest = this.#current ?? unitOf(dy, this.#count)),
    );
  }

  /** `x` itself, whose gradient arrives in this unit and goes on without it. */
  leave(x: tf.Tensor): tf.Tensor {
    return this.#withGradient(
      x,
      (dy) => this.#current === undefined ? dy : tf.div(dy, this.#current),
    );
  }

  #withGradient(x: tf.Tensor, gradient: (dy: tf.Tensor) => tf.Tensor): tf.Tensor {
    if (this.#count === 0) return x;
    return tf.customGrad((x) => ({ value: tf.clone(x as tf.Tensor), gradFunc: gradient }))(x);
  }

  /** `x / constant`; what reaches the quotient is in this unit, and what reaches `x` is not. */
  divide(x: tf.Tensor, constant: tf.Tensor): tf.Tensor {
    return tf.customGrad((_x, save) => {
      (save as tf.GradSaveFunc)([constant]);
      return {
        value: tf.div(x, constant),
        gradFunc: (dy: tf.Tensor, [constant]: tf.Tensor[]) => {
          const unit = this.#current;
          return tf.div(dy, unit === undefined ? constant! : tf.mul(constant!, unit));
        },
      };
    })(x);
  }
}

/** Data in a range where squares neither overflow nor lose the spread, and what restores them. */
export interface Conditioned {
  /** `(x - pivot) / scale`. */
  readonly z: tf.Tensor;
  /** A constant of every gradient. */
  readonly pivot: tf.Tensor;
  /** A constant of every gradient. */
  readonly scale: tf.Tensor;
  /** What the gradient that reaches `z` is measured in; that of `x` is not. */
  readonly unit: GradientUnit;
}

/**
 * What `compute` gives, as a constant of every gradient.
 *
 * The tape does not look inside, so that derivatives of second order take it for a constant, too.
 */
export function constant(compute: () => tf.Tensor): tf.Tensor {
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))();
}

/**
 * Shifts and scales each group of `x`, so that its statistics can be taken in float32.
 *
 * Standardization is invariant to both, `xhat(x; epsilon) = xhat((x - c) / s; epsilon / s^2)` for any
 * constants c and s, so they may be chosen freely and carry no gradient. The pivot c is a first mean:
 * what rounding leaves of the true mean is then small, and a second mean of `z` removes it, however
 * large the offset (the corrected two-pass algorithm; Chan, Golub & LeVeque 1983). The scale s is the
 * largest magnitude, but at least 1, so that ordinary data is not touched and data near 1e30 does not
 * overflow when it is squared.
 */
export function condition(x: tf.Tensor, axes: readonly number[]): Conditioned {
  const pivot = constant(() => mean(x, axes));
  const shifted = tf.sub(x, pivot);
  const scale = constant(() => tf.maximum(largestMagnitude(shifted, axes), 1));
  const unit = new GradientUnit(x, axes);
  return { z: unit.divide(shifted, scale), pivot, scale, unit };
}

/**
 * `z` less its mean, the biased variance `spread` of `z`, and mean and biased variance of `x`, over
 * `axes`, which stay as axes of length 1.
 */
export function moments({ z, pivot, scale, unit }: Conditioned, axes: readonly number[]) {
  const mu = mean(z, axes);
  const centred = tf.sub(z, mu);
  const spread = mean(tf.square(centred), axes);
  return {
    centred,
    spread,
    mean: unit.enter(tf.add(pivot, tf.mul(mu, scale))),
    variance: unit.enter(tf.mul(tf.mul(spread, scale), scale)),
  };
}

/** The largest |x| over `axes`, which stay as axes of length 1. */
export function largestMagnitude(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  return tf.max(tf.abs(x), [...axes], true);
}

/** `spread + epsilon / scale^power`: epsilon in the units of conditioned data. */
export function addEpsilon(
  spread: tf.Tensor,
  epsilon: number,
  scale: tf.Tensor,
  power: 1 | 2 = 2,
): tf.Tensor {
  const once = tf.div(epsilon, scale);
  return tf.add(spread, power === 1 ? once : tf.div(once, scale));
}

/** Mean and spread of every feature. */
interface FeatureStatistics {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/** The shares of old and batch statistics in the running ones. */
interface Shares {
  readonly old: number;
  /** Of the batch. */
  readonly mean: number;
  readonly variance: number;
}

/** Gives the running statistics after a step, in the shape of those before it. */
export type Follow = (
  running: FeatureStatistics,
  batch: FeatureStatistics,
  shares: Shares,
) => FeatureStatistics;

export const composedFollow: Follow = (running, batch, shares) => {
  const blend = (name: keyof FeatureStatistics): tf.Tensor =>
    tf.add(
      tf.mul(running[name], shares.old),
      tf.mul(tf.reshape(batch[name], running[name].shape), shares[name]),
    );
  return { mean: blend("mean"), variance: blend("variance") };
};
