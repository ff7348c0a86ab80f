/**
 * Data less their mean and divided by their deviation, with the errors that a whole group shares.
 *
 * float32 computes `(xhat - e) (1 + eta) + omega`: e is the error of the mean in deviations, eta the
 * relative error of 1 / deviation, and both are one number for all elements of a group; only omega is an
 * element's own. A sum of products with xhat then has the error `e sum(w) + eta sum(w xhat)` where bounds
 * that forget it have `sum(|w| ...)`. docs/numerics.md derives what is written here.
 *
 * @module
 */
import { broadcastIndex, dropAxes, reductionLength, size } from "../basics/shape.ts";
import {
  anyDepth,
  type Arithmetic,
  carefulDepth,
  coarser,
  gamma,
  LARGEST,
  quantum,
} from "./arithmetic.ts";
import { Bounded, divide, mean, multiply, subtract } from "./bounded.ts";

/** The two bounds of every array. */
type Kind = "careful" | "anyOrder";

/** How many roundings the steps of an algorithm may take, for each of the two bounds. */
interface Algorithm {
  /** Additions that a term of a sum passes through. */
  depth(n: number): number;
  /** Of a mean. */
  mean(n: number, arithmetic: Arithmetic): number;
  /** Of one element of xhat, apart from its mean and deviation. */
  own(arithmetic: Arithmetic): number;
  /** Of 1 / deviation, apart from the variance. */
  root(arithmetic: Arithmetic): number;
  /** Of each of the three terms of dx. */
  terms(arithmetic: Arithmetic): number;
}

const ALGORITHMS: Readonly<Record<Kind, Algorithm>> = {
  // Data may be shifted and scaled first, and the mean put together from the shift and what is left.
  careful: {
    depth: carefulDepth,
    mean: (n, { basic, division }) => (carefulDepth(n) + 1) * basic + division,
    own: ({ basic, division }) => 2 * basic + 2 * division,
    root: ({ basic, division, squareRoot }) => 2 * basic + division + squareRoot,
    terms: ({ basic, division }) => 6 * basic + 2 * division,
  },
  // Updates by Welford divide at every step; 1 + 1/2 + ... + 1/n is at most 1 + log(n).
  anyOrder: {
    depth: anyDepth,
    mean: (n, { basic, division }) => (n + 2 + Math.log(n)) * basic + (2 + Math.log(n)) * division,
    own: ({ basic, division }) => 4 * basic + 2 * division,
    root: ({ basic, division, squareRoot }) => 4 * basic + 2 * division + squareRoot,
    terms: ({ basic, division }) => 8 * basic + 4 * division,
  },
};

/** Bounds on the three errors; the first two by group. */
interface Errors {
  /** Of the mean, in deviations: |e|. */
  readonly shift: Float64Array;
  /** Relative, of 1 / deviation: |eta|. */
  readonly scale: Float64Array;
  /** |omega| of every element. */
  readonly own: Float64Array;
}

/** xhat, and what makes it. */
export interface Standardized extends Readonly<Record<Kind, Errors>> {
  /** (x - mean) / deviation, with bounds in which all three errors are added up. */
  readonly xhat: Bounded;
  /** What the data are divided by; 1 for every axis of a group. */
  readonly deviation: Bounded;
  /** The axes of a group. */
  readonly axes: readonly number[];
  /** The group of every element. */
  readonly groups: Int32Array;
  /** The data as they are, where a mean was subtracted. */
  readonly uncentred: Float64Array | undefined;
}

interface Parts {
  /** Axes of length 1 where a group goes on; left out where no mean is subtracted. */
  readonly mean?: Bounded;
  /** Of the shape of the mean. */
  readonly deviation: Bounded;
  readonly axes: readonly number[];
}

