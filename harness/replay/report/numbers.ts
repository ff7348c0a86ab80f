/**
 * Replayed numbers, written as the published ones are.
 *
 * @module
 */
import type { FigureRecord } from "../record.ts";

/** Decimals that NumPy prints of an array; it leaves zeros at the end out. */
const ARRAY_DECIMALS = 8;

/** Digits of a figure that nothing was published of. */
const OWN_DIGITS = 9;

/** Size below which a number is written with an exponent. */
const SMALL = 1e-4;

/** The published numbers, or what was expected in their place. */
export function publishedText({ published, range }: FigureRecord): string {
  if (published.length > 0) return published.join(" ");
  return range === undefined ? "not printed" : `${bound(range[0])} to ${bound(range[1])}`;
}

/** The measured numbers, to as many places. */
export function measuredText({ published, measured }: FigureRecord): string {
  return measured.map((value, i) => alike(value, published[i])).join(" ");
}

/** `value`, written as `printed` is. */
function alike(value: number, printed: string | undefined): string {
  if (!Number.isFinite(value)) return String(value);
  if (printed === undefined) return own(value);
  const [mantissa = "", exponent] = printed.split("e");
  const decimals = mantissa.split(".")[1]?.length;
  if (exponent !== undefined) return shorten(value.toExponential(decimals));
  // Integers, and arrays in which NumPy cut something off.
  if (decimals === undefined) return String(value);
  return value.toFixed(decimals === 0 || decimals >= 7 ? ARRAY_DECIMALS : decimals);
}

function own(value: number): string {
  return value !== 0 && Math.abs(value) < SMALL
    ? shorten(value.toExponential(2))
    : String(Number(value.toPrecision(OWN_DIGITS)));
}

function bound(value: number): string {
  return shorten(String(Number(value.toPrecision(7))));
}

function shorten(text: string): string {
  return text.replace("e+", "e");
}
