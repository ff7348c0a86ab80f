/**
 * Float64 oracle of batch norm.
 *
 * @module
 */
import { perFeature } from "../basics/arrangement.ts";
import { type BatchNormOptions, DEFAULT_EPSILON, varianceCorrection } from "../basics/options.ts";
import type { Oracle } from "../basics/norm.ts";
import { add, Bounded, squareRoot } from "./bounded.ts";
import { runningOracle } from "./running_statistics.ts";
import { standardizationBackward, standardizationForward } from "./standardization.ts";

/** The oracle of batch norm, in training, in prediction and frozen. */
export const batchNormOracle: Oracle<BatchNormOptions> = runningOracle({
  movingSpread: "movingVariance",
  arrangement: (shape, { axis = -1 }) => perFeature(shape, axis),
  train(inputs, layout, { epsilon = DEFAULT_EPSILON }) {
    const { y, mean, variance } = standardizationForward(inputs, layout, epsilon);
    return { y, mean, spread: variance };
  },
  backward: (inputs, layout, { epsilon = DEFAULT_EPSILON }, dy) =>
    standardizationBackward(inputs, layout, epsilon, dy),
  deviation: (variance, { epsilon = DEFAULT_EPSILON }) =>
    squareRoot(add(variance, Bounded.constant(epsilon))),
  correction: varianceCorrection,
});