/** Subtracts a mean, if there is one, and divides by a deviation. */
export function standardizeBy(x: Bounded, { mean, deviation, axes }: Parts): Standardized {
  const groups = broadcastIndex(deviation.shape, x.shape);
  const values = new Float64Array(groups.length);
  const outOfRange = mean?.outOfRange || deviation.outOfRange || x.outOfRange
    ? new Uint8Array(values.length)
    : undefined;
  for (let i = 0; i < values.length; i++) {
    const g = groups[i]!;
    values[i] = (x.values[i]! - (mean?.values[g] ?? 0)) / deviation.values[g]!;
    if (outOfRange === undefined) continue;
    outOfRange[i] = mean?.outOfRange?.[g] || deviation.outOfRange?.[g] || x.outOfRange?.[i] || 0;
  }
  const arithmetic = coarser(x.arithmetic, deviation.arithmetic);
  const n = reductionLength(x.shape, axes);
  const errors = (kind: Kind) => {
    const { basic } = arithmetic;
    const tiny = quantum(arithmetic);
    const perElement = gamma(ALGORITHMS[kind].own(arithmetic));
    const fold = kind === "anyOrder" && mean !== undefined ? gamma(3 * basic) : 0;
    const shift = deviation.values.map((s, g) =>
      mean === undefined ? 0 : (mean[kind][g]! + fold * Math.abs(mean.values[g]!)) / s
    );
    const scale = deviation.values.map((s, g) => {
      const error = deviation[kind][g]!;
      return error < s ? error / (s - error) : Infinity;
    });
    const own = new Float64Array(values.length);
    const total = new Float64Array(values.length);
    const inverses = deviation.values.map((s) => 1 / s);
    const results = (2 + Math.sqrt(n)) * tiny;
    const bounds = x[kind];
    for (let i = 0; i < values.length; i++) {
      const g = groups[i]!;
      const magnitude = Math.abs(values[i]!);
      if (!Number.isFinite(magnitude)) {
        // Nothing by nothing is anything, if rounding decides whether it is nothing.
        if (Number.isFinite(x.values[i]) && deviation[kind][g]! > deviation.values[g]!) {
          own[i] = total[i] = Infinity;
        }
        continue;
      }
      const e = shift[g]!;
      const eta = scale[g]!;
      const absolute = (2 * bounds[i]! + fold * Math.abs(x.values[i]!) + tiny) * inverses[g]!;
      const ownError = (1 + eta) * (perElement * (magnitude + e) + absolute) + results;
      own[i] = orInfinity(ownError);
      total[i] = orInfinity(ownError + e * (1 + eta) + eta * magnitude);
    }
    return { shift, scale, own, total };
  };
  const careful = errors("careful");
  const anyOrder = errors("anyOrder");
  return {
    xhat: new Bounded(x.shape, values, careful.total, {
      anyOrder: anyOrder.total,
      outOfRange,
      arithmetic,
    }),
    deviation,
    axes,
    groups,
    uncentred: mean && x.values,
    careful,
    anyOrder,
  };
}

/** Zero times infinity is taken for no bound. */
function orInfinity(bound: number): number {
  return Number.isNaN(bound) ? Infinity : bound;
}

/** What one group's statistics are made of. */
interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly meanMagnitude: number;
  /** The first element less the mean. */
  readonly first: number;
  readonly variance: number;
  /** Error of the mean. */
  readonly shift: number;
}

/** By how much a variance may come out too small and too large. */
function varianceErrors(
  kind: Kind,
  { n, mean, meanMagnitude, first, variance, shift }: Moments,
  arithmetic: Arithmetic,
): { readonly down: number; readonly up: number } {
  const { basic, division } = arithmetic;
  const tiny = meanMagnitude === 0 && variance === 0 ? 0 : 3 * quantum(arithmetic);
  const square = gamma((ALGORITHMS[kind].depth(n) + 7) * basic + 3 * division);
  const twoPass = {
    down: square * variance + tiny,
    up: square * variance + (1 + square) * shift ** 2 + tiny,
  };
  if (kind === "careful" || meanMagnitude === 0) return twoPass;
  // Welford's updates and Chan's merges: n kappa u. One pass over data shifted by the first of them, or
  // over data that are centred as they are: the square of the shift cancels.
  const welford = (square + 2 * gamma((n + 4) * basic) * meanMagnitude / Math.sqrt(variance)) *
    variance;
  const pivot = Math.max(Math.abs(first), Math.min(Math.abs(mean), Math.sqrt(variance)));
  const onePass = gamma((n + 4) * basic + 2 * division) *
    (variance + pivot ** 2 + 2 * pivot * Math.hypot(pivot, Math.sqrt(variance)));
  const other = (variance === 0 ? onePass : Math.max(welford, onePass)) + tiny;
  return {
    down: Math.max(twoPass.down, other),
    up: Math.max(twoPass.up, other + shift ** 2),
  };
}

/** What standardizes by the data's own statistics. */
export interface StandardizedByStatistics extends Standardized {
  readonly mean: Bounded;
  /** Mean of the squares, of centred data where a mean is subtracted. */
  readonly variance: Bounded;
}

export interface StatisticsOptions {
  readonly axes: readonly number[];
  /** Added to the variance; default 0. */
  readonly epsilon?: number;
  /** Whether the mean is subtracted; default true. */
  readonly centred?: boolean;
  /** Whether squares are averaged, not only added up; default true. */
  readonly averaged?: boolean;
}

