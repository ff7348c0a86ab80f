/**
 * Float64 oracle of RMS norm.
 *
 * @module
 */
import { perSample } from "../basics/arrangement.ts";
import type { BoundedArrays, Oracle } from "../basics/norm.ts";
import { RMS_EPSILON, type RMSNormOptions } from "../basics/options.ts";
import { add, Bounded, divide, mean, multiply, squareRoot, subtract } from "./bounded.ts";
import { affineBackward, affineForward } from "./standardization.ts";

function statistics(inputs: BoundedArrays, { axis = -1, epsilon = RMS_EPSILON }: RMSNormOptions) {
  const x = inputs["x"]!;
  const layout = perSample(x.shape, axis);
  const meanSquare = mean(multiply(x, x), layout.axes);
  const rms = squareRoot(add(meanSquare, Bounded.constant(epsilon)));
  return { layout, rms, xhat: divide(x, rms) };
}

/** y = gamma x / rms, dx = (dxhat - xhat mean(dxhat xhat)) / rms. */
export const rmsNormOracle: Oracle<RMSNormOptions> = {
  forward(inputs, options) {
    const { layout, xhat } = statistics(inputs, options);
    return { y: affineForward(xhat, inputs, layout) };
  },
  backward(inputs, options, dy) {
    const { layout, rms, xhat } = statistics(inputs, options);
    const { dxhat, parameters } = affineBackward(xhat, inputs, layout, dy);
    const projection = multiply(xhat, mean(multiply(dxhat, xhat), layout.axes));
    return { x: divide(subtract(dxhat, projection), rms), ...parameters };
  },
};
