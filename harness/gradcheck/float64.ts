/**
 * Gradient checks of float64 functions of plain arrays.
 *
 * @module
 */
import { centralDifferences, type Values } from "./central_difference.ts";
import { relativeError } from "./relative_error.ts";

/** Arrays by name. */
export type Arrays = Readonly<Record<string, Float64Array>>;

/** The step that balances truncation, h^2, and rounding, 2^-53 / h, well enough. */
const STEP = 1e-5;

/**
 * The relative error of each gradient of sum(f(inputs) dy) against central differences.
 *
 * In float64, 1e-13 to 1e-8 is what a right gradient gives where none of its elements is near zero: the
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