/** The last result for each array of data: a case asks for several gradients of the same data. */
const LATEST = new WeakMap<
  Float64Array,
  { readonly x: Bounded; readonly key: string; readonly result: StandardizedByStatistics }
>();

/** (x - mean) / sqrt(variance + epsilon) over `axes`. */
export function standardize(x: Bounded, options: StatisticsOptions): StandardizedByStatistics {
  const key = JSON.stringify([x.shape, options]);
  const latest = LATEST.get(x.values);
  if (
    latest?.key === key && latest.x.careful === x.careful && latest.x.anyOrder === x.anyOrder &&
    latest.x.arithmetic === x.arithmetic
  ) {
    return latest.result;
  }
  const result = computeStandardized(x, options);
  LATEST.set(x.values, { x, key, result });
  return result;
}

function computeStandardized(
  x: Bounded,
  { axes, epsilon = 0, centred = true, averaged = true }: StatisticsOptions,
): StandardizedByStatistics {
  const { arithmetic } = x;
  const { basic, division } = arithmetic;
  const shape = dropAxes(x.shape, axes);
  const groups = broadcastIndex(shape, x.shape);
  const n = reductionLength(x.shape, axes);
  const count = averaged ? n : 1;
  const zeros = () => new Float64Array(size(shape));
  const [means, magnitudes, inputErrors, variances, firsts] = [
    zeros(),
    zeros(),
    zeros(),
    zeros(),
    zeros().fill(NaN),
  ];
  for (let i = 0; i < groups.length; i++) {
    const g = groups[i]!;
    const value = x.values[i]!;
    means[g]! += value;
    magnitudes[g]! += Math.abs(value);
    if (x.anyOrder[i]! > inputErrors[g]!) inputErrors[g] = x.anyOrder[i]!;
    if (Number.isNaN(firsts[g])) firsts[g] = value;
  }
  for (let g = 0; g < means.length; g++) means[g] = centred ? means[g]! / n : 0;
  for (let i = 0; i < groups.length; i++) {
    const g = groups[i]!;
    variances[g]! += (x.values[i]! - means[g]!) ** 2;
  }

  const deviations = zeros();
  const bounds = {
    mean: { careful: zeros(), anyOrder: zeros() },
    variance: { careful: zeros(), anyOrder: zeros() },
    deviation: { careful: zeros(), anyOrder: zeros() },
  };
  let outOfRange: Uint8Array | undefined;
  const tiny = quantum(arithmetic);
  for (let g = 0; g < means.length; g++) {
    const overflows = magnitudes[g]! > LARGEST || variances[g]! > LARGEST;
    const variance = variances[g] = variances[g]! / count;
    const square = variance + epsilon;
    const deviation = deviations[g] = Math.sqrt(square);
    if (!Number.isFinite(deviation)) continue;
    if (overflows || (square > 0 && square < VANISHING * tiny)) {
      outOfRange ??= new Uint8Array(means.length);
      outOfRange[g] = 1;
    }
    const meanMagnitude = magnitudes[g]! / n;
    for (const kind of ["careful", "anyOrder"] as const) {
      const algorithm = ALGORITHMS[kind];
      const shift = centred
        ? gamma(algorithm.mean(n, arithmetic)) * meanMagnitude + inputErrors[g]! + 3 * tiny
        : 0;
      const errors = varianceErrors(
        kind,
        {
          n,
          mean: means[g]!,
          meanMagnitude: centred ? meanMagnitude : 0,
          first: firsts[g]! - means[g]!,
          variance,
          shift,
        },
        arithmetic,
      );
      const input = 2 * inputErrors[g]! * Math.sqrt(variance * n / count) +
        inputErrors[g]! ** 2 * n / count;
      const constant = epsilon * gamma(1 + 2 * division) + (epsilon < VANISHING * tiny ? tiny : 0);
      const least = Math.max(0, variance - errors.down - input) + Math.max(0, epsilon - constant);
      const most = square + errors.up + input + constant;
      const root = gamma(algorithm.root(arithmetic) + basic);
      const tooLarge = Math.sqrt(square / least) * (1 + root) - 1;
      const tooSmall = 1 - Math.sqrt(square / most) * (1 - root);
      const scale = Math.max(tooLarge, tooSmall);
      bounds.mean[kind][g] = shift;
      bounds.variance[kind][g] = Math.max(errors.up, errors.down) + input;
      // A quotient by it is then off by a factor of 1 + scale at most.
      bounds.deviation[kind][g] = scale < Infinity ? deviation * scale / (1 + scale) : deviation;
      if (square === 0) bounds.deviation[kind][g] = most > 0 ? Infinity : 0;
    }
  }
  const bounded = (values: Float64Array, { careful, anyOrder }: Record<Kind, Float64Array>) =>
    new Bounded(shape, values, careful, { anyOrder, outOfRange, arithmetic });
  const mean = bounded(means, bounds.mean);
  const deviation = bounded(deviations, bounds.deviation);
  return {
    ...standardizeBy(x, { ...(centred && { mean }), deviation, axes }),
    mean,
    variance: bounded(variances, bounds.variance),
  };
}

