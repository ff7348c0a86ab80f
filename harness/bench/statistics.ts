/**
 * Medians, their ratios, and how sure of them one can be.
 *
 * @module
 */
import type { Uniform } from "../../norms/basics/random.ts";
import type { Spread } from "./record.ts";

/** Resamples of a bootstrap: enough for the 2.5 % at either end to hold 25 of them. */
const RESAMPLES = 1000;

/** A number and the 95 % interval around it. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The value below which a share of ascending values lies, interpolated between neighbours. */
function quantile(ascending: ArrayLike<number>, share: number): number {
  const place = share * (ascending.length - 1);
  const [below, above] = [Math.floor(place), Math.ceil(place)];
  return ascending[below]! + (place - below) * (ascending[above]! - ascending[below]!);
}

/** Middle, quarters and tail of samples, of which there must be one at least. */
export function spread(samples: readonly number[]): Spread {
  const ascending = Float64Array.from(samples).sort();
  return {
    median: quantile(ascending, 0.5),
    p25: quantile(ascending, 0.25),
    p75: quantile(ascending, 0.75),
    p99: quantile(ascending, 0.99),
  };
}

/** The middle of samples. */
export function median(samples: readonly number[]): number {
  return spread(samples).median;
}

/** A quantile of samples that were drawn anew, from the places that were chosen. */
function quantileAt(samples: readonly number[], places: readonly number[], share: number): number {
  return quantile(Float64Array.from(places, (place) => samples[place]!).sort(), share);
}

function drawPlaces(count: number, uniform: Uniform): number[] {
  return Array.from({ length: count }, () => Math.floor(count * uniform()));
}

/** The 95 % percentile interval of a statistic of resamples (Efron & Tibshirani 1993, chapter 13). */
function bootstrap(value: number, resample: () => number): Interval {
  const ascending = Float64Array.from({ length: RESAMPLES }, resample).sort();
  return { value, low: quantile(ascending, 0.025), high: quantile(ascending, 0.975) };
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
  const mean = (logarithms: readonly number[]) =>
    Math.exp(logarithms.reduce((sum, each) => sum + each, 0) / logarithms.length);
  const logarithms = factors.map(Math.log);
  return bootstrap(
    mean(logarithms),
    () => mean(drawPlaces(factors.length, uniform).map((place) => logarithms[place]!)),
  );
}
