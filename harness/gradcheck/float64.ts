/**
 * Gradient checks of float64 functions of plain arrays.
 *
 * @module
 */
import { breathe } from "../../norms/basics/event_loop.ts";

export type Arrays = Readonly<Record<string, Float64Array>>;

/** Values of a function, at once or as a promise. */
type Values = ArrayLike<number> | Promise<ArrayLike<number>>;

/** The step that balances truncation, h^2, and rounding, 2^-53 / h, well enough. */
const STEP = 1e-5;

/** Keeps the error of two zeros from being 0/0. */
const LEAST_SCALE = 1e-8;

/**
 * The relative error of each gradient of sum(f(inputs) dy) against central differences.
 *
 * In float64, a right gradient gives 1e-13 to 1e-8 where none of its elements is near zero: the
 * differences are off by some 1e-10 of the function's values, however small the element.
 */
export async function gradientErrors(
  f: (inputs: Arrays) => Values,
  inputs: Arrays,
  gradients: Arrays,
  dy: ArrayLike<number>,
): Promise<Record<string, number>> {
  const errors: Record<string, number> = {};
  for (const [name, gradient] of Object.entries(gradients)) {
    const moved = (x: Float64Array) => f({ ...inputs, [name]: x });
    const numeric = await centralDifferences(moved, inputs[name]!, dy, STEP);
    errors[name] = relativeError(gradient, numeric);
  }
  return errors;
}

/**
 * The gradient of sum(f(x) dy), each element by (f(x + step) - f(x - step)) / (2 step), in float64.
 *
 * In float64 a step of 1e-5 leaves an error of some 1e-10 times the third derivative, and some
 * 2^-53 / 1e-5 = 1e-11 times the values of `f` as rounding noise.
 */
export async function centralDifferences(
  f: (x: Float64Array) => Values,
  x: Float64Array,
  dy: ArrayLike<number>,
  step: number,
): Promise<Float64Array> {
  const gradient = new Float64Array(x.length);
  const [ahead, behind] = [x.slice(), x.slice()];
  for (let i = 0; i < x.length; i++) {
    ahead[i]! += step;
    behind[i]! -= step;
    await breathe();
    const [later, earlier] = [await f(ahead), await f(behind)];
    const products = Float64Array.from(dy, (d, j) => (later[j]! - earlier[j]!) * d);
    gradient[i] = pairwiseSum(products) / (2 * step);
    ahead[i] = behind[i] = x[i]!;
  }
  return gradient;
}

/** Accumulators of a block of {@linkcode pairwiseSum}, and its most elements. */
const [LANES, BLOCK] = [8, 128];

/** A sum in the order of `np.sum`: eight lanes in a block, blocks in pairs; only so do all digits agree with NumPy's. */
export function pairwiseSum(values: Float64Array): number {
  const { length } = values;
  if (length > BLOCK) {
    const half = Math.floor(length / 2 / LANES) * LANES;
    return pairwiseSum(values.subarray(0, half)) + pairwiseSum(values.subarray(half));
  }
  const even = length - length % LANES;
  const lanes = values.slice(0, Math.min(even, LANES));
  for (let i = LANES; i < even; i++) lanes[i % LANES]! += values[i]!;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = lanes;
  return values.subarray(even).reduce(
    (sum, value) => sum + value,
    ((a + b) + (c + d)) + ((e + f) + (g + h)),
  );
}

/**
 * max |a - b| / max(1e-8, |a| + |b|), element by element: in float64, 1e-7 and below is right and 1 is
 * completely wrong; NaN where either holds one.
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
