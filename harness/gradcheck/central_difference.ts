/**
 * Slopes from values alone.
 *
 * @module
 */

/** Values of a function, at once or later. */
export type Values = ArrayLike<number> | Promise<ArrayLike<number>>;

/** sum((f(ahead) - f(behind)) dy). */
async function difference(
  f: (x: Float64Array) => Values,
  ahead: Float64Array,
  behind: Float64Array,
  dy: ArrayLike<number>,
): Promise<number> {
  const [later, earlier] = [await f(ahead), await f(behind)];
  let total = 0;
  for (let i = 0; i < dy.length; i++) total += (later[i]! - earlier[i]!) * dy[i]!;
  return total;
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
    gradient[i] = await difference(f, ahead, behind, dy) / (2 * step);
    ahead[i] = behind[i] = x[i]!;
  }
  return gradient;
}
