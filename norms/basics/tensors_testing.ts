/**
 * What the tests of the norms share.
 *
 * @module
 */
import { standardNormal, uniformStream } from "./random.ts";
import { type Shape, size } from "./shape.ts";
import * as tf from "./tf.ts";

/** Standard normal float32 values, the same for the same seed. */
export function normalValues(shape: Shape, seed: string): Float32Array {
  return Float32Array.from(standardNormal(size(shape), uniformStream(seed)));
}

/** Those values as a tensor. */
export function normalTensor(shape: Shape, seed: string): tf.Tensor {
  return tf.tensor(normalValues(shape, seed), [...shape]);
}

/** The values of tensors, read without blocking, as WebGPU demands. */
export async function valuesOf(...tensors: readonly tf.Tensor[]): Promise<number[][]> {
  const values = await Promise.all(tensors.map((tensor) => tensor.data()));
  return values.map((typed) => Array.from(typed));
}
