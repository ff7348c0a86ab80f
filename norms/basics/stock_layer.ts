/**
 * Layers of `tf.layers`, by name.
 *
 * @module
 */
import * as tf from "./tf.ts";

/**
 * Builds `tf.layers[factory](config)`.
 *
 * @throws {Error} if this version of TensorFlow.js has no such layer.
 */
export function stockLayer(
  factory: string,
  config: Readonly<Record<string, unknown>>,
): tf.layers.Layer {
  const factories = tf.layers as unknown as Record<
    string,
    ((config: unknown) => tf.layers.Layer) | undefined
  >;
  const make = factories[factory];
  if (make === undefined) {
    throw new Error(`tf.layers.${factory} does not exist in TensorFlow.js ${tf.version.tfjs}`);
  }
  return make(config);
}
