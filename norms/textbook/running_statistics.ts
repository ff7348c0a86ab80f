/**
 * The textbook of norms that train with the statistics of a batch, and predict with running ones.
 *
 * @module
 */
import { arrange } from "../basics/view.ts";
import { DEFAULT_MOMENTUM, type RunningOptions, usesBatchStatistics } from "../basics/options.ts";
import type { Arrangement } from "../basics/arrangement.ts";
import type { Tensor, Tensors } from "../basics/tensor.ts";
import * as tf from "../basics/tf.ts";
import {
  applyStatistics,
  meanOver,
  parametersOf,
  type StandardizationSteps,
} from "./standardization.ts";
import type { Textbook } from "../basics/norm.ts";

/** Mean and spread in shapes that broadcast onto the data. */
interface Statistics {
  readonly mean: Tensor;
  readonly spread: Tensor;
}

/** The steps of such a norm; a fault replaces some of them. */
export interface RunningSteps<O extends RunningOptions = RunningOptions>
  extends StandardizationSteps<O> {
  /** The statistics that a training step normalizes with. */
  trainWith(batch: Statistics, moving: Statistics): Statistics;
  /** The statistics that a prediction normalizes with. */
  predictWith(batch: Statistics, moving: Statistics): Statistics;
  /** What a prediction divides by; left out: {@linkcode StandardizationSteps.deviation}. */
  predictionDeviation?(spread: Tensor, epsilon: number, options: O): Tensor;
  /** Whether a step normalizes with the statistics of the batch. */
  trains(options: O): boolean;
  /** Whether a step moves the running statistics. */
  updates(options: O): boolean;
  follow(moving: Tensor, batch: Tensor, momentum: number): Tensor;
  followSpread(moving: Tensor, batch: Tensor, momentum: number): Tensor;
  /** A factor of the spread that the running one follows. */
  correction?(layout: Arrangement, options: O): number;
}

export function follow(moving: Tensor, batch: Tensor, momentum: number): Tensor {
  return tf.add(tf.mul(moving, momentum), tf.mul(batch, 1 - momentum));
}

export function isRunning(steps: object): steps is RunningSteps {
  return "predictWith" in steps;
}

/**
 * The textbook of such a norm.
 *
 * @param movingSpread Name of the running spread, such as `movingVariance`.
 */
export function runningTextbook<O extends RunningOptions>(
  standardization: StandardizationSteps<O>,
  movingSpread: string,
  correction?: (layout: Arrangement, options: O) => number,
): Textbook<RunningSteps<O>, O> {
  const updated = (
    steps: RunningSteps<O>,
    inputs: Tensors,
    batch: Statistics,
    options: O,
  ): Tensors => {
    const { momentum = DEFAULT_MOMENTUM } = options;
    const moving = { mean: inputs["movingMean"]!, spread: inputs[movingSpread]! };
    // The layout without a fault: one may take its statistics over too few axes, or the wrong ones.
    const layout = standardization.layout(inputs["x"]!.shape, options);
    const perFeature = (statistic: Tensor) => {
      const isPerFeature = statistic.size === moving.mean.size;
      const reduced = isPerFeature ? statistic : meanOver(statistic, layout.axes);
      return tf.reshape(reduced, moving.mean.shape);
    };
    const factor = steps.correction?.(layout, options) ?? 1;
    const spread = tf.mul(perFeature(batch.spread), factor);
    return {
      movingMean: steps.follow(moving.mean, perFeature(batch.mean), momentum),
      [movingSpread]: steps.followSpread(moving.spread, spread, momentum),
    };
  };
  return {
    steps: {
      ...standardization,
      trainWith: (batch) => batch,
      predictWith: (_batch, moving) => moving,
      trains: usesBatchStatistics,
      updates: usesBatchStatistics,
      follow,
      followSpread: follow,
      ...(correction && { correction }),
    },
    implement: (steps) => (inputs, options) => {
      const { epsilon = steps.defaultEpsilon } = options;
      const x = inputs["x"]!;
      const layout = steps.layout(x.shape, options);
      const { axes } = layout;
      const mean = steps.mean(x, axes);
      const batch = { mean, spread: steps.spread(x, mean, axes, options) };
      const states = { movingMean: inputs["movingMean"]!, [movingSpread]: inputs[movingSpread]! };
      const moving = {
        mean: arrange(states["movingMean"], layout)!,
        spread: arrange(states[movingSpread], layout)!,
      };
      const parameters = parametersOf(inputs, layout);
      const after = steps.updates(options) ? updated(steps, inputs, batch, options) : states;
      if (steps.trains(options)) {
        const { mean, spread } = steps.trainWith(batch, moving);
        const deviation = steps.deviation(spread, epsilon, options);
        const y = applyStatistics(steps, { x, axes, mean, deviation }, parameters, options);
        return { y, ...after };
      }
      const used = steps.predictWith(batch, moving);
      const deviationOf = steps.predictionDeviation ?? steps.deviation;
      const deviation = deviationOf(used.spread, epsilon, options);
      const statistics = { x, axes, mean: used.mean, deviation };
      const predicting = { ...steps, byHand: false };
      return { y: applyStatistics(predicting, statistics, parameters, options), ...after };
    },
  };
}
