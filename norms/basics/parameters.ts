/**
 * gamma and beta: how they are described, arranged and switched off.
 *
 * @module
 */
import * as tf from "./tf.ts";
import type { Arrangement } from "./arrangement.ts";
import type { InputSpec } from "./norm.ts";
import type { AffineOptions } from "./options.ts";
import type { Shape } from "./shape.ts";

/** The input that is normalized. */
export function dataSpec(shape: Shape): InputSpec {
  return { name: "x", shape, role: "data", initializer: "none" };
}

/** gamma and beta of this shape, as far as they are switched on. */
export function affineSpecs(
  shape: Shape,
  { scale = true, center = true }: AffineOptions,
): InputSpec[] {
  return [
    ...(scale ? [{ name: "gamma", shape, role: "weight", initializer: "ones" } as const] : []),
    ...(center ? [{ name: "beta", shape, role: "weight", initializer: "zeros" } as const] : []),
  ];
}

/** The tensor in another shape; itself where it has that shape, since every operation costs time. */
export function view(tensor: tf.Tensor, shape: Shape): tf.Tensor {
  return tf.util.arraysEqual(tensor.shape, [...shape]) ? tensor : tf.reshape(tensor, [...shape]);
}

/** Brings the axes of a parameter into ascending order. */
export function sorted(
  parameter: tf.Tensor | undefined,
  { parameterPermutation }: Arrangement,
): tf.Tensor | undefined {
  const isSorted = parameterPermutation.every((axis, i) => axis === i);
  return isSorted ? parameter : parameter && tf.transpose(parameter, [...parameterPermutation]);
}

/** Brings a parameter into the shape that broadcasts onto the arrangement's view of `x`. */
export function arrange(
  parameter: tf.Tensor | undefined,
  arrangement: Arrangement,
): tf.Tensor | undefined {
  return parameter && view(sorted(parameter, arrangement)!, arrangement.parameterView);
}
