/**
 * The relative error that gradient checks report.
 *
 * @module
 */

/** Keeps the error of two zeros from being 0/0. */
const LEAST_SCALE = 1e-8;

/**
 * max |a - b| / max(1e-8, |a| + |b|), element by element: 1e-7 and below is right in float64, 1 is wrong
 * altogether; NaN where either holds one.
 *
 * @throws {RangeError} if one has more elements than the other.
 */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) {
    throw new RangeError(`${a.length} numbers cannot be compared with ${b.length}`);
  }
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const scale = Math.max(LEAST_SCALE, Math.abs(a[i]!) + Math.abs(b[i]!));
    worst = Math.max(worst, Math.abs(a[i]! - b[i]!) / scale);
  }
  return worst;
}
