/**
 * Population statistics: what batch norm predicts with, estimated over a whole data set.
 *
 * @module
 */
import * as tf from "./tf.ts";
import { perFeature } from "./arrangement.ts";
import { viewed } from "./view.ts";
import { reductionLength } from "./shape.ts";
import { condition, moments } from "./statistics.ts";
import type { Tensor } from "./tensor.ts";

/** What {@linkcode populationStatistics} returns. */
export interface PopulationStatistics {
  /** Mean of every feature, shape `[features]`. */
  readonly mean: Tensor;
  /** Unbiased variance of every feature, shape `[features]`. */
  readonly variance: Tensor;
}

/**
 * Estimates mean and variance of every feature from the batches of a data set.
 *
 *     mean = E[mean_B]        variance = m / (m - 1) E[variance_B]
 *
 * where m is the number of values of a feature in one batch: Ioffe & Szegedy 2015, algorithm 2, the
 * alternative to running averages. Pass the result as `movingMean` and `movingVariance`. The estimate
 * leaves out what batches differ by in their means, as the paper's does: shuffle first.
 *
 * @param batches float32, all of one shape. The caller may dispose of each after its turn.
 * @param axis The feature axis; default the last.
 * @throws {RangeError} if there is no batch, shapes differ, or a batch holds one value of a feature.
 *
 * @example
 * ```ts
 * import { randomNormal } from "npm:@tensorflow/tfjs@4.22.0";
 * import { batchNormalization, populationStatistics } from "../../mod.ts";
 *
 * const batches = [1, 2, 3].map(() => randomNormal([32, 8]));
 * const { mean, variance } = populationStatistics(batches);
 * const { y } = batchNormalization(batches[0]!, { movingMean: mean, movingVariance: variance });
 * ```
 */
export function populationStatistics(batches: Iterable<Tensor>, axis = -1): PopulationStatistics {
  const sums: tf.Tensor[] = [];
  let shape: readonly number[] | undefined;
  let count = 0;
  for (const batch of batches) {
    shape ??= batch.shape;
    checkShape(batch, shape, axis);
    const [mean, variance] = tf.tidy(() => addMoments(sums, batch, axis));
    tf.dispose(sums.splice(0, sums.length, mean, variance));
    count++;
  }
  if (shape === undefined) throw new RangeError("there is no batch to take statistics of");
  const values = valuesPerFeature(shape, axis);
  const [mean, variance] = sums as [tf.Tensor, tf.Tensor];
  const result = tf.tidy(() => ({
    mean: tf.div(mean, count),
    variance: tf.mul(variance, values / (values - 1) / count),
  }));
  tf.dispose(sums);
  return result;
}

/** The sums so far and the statistics of one more batch, shape [features]. */
function addMoments(
  sums: readonly tf.Tensor[],
  batch: tf.Tensor,
  axis: number,
): [tf.Tensor, tf.Tensor] {
  const layout = perFeature(batch.shape, axis);
  const { x, axes } = viewed(batch, layout);
  const { mean, variance } = moments(condition(x, axes), axes);
  const flat = [mean, variance].map((statistic) =>
    tf.reshape(statistic, [...layout.parameterShape])
  );
  const [meanSum, varianceSum] = sums.length === 0
    ? flat
    : flat.map((statistic, i) => tf.add(statistic, sums[i]!));
  return [meanSum!, varianceSum!];
}

function valuesPerFeature(shape: readonly number[], axis: number): number {
  const layout = perFeature(shape, axis);
  return reductionLength(layout.shape, layout.axes);
}

function checkShape(batch: tf.Tensor, shape: readonly number[], axis: number): void {
  if (!tf.util.arraysEqual(batch.shape, [...shape])) {
    throw new RangeError(
      `a batch has shape [${batch.shape}] where others have [${shape}]: leave a shorter last one out`,
    );
  }
  if (valuesPerFeature(shape, axis) < 2) {
    throw new RangeError(
      `batches of shape [${shape}] hold one value of a feature, which has no variance: take larger ones`,
    );
  }
}
