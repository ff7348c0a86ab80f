/**
 * Times and rates as one reads them.
 *
 * @module
 */
import { formatNumber } from "../../../reports/format.ts";

/** The prefixes of units, each a thousand times the one after it. */
const LARGE = [["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e3], ["", 1]] as const;
const SMALL = [["s", 1], ["ms", 1e-3], ["µs", 1e-6], ["ns", 1e-9]] as const;

/** Stands where there is nothing to say. */
export const NOTHING = "–";

/** Seconds in a unit that suits them: `1.23 ms`. */
export function formatSeconds(seconds: number): string {
  const [unit, size] = SMALL.find(([, size]) => seconds >= size) ?? SMALL.at(-1)!;
  return `${formatNumber(seconds / size)} ${unit}`;
}

/** A rate with the prefix that suits it: `3.21 G`; nothing where there is none. */
export function formatRate(value: number | null, unit = ""): string {
  if (value === null) return NOTHING;
  const [prefix, size] = LARGE.find(([, size]) => value >= size) ?? LARGE.at(-1)!;
  return `${formatNumber(value / size)} ${prefix}${unit}`.trim();
}

/** A share in percent: `12 %`. */
export function formatShare(share: number | null): string {
  return share === null ? NOTHING : `${formatNumber(100 * share, 2)} %`;
}

/** A ratio with its interval: `0.72 [0.68, 0.75]`. */
export function formatInterval(value: number, low: number, high: number): string {
  return `${formatNumber(value)} [${formatNumber(low)}, ${formatNumber(high)}]`;
}
