/**
 * Types of TensorFlow.js under names that public signatures can show.
 *
 * @module
 */
import type * as tf from "../norms/basics/tf.ts";

/** A network of `tf.layers`, one layer after the other. */
export type Model = tf.Sequential;

/** A tensor of one number. */
export type Scalar = tf.Scalar;
