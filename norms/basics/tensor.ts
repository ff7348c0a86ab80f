/**
 * The types of TensorFlow.js that public signatures name.
 *
 * @module
 */
import type * as tf from "./tf.ts";

/** A tensor of TensorFlow.js. */
export type Tensor = tf.Tensor;

/** Tensors by the name of the input or output they stand for: `x`, `gamma`, `y` … */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A layer of `tf.layers`. */
export type Layer = tf.layers.Layer;
