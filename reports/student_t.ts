/**
 * The one door through which the statistics library enters: moments, and Student's t.
 *
 * @module
 */
import jStat from "npm:jstat@1.9.6";

/** The part of the library that is used; it comes without types. */
interface Library {
  mean(values: readonly number[]): number;
  median(values: readonly number[]): number;
  stdev(values: readonly number[], ofSample: boolean): number;
  readonly studentt: {
    cdf(t: number, degrees: number): number;
    inv(probability: number, degrees: number): number;
  };
}

const library: Library = jStat;

/** The arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return library.mean(values);
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  return library.median(values);
}

/** The standard deviation of a sample, with n - 1; NaN of fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  return library.stdev(values, true);
}

/** The value of t that a share `probability` lies below; `degrees` need not be whole. */
export function quantileOfT(probability: number, degrees: number): number {
  return library.studentt.inv(probability, degrees);
}

/** How likely a t at least as far from 0 is by chance alone, on either side. */
export function twoSidedP(t: number, degrees: number): number {
  // The library's rounding may pass 1 by 1e-8.
  return Math.min(1, 2 * library.studentt.cdf(-Math.abs(t), degrees));
}
