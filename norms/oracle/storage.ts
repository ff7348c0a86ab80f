/**
 * Half-precision storage: what a result may be off by where it is rounded once more when it is stored.
 *
 * @module
 */
import { Bounded } from "./bounded.ts";

/** A 16-bit type. */
export type StorageType = "float16" | "bfloat16";

/** Every 16-bit type. */
export const STORAGE_TYPES: readonly StorageType[] = ["float16", "bfloat16"];

/** Whether a name is that of a 16-bit type. */
export function isStorageType(name: string): name is StorageType {
  return Object.hasOwn(FORMATS, name);
}

interface Format {
  /** Significant bits, the leading one among them. */
  readonly bits: number;
  /** Exponent of the smallest normal number. */
  readonly leastExponent: number;
  /** The largest finite number. */
  readonly largest: number;
}

const FORMATS: Readonly<Record<StorageType, Format>> = {
  float16: { bits: 11, leastExponent: -14, largest: 65504 },
  bfloat16: { bits: 8, leastExponent: -126, largest: (2 - 2 ** -7) * 2 ** 127 },
};

/** Distance between the numbers of a format around `value`. */
function spacing(value: number, { bits, leastExponent }: Format): number {
  // log2 may round up to the next integer: the comparison corrects it.
  let exponent = Math.floor(Math.log2(Math.abs(value)));
  if (2 ** exponent > Math.abs(value)) exponent--;
  return 2 ** (Math.max(exponent, leastExponent) - bits + 1);
}

/** Half-precision number next to `value`, of two equally near the even one; infinite beyond the range. */
export function roundTo(type: StorageType, value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const format = FORMATS[type];
  const unit = spacing(value, format);
  const steps = value / unit;
  const below = Math.floor(steps);
  const up = steps - below > 0.5 || (steps - below === 0.5 && below % 2 !== 0);
  const rounded = (up ? below + 1 : below) * unit;
  return Math.abs(rounded) > format.largest ? Math.sign(value) * Infinity : rounded;
}

/**
 * What half-precision memory holds of a float32 result: each bound grows by half a unit in the last place
 * of the type.
 *
 * Values that round to infinity are infinite, with a bound of 0; where that depends on the error, the bound
 * is infinite. Subnormal numbers have the spacing of the smallest normal ones, and count as flushed to zero
 * where the arithmetic flushes. Inputs that are stored so, too, are rounded by {@linkcode roundTo} before the
 * oracle sees them.
 */
export function storedAs(a: Bounded, type: StorageType): Bounded {
  const format = FORMATS[type];
  const limit = format.largest + spacing(format.largest, format) / 2;
  const leastNormal = 2 ** format.leastExponent;
  const overflows = a.values.map((value, i) => Math.abs(value) - a.careful[i]! >= limit ? 1 : 0);
  const widened = (bounds: Float64Array) =>
    bounds.map((bound, i) => {
      const magnitude = Math.abs(a.values[i]!);
      if (!Number.isFinite(magnitude)) return bound;
      if (overflows[i]) return magnitude - bound >= limit ? 0 : Infinity;
      if (magnitude + bound >= limit) return Infinity;
      if (magnitude + bound === 0) return 0;
      if (a.arithmetic.flushes && magnitude - bound < leastNormal) {
        return bound + Math.min(magnitude, leastNormal);
      }
      return bound + spacing(magnitude + bound, format) / 2;
    });
  const careful = widened(a.careful);
  return new Bounded(
    a.shape,
    a.values.map((value, i) => overflows[i] ? Math.sign(value) * Infinity : value),
    careful,
    { ...a, anyOrder: a.anyOrder === a.careful ? careful : widened(a.anyOrder) },
  );
}
