/**
 * Float64 oracle of l_p batch norm, and its options.
 *
 * @module
 */
import { type Arrangement, perFeature } from "../basics/arrangement.ts";
import type { BoundedArrays, Oracle } from "../basics/norm.ts";
import { DEFAULT_EPSILON, type RunningOptions } from "../basics/options.ts";
import { broadcastIndex, dropAxes, reductionLength, size } from "../basics/shape.ts";
import {
  add,
  Bounded,
  divide,
  mean,
  meanSquareOfCentred,
  multiply,
  reshape,
  squareRoot,
  subtract,
} from "./bounded.ts";
import { runningOracle } from "./running_statistics.ts";
import { affineBackward, affineForward } from "./standardization.ts";

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
  return new Bounded(a.shape, a.values.map(Math.abs), a.bounds, a.arithmetic);
}

/** The largest element of every group; it is off by no more than an element of the group can be. */
function largest(a: Bounded, axes: readonly number[]): Bounded {
  const shape = dropAxes(a.shape, axes);
  const values = new Float64Array(size(shape)).fill(-Infinity);
  const bounds = new Float64Array(values.length);
  groupsOf(a, axes).forEach((group, i) => {
    values[group] = Math.max(values[group]!, a.values[i]!);
    bounds[group] = Math.max(bounds[group]!, a.bounds[i]!);
  });
  return new Bounded(shape, values, bounds, a.arithmetic);
}

/** sign(a): anything from -1 to 1 where a may be zero within its bound. */
function sign(a: Bounded): Bounded {
  const isKnown = (i: number) => Math.abs(a.values[i]!) > a.bounds[i]!;
  return new Bounded(
    a.shape,
    a.values.map((value, i) => isKnown(i) ? Math.sign(value) : 0),
    a.bounds.map((_, i) => isKnown(i) ? 0 : 1),
    a.arithmetic,
  );
}

/**
 * n / k at the k largest elements of every group, 0 elsewhere: n times the gradient of their mean.
 *
 * Which elements are equal and largest is decided by rounding where several are so within their bounds;
 * each of these may then get anything from nothing to all of n.
 */
function shareOfLargest(a: Bounded, axes: readonly number[]): Bounded {
  const groups = groupsOf(a, axes);
  const count = reductionLength(a.shape, axes);
  const least = new Map<number, number>();
  groups.forEach((group, i) =>
    least.set(group, Math.max(least.get(group) ?? 0, a.values[i]! - a.bounds[i]!))
  );
  const isCandidate = (i: number) => a.values[i]! + a.bounds[i]! >= least.get(groups[i]!)!;
  const candidates = new Map<number, number>();
  groups.forEach((group, i) => {
    if (isCandidate(i)) candidates.set(group, (candidates.get(group) ?? 0) + 1);
  });
  const rivals = (i: number) => isCandidate(i) ? candidates.get(groups[i]!)! : 0;
  const share = (i: number) => isCandidate(i) ? count / rivals(i) : 0;
  return new Bounded(
    a.shape,
    a.values.map((_, i) => share(i)),
    a.bounds.map((_, i) => rivals(i) > 1 ? Math.max(share(i), count - share(i)) : 0),
    a.arithmetic,
  );
}

/** What a group's spread is, for centred data, and n times its gradient with respect to them. */
interface Spread {
  of(centred: Bounded, mean: Bounded, axes: readonly number[]): Bounded;
  /** What the data are divided by. */
  deviation(spread: Bounded, epsilon: Bounded): Bounded;
  /** n times the gradient of the deviation. */
  slope(centred: Bounded, xhat: Bounded, axes: readonly number[]): Bounded;
}

const SPREADS: Readonly<Record<Order, Spread>> = {
  1: {
    of: (centred, _mean, axes) => mean(magnitude(centred), axes),
    deviation: add,
    slope: (centred) => sign(centred),
  },
  2: {
    of: meanSquareOfCentred,
    deviation: (spread, epsilon) => squareRoot(add(spread, epsilon)),
    slope: (_centred, xhat) => xhat,
  },
  infinity: {
    of: (centred, _mean, axes) => largest(magnitude(centred), axes),
    deviation: add,
    slope: (centred, _xhat, axes) =>
      multiply(sign(centred), shareOfLargest(magnitude(centred), axes)),
  },
};

/** What the data are divided by. */
function deviationOf(spread: Bounded, options: LpNormOptions): Bounded {
  const { p = 1, epsilon = DEFAULT_EPSILON } = options;
  return SPREADS[p].deviation(spread, Bounded.constant(epsilon));
}

function statistics(x: Bounded, { shape, axes }: Arrangement, options: LpNormOptions) {
  const view = reshape(x, shape);
  const mu = mean(view, axes);
  const centred = subtract(view, mu);
  const spread = SPREADS[options.p ?? 1].of(centred, mu, axes);
  const deviation = deviationOf(spread, options);
  return { mean: mu, spread, centred, deviation, xhat: divide(centred, deviation) };
}

/** dx = (dxhat - mean(dxhat) - (s - mean(s)) mean(dxhat xhat)) / deviation, where s is the slope. */
function backward(
  inputs: BoundedArrays,
  layout: Arrangement,
  options: LpNormOptions,
  dy: Bounded,
): BoundedArrays {
  const { axes, shape } = layout;
  const { p = 1 } = options;
  const { centred, xhat, deviation } = statistics(inputs["x"]!, layout, options);
  const { dxhat, parameters } = affineBackward(xhat, inputs, layout, reshape(dy, shape));
  const slope = SPREADS[p].slope(centred, xhat, axes);
  // xhat has a mean of zero already.
  const direction = p === 2 ? slope : subtract(slope, mean(slope, axes));
  const projection = multiply(direction, mean(multiply(dxhat, xhat), axes));
  const dx = divide(subtract(subtract(dxhat, mean(dxhat, axes)), projection), deviation);
  return { x: reshape(dx, inputs["x"]!.shape), ...parameters };
}

/** The oracle of l_p batch norm, in training, in prediction and frozen. */
export const lpNormOracle: Oracle<LpNormOptions> = runningOracle({
  movingSpread: "movingSpread",
  arrangement: (shape, { axis = -1 }) => perFeature(shape, axis),
  train(inputs, layout, options) {
    const { xhat, mean, spread } = statistics(inputs["x"]!, layout, options);
    return { y: reshape(affineForward(xhat, inputs, layout), inputs["x"]!.shape), mean, spread };
  },
  backward,
  deviation: deviationOf,
});
