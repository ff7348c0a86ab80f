/**
 * The kernels of a network: what is drawn at first, and what L2 regularization shrinks.
 *
 * @module
 */
import type * as tf from "../norms/basics/tf.ts";
import type { Model } from "./model.ts";

/** The weight that multiplies a layer's input. */
export interface Kernel {
  /** The kernel, or the direction v of a weight-normalized one. */
  readonly kernel: tf.LayerVariable;
  /** The length g of a weight-normalized one. */
  readonly length: tf.LayerVariable | undefined;
}

/** The kernels of dense layers and convolutions, plain or weight-normalized, from input to output. */
export function kernelsOf(model: Model): Kernel[] {
  return model.layers.flatMap(({ weights }) => {
    const named = (name: string) =>
      weights.find(({ originalName }) => originalName.endsWith(`/${name}`));
    const kernel = named("kernel") ?? named("v");
    return kernel === undefined ? [] : [{ kernel, length: named("g") }];
  });
}
