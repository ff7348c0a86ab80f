/**
 * Float64 matrices: what the notebook uses of NumPy.
 *
 * The oracle's arrays (norms/oracle/bounded.ts) carry an error bound with every element, and are too large for
 * images of CIFAR-10.
 *
 * @module
 */
import type { Shape } from "../../norms/basics/shape.ts";

/** A matrix; `values` are row-major. */
export interface Matrix {
  readonly shape: readonly [rows: number, columns: number];
  readonly values: Float64Array;
}

/**
 * Makes a matrix.
 *
 * @throws {RangeError} if the shape does not have two axes, or does not fit the values.
 */
export function matrix(shape: Shape, values: Float64Array): Matrix {
  const [rows = NaN, columns = NaN] = shape;
  if (shape.length !== 2 || rows * columns !== values.length) {
    throw new RangeError(`${values.length} values do not fill a matrix of [${shape.join(", ")}]`);
  }
  return { shape: [rows, columns], values };
}

/** a b. */
export function matMul(a: Matrix, b: Matrix): Matrix {
  const [rows, inner] = a.shape;
  const [matching, columns] = b.shape;
  if (inner !== matching) {
    throw new RangeError(`[${a.shape}] and [${b.shape}] are not factors of a matrix product`);
  }
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      const factor = a.values[i * inner + k]!;
      for (let j = 0; j < columns; j++) {
        values[i * columns + j]! += factor * b.values[k * columns + j]!;
      }
    }
  }
  return { shape: [rows, columns], values };
}

export function transpose({ shape: [rows, columns], values }: Matrix): Matrix {
  const turned = values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
  return { shape: [columns, rows], values: turned };
}

/** Applies `f` to every element. */
export function mapMatrix({ shape, values }: Matrix, f: (value: number) => number): Matrix {
  return { shape, values: values.map(f) };
}

export function columnSums({ shape: [, columns], values }: Matrix): Float64Array {
  const sums = new Float64Array(columns);
  values.forEach((value, i) => sums[i % columns]! += value);
  return sums;
}

/** Means and standard deviations along an axis, with n and not n - 1. */
export interface Moments {
  readonly means: number[];
  readonly variances: number[];
  readonly deviations: number[];
}

/** Moments of each column (axis 0) or of each row (axis 1), as `a.mean(axis)` and `a.std(axis)`. */
export function moments(a: Matrix, axis: 0 | 1): Moments {
  const columns = axis === 0 ? a : transpose(a);
  const count = columns.shape[0];
  const means = columnSums(columns).map((sum) => sum / count);
  const centred = zipColumns(columns, means, (value, mean) => value - mean);
  const squares = columnSums(mapMatrix(centred, (value) => value * value));
  const variances = Array.from(squares, (sum) => sum / count);
  return { means: [...means], variances, deviations: variances.map(Math.sqrt) };
}

/** Applies `f` to the elements of two matrices of one shape. */
export function zipMatrices(a: Matrix, b: Matrix, f: (a: number, b: number) => number): Matrix {
  return { shape: a.shape, values: a.values.map((value, i) => f(value, b.values[i]!)) };
}

/** Applies `f` to every element and the number of its column. */
export function zipColumns(
  { shape, values }: Matrix,
  numbers: Float64Array,
  f: (value: number, number: number) => number,
): Matrix {
  const columns = shape[1];
  return { shape, values: values.map((value, i) => f(value, numbers[i % columns]!)) };
}
