/**
 * Mean and 1 / deviation as outputs of a norm, with gradients of their own.
 *
 * Implementations compute them from shifted and scaled data, whose shift and scale count as constants: that
 * is right for `y`, which does not depend on them, and wrong for a mean. So the gradient is given here, the
 * same for all implementations, fused ones as well.
 *
 * @module
 */
import * as tf from "./tf.ts";
import type { Arrangement } from "./arrangement.ts";
import { dropAxes, reductionLength } from "./shape.ts";
import type { StatisticsOptions } from "./options.ts";
import type { Tensor, Tensors } from "./tensor.ts";
import { viewed } from "./view.ts";

/** What a function takes that returns statistics if `Asked`. */
export interface ReturningStatistics<Asked extends boolean> {
  /** Whether an object is returned, of `y` and the statistics, and not `y` alone; default false. */
  readonly returnStatistics?: Asked;
}

/** What a norm returns with its statistics, one for each group of elements that share them. */
export interface NormWithStatistics {
  /** Shape of `x`. */
  readonly y: Tensor;
  /** The mean of every group. */
  readonly mean: Tensor;
  /** 1 / sqrt(variance + epsilon) of every group, in the shape of `mean`. */
  readonly inverseDeviation: Tensor;
}

/** What RMS norm returns with its statistic. */
export interface NormWithInverseRms {
  /** Shape of `x`. */
  readonly y: Tensor;
  /** 1 / sqrt(mean(x^2) + epsilon) of every group: shape of `x`, the axes of the group 1. */
  readonly inverseRms: Tensor;
}

/** The statistics of an implementation, one element for each group; without a mean, data are not centred. */
interface GroupStatistics {
  readonly mean?: Tensor;
  /** 1 / deviation; computed when asked for. */
  inverse(): Tensor;
}

/**
 * The outputs beside `y` that the options ask for, as functions of `x`:
 *
 *     dx = dmean / n        dx = -dinverse inverse^2 xhat / n, where xhat = (x - mean) inverse
 */
export function returnedStatistics(
  { returnStatistics = false }: StatisticsOptions,
  x: Tensor,
  arrangement: Arrangement,
  { mean, inverse }: GroupStatistics,
): Tensors {
  if (!returnStatistics) return {};
  const shape = [...arrangement.statisticsShape];
  const count = reductionLength(arrangement.shape, arrangement.axes);
  const factor = tf.reshape(inverse(), shape);
  const output = (value: Tensor, gradient: GroupGradient): Tensor =>
    tf.customGrad((_x, save) => {
      (save as tf.GradSaveFunc)([x, factor, ...(mean === undefined ? [] : [mean])]);
      return {
        value: tf.clone(value),
        gradFunc: (dy: Tensor, saved: Tensor[]) => {
          refuseSecondDerivative(
            "mean and 1 / deviation have first derivatives only: compute them from x where a gradient is " +
              "differentiated again",
          );
          const { x, axes, restore } = viewed(saved[0]!, arrangement);
          const [factor, mean] = saved.slice(1).map((statistic) =>
            tf.reshape(statistic, dropAxes(x.shape, axes))
          );
          const share = tf.reshape(tf.div(dy, count), factor!.shape);
          return restore(gradient(share, mean === undefined ? x : tf.sub(x, mean), factor!));
        },
      };
    })(x);
  const inverseOutput = output(
    factor,
    (share, centred, factor) =>
      tf.mul(tf.mul(centred, factor), tf.neg(tf.mul(tf.mul(share, factor), factor))),
  );
  if (mean === undefined) return { inverseRms: inverseOutput };
  return {
    mean: output(tf.reshape(mean, shape), (share, centred) => tf.add(tf.zerosLike(centred), share)),
    inverseDeviation: inverseOutput,
  };
}

/** dx from what reaches a group over the number of its elements, `x` less its mean, and 1 / deviation. */
type GroupGradient = (share: Tensor, centred: Tensor, inverse: Tensor) => Tensor;

/**
 * Where the tape cannot follow a gradient, it would take it for a constant.
 *
 * @param message What has first derivatives only, and what to do.
 * @throws {RangeError} where a tape runs around this gradient.
 */
export function refuseSecondDerivative(message: string): void {
  if (tf.engine().state.gradientDepth > 0) throw new RangeError(message);
}
