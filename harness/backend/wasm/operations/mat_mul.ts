/**
 * Matrix products: `BatchMatMul`, and `_FusedMatMul` where there is a bias.
 *
 * @module
 */
import type { BoundedArrays } from "../../../../norms/basics/norm.ts";
import type { NormOptions } from "../../../../norms/basics/options.ts";
import {
  add,
  type Bounded,
  multiply,
  reshape,
  sum,
  transpose,
} from "../../../../norms/oracle/bounded.ts";
import { dataSpec } from "../../../../norms/basics/parameters.ts";
import { lengthOf, range, type Shape, size } from "../../../../norms/basics/shape.ts";
import * as tf from "../../../../norms/basics/tf.ts";
import type { KernelOperation } from "./operation.ts";

/** Options of a matrix product. */
export interface MatMulOptions extends NormOptions {
  readonly operation: "matMul";
  /** Columns of the product. */
  readonly units: number;
  /** Whether `x` is stored transposed; default false. */
  readonly transposeA?: boolean;
  /** Whether `kernel` is stored transposed; default false. */
  readonly transposeB?: boolean;
  /** Whether a bias is added, in the same kernel; default false. */
  readonly useBias?: boolean;
}

/** The axis of `x` over which its rows are summed. */
function innerAxis(shape: Shape, { transposeA = false }: MatMulOptions): number {
  return shape.length - (transposeA ? 2 : 1);
}

/** Swaps the last two axes, if `swap`. */
function swapped(a: Bounded, swap = false): Bounded {
  const rank = a.shape.length;
  return swap ? transpose(a, [...range(rank - 2), rank - 1, rank - 2]) : a;
}

/** The product of [..., m, k] and [..., k, n], with the same axes in front. */
function product(a: Bounded, b: Bounded): Bounded {
  const outer = a.shape.slice(0, -2);
  const [m, k] = a.shape.slice(-2) as [number, number];
  const n = b.shape.at(-1)!;
  const terms = multiply(reshape(a, [...outer, m, k, 1]), reshape(b, [...outer, 1, k, n]));
  return reshape(sum(terms, [outer.length + 1]), [...outer, m, n]);
}

/** The factors as they are multiplied. */
function factors({ x, kernel }: BoundedArrays, { transposeA, transposeB }: MatMulOptions) {
  return { a: swapped(x!, transposeA), b: swapped(kernel!, transposeB) };
}

/** x kernel + bias, where x [..., rows, inner] may have several matrices. */
export const matMul: KernelOperation<MatMulOptions> = {
  inputs(shape, options) {
    const { units, transposeB = false, useBias = false } = options;
    const inner = lengthOf(shape, innerAxis(shape, options));
    const kernel = [...shape.slice(0, -2), ...(transposeB ? [units, inner] : [inner, units])];
    return [
      dataSpec(shape),
      { name: "kernel", shape: kernel, role: "weight", initializer: "randomNormal" },
      ...(useBias
        ? [{ name: "bias", shape: [units], role: "weight", initializer: "zeros" } as const]
        : []),
    ];
  },
  groups: (shape, options) => ({ shape, axes: [innerAxis(shape, options)] }),
  compute: ({ x, kernel, bias }, { transposeA = false, transposeB = false }) =>
    bias === undefined
      ? tf.matMul(x!, kernel!, transposeA, transposeB)
      : tf.fused.matMul({ a: x!, b: kernel!, transposeA, transposeB, bias }),
  oracle: {
    forward(inputs, options) {
      const { a, b } = factors(inputs, options);
      const y = product(a, b);
      return { y: inputs["bias"] ? add(y, inputs["bias"]) : y };
    },
    backward(inputs, options, dy) {
      const { a, b } = factors(inputs, options);
      const rows = range(dy.shape.length - 1);
      return {
        x: swapped(product(dy, swapped(b, true)), options.transposeA),
        kernel: swapped(product(swapped(a, true), dy), options.transposeB),
        ...(inputs["bias"] && { bias: reshape(sum(dy, rows), [size(inputs["bias"].shape)]) }),
      };
    },
  },
};
