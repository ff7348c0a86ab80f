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

/** The geometric mean of positive values; NaN of no values, or if one is negative. */
export function geometricMean(values: readonly number[]): number {
  return values.length === 0 || values.some((value) => value < 0)
    ? NaN
    : library.logAverage(values);
}

/** The value below which a share of the values lies, interpolated between neighbours; NaN of no values. */
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

/** Mean, deviation and interval of some values. */
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
  /** Whether trials of equal number were compared in pairs, or the means of the arms. */
  readonly test: "paired" | "Welch";
  /** Pairs, or the trials of the smaller arm. */
  readonly size: number;
  readonly mean: number;
  /** 95 % interval; `null` for one pair, or one trial of an arm. */
  readonly interval: Interval | null;
  /** Two-sided; `null` where the values do not vary, so that nothing can be tested. */
  readonly p: number | null;
  /**
   * Cohen's d with Hedges' correction: the difference in standard deviations of the trials, the
   * root of the mean of both variances; `null` where the values do not vary.
   */
  readonly effect: number | null;
}

/** Values by the number of their trial. */
export type Numbered = ReadonlyMap<number, number>;

/** Mean, deviation and interval of values; `null` of none. */
export function summarize(values: readonly number[]): Summary | null {
  if (values.length === 0) return null;
  const center = mean(values);
  if (values.length === 1) return { values, mean: center, deviation: null, interval: null };
  const deviation = standardDeviation(values);
  const error = deviation / Math.sqrt(values.length);
  return { values, mean: center, deviation, interval: around(center, error, values.length - 1) };
}

/**
 * The difference of the means, `a - b`; `null` where one of them has no values.
 *
 * Trials of equal number share their seed, so they are compared in pairs; with fewer than two pairs among
 * several trials, Welch's test compares the means.
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

/** Interval and p of a difference with a standard error; `null` where the values do not vary. */
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
 * Corrects p values for multiple comparisons (Holm 1979); `null` stays `null` and does not count.
 *
 * The smallest p is multiplied by their number, the next by one less, and so on; the results never
 * decrease, and stop at 1.
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