/** Squares of so many smallest steps lose more than a thousandth when they underflow. */
const VANISHING = 2 ** 12;

/** w / deviation, where algorithms may multiply by a reciprocal, and by gamma before or after. */
export function divideByDeviation(w: Bounded, { deviation }: Standardized): Bounded {
  const quotient = divide(w, deviation);
  const widened = (kind: Kind) => {
    const { own } = ALGORITHMS[kind];
    const relative = gamma(own(quotient.arithmetic));
    return quotient[kind].map((bound, i) => {
      const value = quotient.values[i]!;
      return Number.isFinite(value) ? bound + relative * (Math.abs(value) + bound) : bound;
    });
  };
  return new Bounded(quotient.shape, quotient.values, widened("careful"), {
    ...quotient,
    anyOrder: widened("anyOrder"),
  });
}

/** sum(w xhat) over `axes`, which stay as axes of length 1. */
export function sumOfProducts(
  w: Bounded,
  standardized: Standardized,
  axes: readonly number[],
): Bounded {
  const { xhat, groups, uncentred, deviation } = standardized;
  const { shape, arithmetic } = xhat;
  const { basic } = arithmetic;
  const tiny = quantum(arithmetic);
  const n = reductionLength(shape, axes);
  const result = dropAxes(shape, axes);
  const target = broadcastIndex(result, shape);
  // A cell is what of a group goes into one sum.
  const together = axes.filter((axis) => standardized.axes.includes(axis));
  const cellShape = dropAxes(shape, together);
  const cellOf = broadcastIndex(cellShape, shape);
  const inCell = reductionLength(shape, together);
  const cells = {
    sum: new Float64Array(size(cellShape)),
    products: new Float64Array(size(cellShape)),
  };
  const cellGroup = new Int32Array(cells.sum.length);
  const cellTarget = new Int32Array(cells.sum.length);
  const values = new Float64Array(size(result));
  const magnitudes = new Float64Array(values.length);
  const flagged = w.outOfRange !== undefined || xhat.outOfRange !== undefined;
  let outOfRange = flagged ? new Uint8Array(values.length) : undefined;
  for (let i = 0; i < target.length; i++) {
    const cell = cellOf[i]!;
    const j = target[i]!;
    const product = w.values[i]! * xhat.values[i]!;
    cells.sum[cell]! += w.values[i]!;
    cells.products[cell]! += product;
    cellGroup[cell] = groups[i]!;
    cellTarget[cell] = j;
    magnitudes[j]! += Math.abs(product);
    if (flagged && (w.outOfRange?.[i] || xhat.outOfRange?.[i])) outOfRange![j] = 1;
  }
  cells.products.forEach((product, cell) => values[cellTarget[cell]!]! += product);
  magnitudes.forEach((magnitude, j) => {
    if (!(magnitude > LARGEST && magnitude < Infinity)) return;
    outOfRange ??= new Uint8Array(values.length);
    outOfRange[j] = 1;
  });
  const boundsOf = (kind: Kind): Float64Array => {
    const { shift, scale, own } = standardized[kind];
    const bounds = new Float64Array(values.length);
    const unbounded = new Uint8Array(values.length);
    const rounding = gamma((ALGORITHMS[kind].depth(n) + 1) * basic);
    // A tape through x a + b, and closed forms by row, sum w x and subtract mean sum(w).
    const uncentredRounding = kind === "anyOrder" ? gamma((anyDepth(inCell) + 4) * basic) : 0;
    const inverses = deviation.values.map((s) => uncentredRounding / s);
    const isRaw = uncentred !== undefined && uncentredRounding > 0;
    const weightErrors = w[kind];
    const totals = xhat[kind];
    for (let i = 0; i < target.length; i++) {
      const weight = Math.abs(w.values[i]!);
      const weightError = weightErrors[i]!;
      if (weight === 0 && weightError === 0) continue;
      if (own[i] === Infinity) unbounded[target[i]!] = 1;
      const total = Math.abs(xhat.values[i]!) + totals[i]!;
      const raw = isRaw ? inverses[groups[i]!]! * Math.abs(uncentred[i]!) : 0;
      bounds[target[i]!]! += weight * (own[i]! + raw) + weightError * total + 3 * tiny +
        rounding * (weight + weightError) * total;
    }
    for (let cell = 0; cell < cellGroup.length; cell++) {
      const [e, eta] = [shift[cellGroup[cell]!]!, scale[cellGroup[cell]!]!];
      bounds[cellTarget[cell]!]! += times(eta, Math.abs(cells.products[cell]!)) +
        times(e * (1 + eta), Math.abs(cells.sum[cell]!));
    }
    return bounds.map((bound, j) => {
      if (unbounded[j]) return Infinity;
      return Number.isFinite(values[j]) ? orInfinity(bound) : 0;
    });
  };
  return new Bounded(result, values, boundsOf("careful"), {
    anyOrder: boundsOf("anyOrder"),
    outOfRange,
    arithmetic,
  });
}

