/**
 * What the tests of the norms share.
 *
 * @module
 */
import { standardNormal, uniformStream } from "./random.ts";
import { type Shape, size } from "./shape.ts";
import * as tf from "./tf.ts";

/** Standard normal values, the same for the same seed. */
export function normalTensor(shape: Shape, seed: string): tf.Tensor {
  const values = Float32Array.from(standardNormal(size(shape), uniformStream(seed)));
  return tf.tensor(values, [...shape]);
}

/** The values of tensors, read without blocking, as WebGPU demands. */
export async function valuesOf(...tensors: readonly tf.Tensor[]): Promise<number[][]> {
  const values = await Promise.all(tensors.map((tensor) => tensor.data()));
  return values.map((typed) => Array.from(typed));
}

/** Mean and biased variance of every feature, the last axis, by plain loops in float64. */
export function momentsOf(values: readonly number[], features: number) {
  const mean = (numbers: readonly number[]) =>
    numbers.reduce((total, value) => total + value, 0) / numbers.length;
  return Array.from({ length: features }, (_, feature) => {
    const own = values.filter((_, i) => i % features === feature);
    const center = mean(own);
    return { mean: center, variance: mean(own.map((value) => (value - center) ** 2)) };
  });
}
