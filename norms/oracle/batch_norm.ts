/**
 * Float64 oracle of batch norm.
 *
 * @module
 */
import { perFeature } from "../basics/arrangement.ts";
import {
  type BatchNormOptions,
  DEFAULT_EPSILON,
  DEFAULT_MOMENTUM,
  usesBatchStatistics,
  varianceCorrection,
} from "../basics/options.ts";
import type { BoundedArrays, Oracle } from "../basics/norm.ts";
import { add, Bounded, divide, multiply, reshape, squareRoot, subtract } from "./bounded.ts";
import {
  affineBackward,
  affineForward,
  arrangeParameter,
  standardizationBackward,
  standardizationForward,
} from "./standardization.ts";

function layoutOf(inputs: BoundedArrays, { axis = -1 }: BatchNormOptions) {
  return perFeature(inputs["x"]!.shape, axis);
}

/** xhat = (x - movingMean) / sqrt(movingVariance + epsilon). */
function prediction(inputs: BoundedArrays, options: BatchNormOptions) {
  const layout = layoutOf(inputs, options);
  const variance = arrangeParameter(inputs["movingVariance"], layout)!;
  const epsilon = Bounded.constant(options.epsilon ?? DEFAULT_EPSILON);
  const deviation = squareRoot(add(variance, epsilon));
  const centred = subtract(inputs["x"]!, arrangeParameter(inputs["movingMean"], layout)!);
  return { layout, deviation, xhat: divide(centred, deviation) };
}

/** momentum moving + (1 - momentum) correction batch. */
function follow(moving: Bounded, batch: Bounded, momentum: number, correction: number): Bounded {
  const kept = multiply(moving, Bounded.constant(momentum));
  const gained = multiply(
    reshape(batch, moving.shape),
    Bounded.constant((1 - momentum) * correction),
  );
  return add(kept, gained);
}

/** The oracle of batch norm, in training, in prediction and frozen. */
export const batchNormOracle: Oracle<BatchNormOptions> = {
  forward(inputs, options) {
    const { movingMean, movingVariance } = inputs;
    if (!usesBatchStatistics(options)) {
      const { layout, xhat } = prediction(inputs, options);
      return {
        y: affineForward(xhat, inputs, layout),
        movingMean: movingMean!,
        movingVariance: movingVariance!,
      };
    }
    const { epsilon = DEFAULT_EPSILON, momentum = DEFAULT_MOMENTUM } = options;
    const layout = layoutOf(inputs, options);
    const { y, mean, variance } = standardizationForward(inputs, layout, epsilon);
    return {
      y,
      movingMean: follow(movingMean!, mean, momentum, 1),
      movingVariance: follow(
        movingVariance!,
        variance,
        momentum,
        varianceCorrection(layout, options),
      ),
    };
  },
  backward(inputs, options, dy) {
    if (usesBatchStatistics(options)) {
      const { epsilon = DEFAULT_EPSILON } = options;
      return standardizationBackward(inputs, layoutOf(inputs, options), epsilon, dy);
    }
    const { layout, deviation, xhat } = prediction(inputs, options);
    const { dxhat, parameters } = affineBackward(xhat, inputs, layout, dy);
    return { x: divide(dxhat, deviation), ...parameters };
  },
};
