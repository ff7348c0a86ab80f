/**
 * Float64 oracle of l_p batch norm, and its options.
 *
 * @module
 */
import { type Arrangement, perFeature } from "../basics/arrangement.ts";
import type { BoundedArrays, Oracle } from "../basics/norm.ts";
import { DEFAULT_EPSILON, type RunningOptions } from "../basics/options.ts";
import { broadcastIndex, dropAxes, reductionLength, type Shape, size } from "../basics/shape.ts";
import { add, Bounded, mean, multiply, reshape, squareRoot, subtract } from "./bounded.ts";
import { runningOracle } from "./running_statistics.ts";
import { affineBackward, affineForward } from "./standardization.ts";
import { standardize } from "./group_statistics.ts";
import { standardizeBy } from "./standardized.ts";
import { projectBackward } from "./standardized_gradients.ts";

/** Which mean the magnitudes enter: of themselves, of their squares, or their largest. */
export type Order = 1 | 2 | "infinity";

/** Options of l_p batch norm. */
export interface LpNormOptions extends RunningOptions {
  /** The feature axis: every other axis is averaged over; default the last. */
  readonly axis?: number;
  /** The order of the norm; default 1. */
  readonly p?: Order;
}

/** For every element of an array the number of its group. */
function groupsOf({ shape }: Bounded, axes: readonly number[]): Int32Array {
  return broadcastIndex(dropAxes(shape, axes), shape);
}

function magnitude(a: Bounded): Bounded {
  return new Bounded(a.shape, a.values.map(Math.abs), a.careful, a);
}

/** Largest of `values` of every group. */
function maxima(values: Float64Array, groups: Int32Array, shape: Shape): Float64Array {
  const result = new Float64Array(size(shape)).fill(-Infinity);
  groups.forEach((group, i) => result[group] = Math.max(result[group]!, values[i]!));
  return result;
}

/** The largest element of every group; it is off by no more than an element of the group can be. */
function largest(a: Bounded, axes: readonly number[]): Bounded {
  const shape = dropAxes(a.shape, axes);
  const groups = groupsOf(a, axes);
  const flags = a.outOfRange;
  const outOfRange = flags && new Uint8Array(size(shape));
  if (flags) groups.forEach((group, i) => outOfRange![group]! |= flags[i]!);
  return new Bounded(shape, maxima(a.values, groups, shape), maxima(a.careful, groups, shape), {
    anyOrder: maxima(a.anyOrder, groups, shape),
    outOfRange,
    arithmetic: a.arithmetic,
  });
}

/** sign(a): anything from -1 to 1 where a may be zero within its bound. */
function sign(a: Bounded): Bounded {
  const values = a.values.map(Math.sign);
  const doubt = (bound: number, i: number) =>
    Math.abs(a.values[i]!) > bound ? 0 : 1 + Math.abs(values[i]!);
  return new Bounded(a.shape, values, a.careful.map(doubt), {
    ...a,
    anyOrder: a.anyOrder.map(doubt),
  });
}

/**
 * n / k at the k largest elements of every group, 0 elsewhere: n times the gradient of their mean.
 *
 * Which elements are equal and largest is decided by rounding where several are so within their bounds;
 * each of these may then get anything from nothing to all of n.
 */
function shareOfLargest(a: Bounded, axes: readonly number[]): Bounded {
  const groups = groupsOf(a, axes);
  const shape = dropAxes(a.shape, axes);
  const count = reductionLength(a.shape, axes);
  /** For every element how many may be the largest of its group, if it is one of them. */
  const rivalsWithin = (bounds: Float64Array): Float64Array => {
    const least = maxima(a.values.map((value, i) => value - bounds[i]!), groups, shape);
    const isCandidate = a.values.map((value, i) =>
      value + bounds[i]! >= Math.max(0, least[groups[i]!]!) ? 1 : 0
    );
    const candidates = new Float64Array(size(shape));
    groups.forEach((group, i) => candidates[group]! += isCandidate[i]!);
    return isCandidate.map((candidate, i) => candidate * candidates[groups[i]!]!);
  };
  const rivals = rivalsWithin(a.careful);
  const values = rivals.map((k) => k > 0 ? count / k : 0);
  const doubt = (k: number, i: number) => k > 1 ? Math.max(values[i]!, count - values[i]!) : 0;
  return new Bounded(a.shape, values, rivals.map(doubt), {
    ...a,
    anyOrder: rivalsWithin(a.anyOrder).map(doubt),
  });
}

/** What the data are divided by, where that is not the root of a variance, and how it moves with them. */
interface Spread {
  of(centred: Bounded, axes: readonly number[]): Bounded;
  /** n times its gradient with respect to centred data. */
  slope(centred: Bounded, axes: readonly number[]): Bounded;
}

const SPREADS: Readonly<Record<1 | "infinity", Spread>> = {
  1: {
    of: (centred, axes) => mean(magnitude(centred), axes),
    slope: sign,
  },
  infinity: {
    of: (centred, axes) => largest(magnitude(centred), axes),
    slope: (centred, axes) => multiply(sign(centred), shareOfLargest(magnitude(centred), axes)),
  },
};

/** What the data are divided by. */
function deviationOf(
  spread: Bounded,
  { p = 1, epsilon = DEFAULT_EPSILON }: LpNormOptions,
): Bounded {
  const sum = add(spread, Bounded.constant(epsilon));
  return p === 2 ? squareRoot(sum) : sum;
}

function statistics(x: Bounded, { shape, axes }: Arrangement, options: LpNormOptions) {
  const { p = 1, epsilon = DEFAULT_EPSILON } = options;
  const view = reshape(x, shape);
  if (p === 2) {
    const standardized = standardize(view, { axes, epsilon });
    return { standardized, mean: standardized.mean, spread: standardized.variance };
  }
  const { mean } = standardize(view, { axes, epsilon: 1 });
  const centred = subtract(view, mean);
  const spread = SPREADS[p].of(centred, axes);
  const deviation = deviationOf(spread, options);
  return {
    standardized: standardizeBy(view, { mean, deviation, axes }),
    mean,
    spread,
    slope: SPREADS[p].slope(centred, axes),
  };
}

/** dx = (dxhat - mean(dxhat) - (s - mean(s)) mean(dxhat xhat)) / deviation, where s is the slope. */
function backward(
  inputs: BoundedArrays,
  layout: Arrangement,
  options: LpNormOptions,
  dy: Bounded,
): BoundedArrays {
  const { axes, shape } = layout;
  const { standardized, slope } = statistics(inputs["x"]!, layout, options);
  const { dxhat, parameters } = affineBackward(standardized, inputs, layout, reshape(dy, shape));
  const dx = projectBackward({
    dxhat,
    standardized,
    // xhat has a mean of zero already.
    ...(slope && { direction: subtract(slope, mean(slope, axes)) }),
  });
  return { x: reshape(dx, inputs["x"]!.shape), ...parameters };
}

/** The oracle of l_p batch norm, in training, in prediction and frozen. */
export const lpNormOracle: Oracle<LpNormOptions> = runningOracle({
  movingSpread: "movingSpread",
  arrangement: (shape, { axis = -1 }) => perFeature(shape, axis),
  train(inputs, layout, options) {
    const { standardized, mean, spread } = statistics(inputs["x"]!, layout, options);
    const y = affineForward(standardized, inputs, layout);
    return { y: reshape(y, inputs["x"]!.shape), mean, spread };
  },
  backward,
  deviation: deviationOf,
});
