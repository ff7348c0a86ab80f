/**
 * How running statistics follow those of a batch.
 *
 * @module
 */
import * as tf from "./tf.ts";
import type { Tensor } from "./tensor.ts";

/** Mean and variance of every feature, in any shape. */
export interface FeatureStatistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** The share that each has in the running statistics after a step. */
export interface Shares {
  /** Of the running statistics before it. */
  readonly old: number;
  /** Of the batch's mean. */
  readonly mean: number;
  /** Of the batch's variance. */
  readonly variance: number;
}

/** Gives the running statistics after a step, in the shape of those before it. */
export type Follow = (
  running: FeatureStatistics,
  batch: FeatureStatistics,
  shares: Shares,
) => FeatureStatistics;

/** In basic tensor operations. */
export const composedFollow: Follow = (running, batch, shares) => {
  const blend = (name: keyof FeatureStatistics): Tensor =>
    tf.add(
      tf.mul(running[name], shares.old),
      tf.mul(tf.reshape(batch[name], running[name].shape), shares[name]),
    );
  return { mean: blend("mean"), variance: blend("variance") };
};
