/**
 * Moments and quantiles; of a few trials, an interval of the mean and the difference between two arms.
 *
 * @module
 */
import * as library from "npm:simple-statistics@7.12.1";
import { quantileOfT, twoSidedP } from "./student_t.ts";

/** The arithmetic mean; NaN of no values. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? NaN : library.mean(values);
}

/** The value that a share of the values lies below, interpolated between neighbours; NaN of no values. */
export function quantile(values: readonly number[], share: number): number {
  return values.length === 0 ? NaN : library.quantile(values, share);
}

/** The middle value, or the mean of the two in the middle; NaN of no values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The standard deviation of a sample, with n - 1; NaN of fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  return values.length < 2 ? NaN : library.sampleStandardDeviation(values);
}

/** Lower and upper end. */
export type Interval = readonly [number, number];

/** What some values come to. */
export interface Summary {
  readonly values: readonly number[];
  readonly mean: number;
  /** Standard deviation of the sample; `null` of one value. */
  readonly deviation: number | null;
  /** 95 % interval of the mean, by Student's t; `null` of one value. */
  readonly interval: Interval | null;
}

/** The difference of two arms' means. */
export interface Difference {
  /** Whether equal trials were held against each other, or the arms as wholes. */
  readonly test: "paired" | "Welch";
  /** Pairs, or the trials of the smaller arm. */
  readonly size: number;
  readonly mean: number;
  /** 95 % interval; `null` where there is but one pair, or one trial of an arm. */
  readonly interval: Interval | null;
  /** Two-sided; `null` where nothing spreads, so that there is nothing to test against. */
  readonly p: number | null;
  /**
   * Cohen's d with Hedges' correction: the difference in standard deviations of the trials, taken as the
   * root of the two arms' mean variance; `null` where nothing spreads.
   */
  readonly effect: number | null;
}

/** Values by the number of their trial. */
export type Numbered = ReadonlyMap<number, number>;

/** Sums up values; `null` of none. */
export function summarize(values: readonly number[]): Summary | null {
  if (values.length === 0) return null;
  const center = mean(values);
  if (values.length === 1) return { values, mean: center, deviation: null, interval: null };
  const deviation = standardDeviation(values);
  const error = deviation / Math.sqrt(values.length);
  return { values, mean: center, deviation, interval: around(center, error, values.length - 1) };
}

/**
 * How far the values of `a` are above those of `b`; `null` where one of them has none.
 *
 * Trials of equal number share their seed, so they are compared as pairs where both have them; with fewer
 * than two pairs among several trials, Welch's test holds the means against each other.
 */
export function difference(a: Numbered, b: Numbered): Difference | null {
  if (a.size === 0 || b.size === 0) return null;
  const effect = hedges([...a.values()], [...b.values()]);
  const shared = [...a.keys()].filter((number) => b.has(number)).length;
  const test = shared > 1 || shared === Math.max(a.size, b.size)
    ? paired(a, b)
    : welch([...a.values()], [...b.values()]);
  return { ...test, effect };
}

function paired(a: Numbered, b: Numbered): Omit<Difference, "effect"> {
  const differences = [...a].flatMap(([number, value]) =>
    b.has(number) ? [value - b.get(number)!] : []
  );
  const size = differences.length;
  const error = size > 1 ? standardDeviation(differences) / Math.sqrt(size) : NaN;
  return { test: "paired", size, ...judge(mean(differences), error, size - 1) };
}

function welch(a: readonly number[], b: readonly number[]): Omit<Difference, "effect"> {
  const size = Math.min(a.length, b.length);
  const [first, second] = [a, b].map((each) => standardDeviation(each) ** 2 / each.length);
  const variance = first! + second!;
  const degrees = variance ** 2 /
    (first! ** 2 / (a.length - 1) + second! ** 2 / (b.length - 1));
  return { test: "Welch", size, ...judge(mean(a) - mean(b), Math.sqrt(variance), degrees) };
}

/** Interval and p of a difference with a standard error; without a spread there are none. */
function judge(
  difference: number,
  error: number,
  degrees: number,
): Pick<Difference, "mean" | "interval" | "p"> {
  if (!spreads(error, difference)) return { mean: difference, interval: null, p: null };
  return {
    mean: difference,
    interval: around(difference, error, degrees),
    p: twoSidedP(difference / error, degrees),
  };
}

/** Whether a deviation is more than the rounding of equal values. */
function spreads(deviation: number, difference: number): boolean {
  return deviation > 1e-12 * Math.abs(difference);
}

function around(center: number, error: number, degrees: number): Interval {
  const reach = quantileOfT(0.975, degrees) * error;
  return [center - reach, center + reach];
}

function hedges(a: readonly number[], b: readonly number[]): number | null {
  const spread = Math.sqrt((standardDeviation(a) ** 2 + standardDeviation(b) ** 2) / 2);
  if (!spreads(spread, mean(a) - mean(b))) return null;
  const correction = 1 - 3 / (4 * (a.length + b.length - 2) - 1);
  return correction * (mean(a) - mean(b)) / spread;
}

/**
 * Corrects p values for their number, by Holm's method; `null` is no test and stays `null`.
 *
 * The smallest is multiplied by their number, the next by one less, and so on; none gets smaller than one
 * before it, or larger than 1. Holm 1979.
 */
export function holm(ps: readonly (number | null)[]): (number | null)[] {
  const tested = ps.flatMap((p, index) => p === null ? [] : [{ p, index }])
    .sort((a, b) => a.p - b.p);
  const adjusted: (number | null)[] = ps.map(() => null);
  let least = 0;
  tested.forEach(({ p, index }, rank) => {
    least = Math.min(1, Math.max(least, p * (tested.length - rank)));
    adjusted[index] = least;
  });
  return adjusted;
}
