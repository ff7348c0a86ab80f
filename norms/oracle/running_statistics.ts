/**
 * Float64 oracle of norms that train with the statistics of a batch, and predict with running ones.
 *
 * @module
 */
import type { Arrangement } from "../basics/arrangement.ts";
import type { BoundedArrays, Oracle } from "../basics/norm.ts";
import { DEFAULT_MOMENTUM, type RunningOptions, usesBatchStatistics } from "../basics/options.ts";
import { broadcastAxes, type Shape } from "../basics/shape.ts";
import { UNIT_ROUNDOFF } from "./arithmetic.ts";
import { add, Bounded, multiply, reshape } from "./bounded.ts";
import { affineBackward, affineForward, arrangeParameter } from "./standardization.ts";
import { standardizeBy } from "./standardized.ts";
import { divideByDeviation } from "./standardized_gradients.ts";

/** The parts in which one such norm differs from another. */
export interface RunningOracle<O extends RunningOptions> {
  /** Name of the running spread, such as `movingVariance`. */
  readonly movingSpread: string;
  arrangement(shape: Shape, options: O): Arrangement;
  /** Output and statistics of a training step. */
  train(
    inputs: BoundedArrays,
    arrangement: Arrangement,
    options: O,
  ): { readonly y: Bounded; readonly mean: Bounded; readonly spread: Bounded };
  /** Gradients of a training step. */
  backward(
    inputs: BoundedArrays,
    arrangement: Arrangement,
    options: O,
    dy: Bounded,
  ): BoundedArrays;
  /** What a prediction divides by. */
  deviation(spread: Bounded, options: O): Bounded;
  /** A factor of the spread that the running one follows; default 1. */
  correction?(arrangement: Arrangement, options: O): number;
}

/**
 * momentum moving + (1 - momentum) correction batch.
 *
 * In any order it may be moving + (1 - momentum) (correction batch - moving), too, as in Keras, which
 * rounds the share of the new up to four times where the other form does so twice.
 */
export function follow(
  moving: Bounded,
  batch: Bounded,
  momentum: number,
  correction: number,
): Bounded {
  const kept = multiply(moving, Bounded.constant(momentum));
  const share = (1 - momentum) * correction;
  const gained = multiply(reshape(batch, moving.shape), Bounded.constant(share));
  const next = add(kept, gained);
  const more = 3 * next.arithmetic.basic * UNIT_ROUNDOFF;
  const anyOrder = next.anyOrder.map((bound, i) =>
    Number.isFinite(next.values[i])
      ? bound + more * (1 - momentum) *
          (Math.abs(moving.values[i]!) + correction * Math.abs(batch.values[i]!))
      : bound
  );
  return new Bounded(next.shape, next.values, next.careful, { ...next, anyOrder });
}

/** The oracle in training, in prediction and frozen. */
export function runningOracle<O extends RunningOptions>(
  { movingSpread, arrangement, train, backward, deviation, correction }: RunningOracle<O>,
): Oracle<O> {
  /** xhat = (x - movingMean) / deviation. */
  const prediction = (inputs: BoundedArrays, options: O) => {
    const x = inputs["x"]!;
    const layout = arrangement(x.shape, options);
    const standardized = standardizeBy(x, {
      mean: arrangeParameter(inputs["movingMean"], layout)!,
      deviation: deviation(arrangeParameter(inputs[movingSpread], layout)!, options),
      axes: broadcastAxes(layout.parameterView, x.shape),
    });
    return { layout, standardized };
  };
  return {
    forward(inputs, options) {
      const { movingMean, [movingSpread]: spread } = inputs;
      if (!usesBatchStatistics(options)) {
        const { layout, standardized } = prediction(inputs, options);
        const y = affineForward(standardized, inputs, layout);
        return { y, movingMean: movingMean!, [movingSpread]: spread! };
      }
      const { momentum = DEFAULT_MOMENTUM } = options;
      const layout = arrangement(inputs["x"]!.shape, options);
      const batch = train(inputs, layout, options);
      const factor = correction?.(layout, options) ?? 1;
      return {
        y: batch.y,
        movingMean: follow(movingMean!, batch.mean, momentum, 1),
        [movingSpread]: follow(spread!, batch.spread, momentum, factor),
      };
    },
    backward(inputs, options, dy) {
      if (usesBatchStatistics(options)) {
        return backward(inputs, arrangement(inputs["x"]!.shape, options), options, dy);
      }
      const { layout, standardized } = prediction(inputs, options);
      const { dxhat, parameters } = affineBackward(standardized, inputs, layout, dy);
      return { x: divideByDeviation(dxhat, standardized), ...parameters };
    },
  };
}
