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

/** Brings a parameter into the shape that broadcasts onto the arrangement's view of `x`. */
export function arrange(
  parameter: tf.Tensor | undefined,
  { parameterPermutation, parameterView }: Arrangement,
): tf.Tensor | undefined {
  if (parameter === undefined) return undefined;
  return tf.reshape(tf.transpose(parameter, [...parameterPermutation]), [...parameterView]);
}
