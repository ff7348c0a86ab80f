/**
 * Medians, their ratios, and how sure of them one can be.
 *
 * @module
 */
import type { Uniform } from "../../fixtures/random.ts";
import type { Spread } from "../../records/bench_record.ts";

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

/** Draws the median of samples that were drawn anew, at the places that `drawPlaces` has chosen. */
function medianAt(samples: readonly number[], places: readonly number[]): number {
  return quantile(Float64Array.from(places, (place) => samples[place]!).sort(), 0.5);
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
    return medianAt(above, places) / medianAt(below, places);
  });
}

/** The ratio of two medians whose samples were taken apart. */
export function unpairedRatio(
  above: readonly number[],
  below: readonly number[],
  uniform: Uniform,
): Interval {
  const resampled = (samples: readonly number[]) =>
    medianAt(samples, drawPlaces(samples.length, uniform));
  return bootstrap(median(above) / median(below), () => resampled(above) / resampled(below));
}

/** Samples that belong together, of one run: those of a contender, and of its yardstick. */
export interface PairedSamples {
  readonly above: readonly number[];
  readonly below: readonly number[];
}

/** How a ratio of medians changed between two runs: now over then. */
export function ratioChange(now: PairedSamples, then: PairedSamples, uniform: Uniform): Interval {
  const ratio = ({ above, below }: PairedSamples) => median(above) / median(below);
  const resampled = ({ above, below }: PairedSamples) => {
    const places = drawPlaces(above.length, uniform);
    return medianAt(above, places) / medianAt(below, places);
  };
  return bootstrap(ratio(now) / ratio(then), () => resampled(now) / resampled(then));
}

/** Items in a random order. */
export function shuffled<T>(items: readonly T[], uniform: Uniform): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor((last + 1) * uniform());
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
