/**
 * `BatchMatMul` and `_FusedMatMul`, transposing before they multiply, and with the right bias.
 *
 * The stock kernels hand only the untransposed product of two single matrices to the fast library
 * (XNNPACK); every other product runs through a plain loop. Transposing first is linear in the size
 * of the matrix and brings the product back onto the fast path. The plain loop takes the element
 * `row * columns + column` of the bias, or the last one where there is none, instead of the element
 * `column`.
 *
 * @module
 */
import * as tf from "../../../norms/basics/tf.ts";
import { type BackendWasm, runKernel } from "./kernel.ts";

/**
 * `stock`, with its `transposeA` and `transposeB` done by the Transpose kernel beforehand.
 *
 * Products of batches of matrices go to `stock` as they are: it has no fast path to offer them.
 */
export function transposeFirst(stock: tf.KernelFunc): tf.KernelFunc {
  return (args) => {
    const { a, b } = args.inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    const { transposeA, transposeB } = args.attrs as unknown as tf.BatchMatMulAttrs;
    if (!(transposeA || transposeB) || !isSingleMatrix(a) || !isSingleMatrix(b)) return stock(args);

    const backend = args.backend as BackendWasm;
    const plainA = transposeA ? transposeMatrix(a, backend) : a;
    const plainB = transposeB ? transposeMatrix(b, backend) : b;
    const inputs = { ...args.inputs, a: plainA, b: plainB };
    const attrs = { ...args.attrs, transposeA: false, transposeB: false };
    const product = stock({ ...args, inputs, attrs });
    if (plainA !== a) backend.disposeData(plainA.dataId);
    if (plainB !== b) backend.disposeData(plainB.dataId);
    return product;
  };
}

/**
 * `stock`, with the right bias for batches of matrices: it is given one bias for every row.
 *
 * Where it multiplies single matrices that are not transposed, its bias is right as it is.
 */
export function biasEveryRow(stock: tf.KernelFunc): tf.KernelFunc {
  return (args) => {
    const { a, b, bias } = args.inputs as {
      a: tf.TensorInfo;
      b: tf.TensorInfo;
      bias?: tf.TensorInfo;
    };
    if (bias === undefined || (isSingleMatrix(a) && isSingleMatrix(b))) return stock(args);

    const backend = args.backend as BackendWasm;
    const { transposeA } = args.attrs as unknown as tf._FusedMatMulAttrs;
    const rows = a.shape.at(transposeA ? -1 : -2)!;
    const biases = runKernel(tf.Tile, { x: bias }, backend, { reps: [rows] });
    const product = stock({ ...args, inputs: { ...args.inputs, bias: biases } });
    backend.disposeData(biases.dataId);
    return product;
  };
}

function isSingleMatrix(tensor: tf.TensorInfo): boolean {
  return tf.util.sizeFromShape(tensor.shape.slice(0, -2)) === 1;
}

/** Swaps the last two axes; the caller disposes of the result. */
function transposeMatrix(x: tf.TensorInfo, backend: BackendWasm): tf.TensorInfo {
  const rank = x.shape.length;
  const perm = [...Array(rank - 2).keys(), rank - 1, rank - 2];
  return runKernel(tf.Transpose, { x }, backend, { perm });
}
