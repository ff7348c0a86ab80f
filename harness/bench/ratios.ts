/**
 * Ratios of times, with bootstrap intervals.
 *
 * @module
 */
import type { Uniform } from "../../norms/basics/random.ts";
import { geometricMean, median, quantile } from "../../reports/statistics.ts";
import type { Spread } from "./record.ts";

/** Resamples of a bootstrap: 25 of them lie beyond either end of a 95 % interval. */
const RESAMPLES = 1000;

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The quantiles that records hold; of at least one sample. */
export function spread(samples: readonly number[]): Spread {
  const [p25, median, p75, p99] = [0.25, 0.5, 0.75, 0.99].map((share) => quantile(samples, share));
  return { median: median!, p25: p25!, p75: p75!, p99: p99! };
}

function drawPlaces({ length }: readonly number[], uniform: Uniform): number[] {
  return Array.from({ length }, () => Math.floor(length * uniform()));
}

function at(samples: readonly number[], places: readonly number[]): number[] {
  return places.map((place) => samples[place]!);
}

/** The 95 % percentile interval of a statistic of resamples (Efron & Tibshirani 1993, chapter 13). */
function bootstrap(value: number, resample: () => number): Interval {
  const values = Array.from({ length: RESAMPLES }, resample);
  return { value, low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

/**
 * The median of the ratios of samples that were taken in the same rounds.
 *
 * Whatever slows the machine slows all samples of a round, and leaves their ratio. A ratio of medians may
 * compare samples of different rounds, of which some were slow.
 */
export function pairedRatio(
  above: readonly number[],
  below: readonly number[],
  uniform: Uniform,
): Interval {
  const ratios = above.map((seconds, round) => seconds / below[round]!);
  return bootstrap(median(ratios), () => median(at(ratios, drawPlaces(ratios, uniform))));
}

/** The ratio of two medians whose samples were taken at different times. */
export function unpairedRatio(
  above: readonly number[],
  below: readonly number[],
  uniform: Uniform,
): Interval {
  const resampled = (samples: readonly number[]) =>
    median(at(samples, drawPlaces(samples, uniform)));
  return bootstrap(median(above) / median(below), () => resampled(above) / resampled(below));
}

/** Samples of a contender and of its yardstick, taken in the same rounds. */
export interface PairedSamples {
  readonly above: readonly number[];
  readonly below: readonly number[];
}

/** Between runs, lower quartiles are compared: bursts of other work do not reach them. */
const UNDISTURBED = 0.25;

/** The lower quartile of the samples over that of the yardstick. */
export function quietRatio({ above, below }: PairedSamples): number {
  return quantile(above, UNDISTURBED) / quantile(below, UNDISTURBED);
}

export function ratioChange(now: PairedSamples, then: PairedSamples, uniform: Uniform): Interval {
  const resampled = ({ above, below }: PairedSamples) => {
    const places = drawPlaces(above, uniform);
    return quietRatio({ above: at(above, places), below: at(below, places) });
  };
  return bootstrap(quietRatio(now) / quietRatio(then), () => resampled(now) / resampled(then));
}

/** The geometric mean of factors, with an interval over resampled factors. */
export function meanFactor(factors: readonly number[], uniform: Uniform): Interval {
  return bootstrap(
    geometricMean(factors),
    () => geometricMean(at(factors, drawPlaces(factors, uniform))),
  );
}