/** A product in which nothing times no bound is nothing. */
function times(bound: number, factor: number): number {
  return factor === 0 ? 0 : bound * factor;
}

export interface Projection {
  /** The gradient that reaches xhat. */
  readonly dxhat: Bounded;
  readonly standardized: Standardized;
  /** n times the gradient of the deviation; default xhat. */
  readonly direction?: Bounded;
  /** Whether squares are averaged, not only added up; default true. */
  readonly averaged?: boolean;
}

/** (dxhat - mean(dxhat) - direction mean(dxhat xhat)) / deviation, the mean only where one was subtracted. */
export function projectBackward(
  { dxhat, standardized, direction = standardized.xhat, averaged = true }: Projection,
): Bounded {
  const { axes, xhat, groups, deviation, uncentred } = standardized;
  const { arithmetic } = xhat;
  const n = reductionLength(xhat.shape, axes);
  const products = sumOfProducts(dxhat, standardized, axes);
  const slope = averaged ? divide(products, Bounded.exact([n], [])) : products;
  const projection = multiply(direction, slope);
  const level = uncentred === undefined ? undefined : mean(dxhat, axes);
  const rest = level === undefined ? dxhat : subtract(dxhat, level);
  const dx = divide(subtract(rest, projection), deviation);
  const tiny = quantum(arithmetic);
  // A tape adds the projections up again, in place of their sum of zero.
  const spread = new Float64Array(deviation.values.length);
  if (level !== undefined) {
    for (let i = 0; i < groups.length; i++) {
      spread[groups[i]!]! += Math.abs(direction.values[i]!) / n;
    }
  }
  const widened = (kind: Kind) => {
    const terms = gamma(ALGORITHMS[kind].terms(arithmetic));
    const again = gamma((ALGORITHMS[kind].depth(n) + 2) * arithmetic.basic);
    const { scale } = standardized[kind];
    const levels = spread.map((_, g) => Math.abs(level?.values[g] ?? 0));
    const repeated = spread.map((size, g) => again * Math.abs(slope.values[g]!) * size);
    const inverses = deviation.values.map((s, g) => (1 + scale[g]!) / s);
    const underflows = deviation.values.map((s) => 8 * tiny * (1 + 1 / s));
    return dx[kind].map((bound, i) => {
      if (!Number.isFinite(dx.values[i])) return bound;
      const g = groups[i]!;
      const magnitude = Math.abs(dxhat.values[i]!) + levels[g]! + Math.abs(projection.values[i]!);
      const more = (terms * magnitude + repeated[g]!) * inverses[g]!;
      return orInfinity(bound + more + (magnitude === 0 ? 0 : underflows[g]!));
    });
  };
  return new Bounded(dx.shape, dx.values, widened("careful"), {
    ...dx,
    anyOrder: widened("anyOrder"),
    outOfRange: flaggedCubes(dx, deviation, groups),
  });
}

/** The flags of dx, and of groups whose cubed deviation, which closed forms divide by, leaves the range. */
function flaggedCubes(dx: Bounded, deviation: Bounded, groups: Int32Array): Uint8Array | undefined {
  const leaves = deviation.values.map((s) => s > 2 ** 42 || (s > 0 && s < 2 ** -42) ? 1 : 0);
  if (!leaves.includes(1)) return dx.outOfRange;
  return Uint8Array.from(groups, (g, i) => leaves[g]! | (dx.outOfRange?.[i] ?? 0));
}
