/**
 * Data standardized by the mean and the deviation of their own groups.
 *
 * The variance may come from two passes, from one pass, from Welford's updates or from merges of parts: its
 * bounds allow for each. docs/numerics.md derives them.
 *
 * @module
 */
import { broadcastIndex, dropAxes, reductionLength, size } from "../basics/shape.ts";
import { type Arithmetic, gamma, LARGEST, quantum } from "./arithmetic.ts";
import { Bounded } from "./bounded.ts";
import { ALGORITHMS, type BoundKind } from "./roundings.ts";
import { standardizeBy, type Standardized } from "./standardized.ts";

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
  kind: BoundKind,
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
interface StandardizedByStatistics extends Standardized {
  readonly mean: Bounded;
  /** Mean of the squares, of centred data where a mean is subtracted. */
  readonly variance: Bounded;
}

interface StatisticsOptions {
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
  const bounded = (values: Float64Array, { careful, anyOrder }: Record<BoundKind, Float64Array>) =>
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
