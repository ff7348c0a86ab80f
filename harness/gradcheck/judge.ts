/**
 * What a slope by differences says of the gradient.
 *
 * @module
 */
import { median } from "../../reports/statistics.ts";
import type { Slope } from "./differences.ts";

/** The noise of the worst of some thousand slopes, in multiples of what nine of ten stay below. */
export const TAIL = 4;

/** The share of the largest slope that may be uncertain before a comparison means nothing. */
export const LARGEST_UNCERTAINTY = 0.1;

/**
 * - `right`: within what the differences may be off by.
 * - `wrong`: outside, or not a number.
 * - `unclear`: within, but so might a wrong gradient be.
 */
export type GradientVerdict = "right" | "wrong" | "unclear";

/** How far rounding may take a slope with this step. */
export type Noise = (step: number) => number;

/** A slope beside that of the gradient. */
export interface Judged {
  /** Number of the element; absent for a direction. */
  readonly element?: number;
  readonly slope: Slope;
  /** What the gradient says. */
  readonly analytic: number;
  readonly error: number;
  readonly allowed: number;
}

/**
 * Compares a slope with that of the gradient.
 *
 * @param claimed The gradient's slope, along a step that is not rounded.
 */
export function judgeSlope(
  slope: Slope,
  claimed: number,
  noise: Noise,
  element?: number,
): Judged {
  const analytic = Number.isFinite(claimed) ? slope.analytic : claimed;
  // If nothing moved, and nothing was to move, there is no noise.
  const isZero = slope.isFlat && analytic === 0;
  return {
    ...(element !== undefined && { element }),
    slope,
    analytic,
    error: Math.abs(analytic - slope.numeric),
    allowed: isZero ? 0 : noise(slope.step) + slope.change + slope.kink,
  };
}

/** The error in multiples of what is allowed: above 1 it is wrong. */
export function excess({ error, allowed }: Judged): number {
  return Number.isNaN(error) ? Infinity : share(error, allowed);
}

/** The size that errors are shares of. */
export function largestSlope(all: readonly Judged[]): number {
  return all.reduce((largest, { analytic, slope }) => {
    const claimed = Number.isFinite(analytic) ? Math.abs(analytic) : 0;
    return Math.max(largest, claimed, Math.abs(slope.numeric), slope.bend);
  }, 0);
}

/** part / whole, with 0 / 0 = 0. */
export function share(part: number, whole: number): number {
  return part === 0 ? 0 : part / whole;
}

/** What all slopes together say. */
export interface Outcome {
  readonly verdict: GradientVerdict;
  /** Of the decisive slope, as a share of the largest slope. */
  readonly error: number;
  /** What is allowed of the median slope, as the same share. */
  readonly resolution: number;
  /** Slopes of which more is allowed than a comparison may be uncertain by. */
  readonly kinks: number;
  /** The decisive slope; absent where there is none. */
  readonly decisive?: Judged;
}

/**
 * Sorts the slopes by their error; one of them decides.
 *
 * @param decisive Its place: 0 is the worst, 1/2 the median.
 * @param refused How many slopes could not be taken.
 */
export function summarize(judged: readonly Judged[], decisive: number, refused: number): Outcome {
  if (judged.length === 0) return { verdict: "unclear", error: 0, resolution: Infinity, kinks: 0 };
  const sorted = judged.toSorted((a, b) => excess(a) === excess(b) ? 0 : excess(b) - excess(a));
  const each = sorted[Math.floor(decisive * (sorted.length - 1))]!;
  const largest = largestSlope(judged);
  const uncertainties = judged.map(({ allowed }) => share(allowed, largest));
  // Slopes without uncertainty, where nothing changes, do not count.
  const open = uncertainties.filter((each) => each > 0);
  const all = [...(open.length > 0 ? open : uncertainties), ...Array(refused).fill(Infinity)];
  const resolution = median(all);
  return {
    verdict: excess(each) > 1 ? "wrong" : resolution <= LARGEST_UNCERTAINTY ? "right" : "unclear",
    error: share(each.error, largest),
    resolution,
    kinks: uncertainties.filter((uncertainty) => uncertainty > LARGEST_UNCERTAINTY).length,
    decisive: each,
  };
}
