/**
 * Ratios of medians, with bootstrap intervals.
 *
 * @module
 */
import type { Uniform } from "../../norms/basics/random.ts";
import { mean, median, quantile } from "../../reports/statistics.ts";
import type { Spread } from "./record.ts";

/** Resamples of a bootstrap: enough for the 2.5 % at either end to hold 25 of them. */
const RESAMPLES = 1000;

/** A number and the 95 % interval around it. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Middle, quarters and tail of samples, of which there must be one at least. */
export function spread(samples: readonly number[]): Spread {
  const [p25, median, p75, p99] = [0.25, 0.5, 0.75, 0.99].map((share) => quantile(samples, share));
  return { median: median!, p25: p25!, p75: p75!, p99: p99! };
}

/** A quantile of samples that were drawn anew, from the places that were chosen. */
function quantileAt(samples: readonly number[], places: readonly number[], share: number): number {
  return quantile(places.map((place) => samples[place]!), share);
}

function drawPlaces(count: number, uniform: Uniform): number[] {
  return Array.from({ length: count }, () => Math.floor(count * uniform()));
}

/** The 95 % percentile interval of a statistic of resamples (Efron & Tibshirani 1993, chapter 13). */
function bootstrap(value: number, resample: () => number): Interval {
  const values = Array.from({ length: RESAMPLES }, resample);
  return { value, low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

/**
 * The ratio of two medians whose samples belong together, place by place.
 *
 * A round that the machine slowed down slows both; so rounds are drawn, and not single samples.
 */
export function pairedRatio(
  above: readonly number[],
  below: readonly number[],
  uniform: Uniform,
): Interval {
  return bootstrap(median(above) / median(below), () => {
    const places = drawPlaces(above.length, uniform);
    return quantileAt(above, places, 0.5) / quantileAt(below, places, 0.5);
  });
}

/** The ratio of two medians whose samples were taken apart. */
export function unpairedRatio(
  above: readonly number[],
  below: readonly number[],
  uniform: Uniform,
): Interval {
  const resampled = (samples: readonly number[]) =>
    quantileAt(samples, drawPlaces(samples.length, uniform), 0.5);
  return bootstrap(median(above) / median(below), () => resampled(above) / resampled(below));
}

/** Samples that belong together, of one run: those of a contender, and of its yardstick. */
export interface PairedSamples {
  readonly above: readonly number[];
  readonly below: readonly number[];
}

/** Which samples count where runs are compared: those that bursts of other work did not reach. */
const UNDISTURBED = 0.25;

/** The lower quarter of the samples over that of the yardstick's. */
export function quietRatio({ above, below }: PairedSamples): number {
  return spread(above).p25 / spread(below).p25;
}

/** How such a ratio changed between two runs: now over then. */
export function ratioChange(now: PairedSamples, then: PairedSamples, uniform: Uniform): Interval {
  const resampled = ({ above, below }: PairedSamples) => {
    const places = drawPlaces(above.length, uniform);
    return quantileAt(above, places, UNDISTURBED) / quantileAt(below, places, UNDISTURBED);
  };
  return bootstrap(quietRatio(now) / quietRatio(then), () => resampled(now) / resampled(then));
}

/** The geometric mean of factors; the interval is over which of them there are. */
export function meanFactor(factors: readonly number[], uniform: Uniform): Interval {
  const logarithms = factors.map(Math.log);
  return bootstrap(
    Math.exp(mean(logarithms)),
    () => Math.exp(mean(drawPlaces(factors.length, uniform).map((place) => logarithms[place]!))),
  );
}
