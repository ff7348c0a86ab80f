/**
 * Float64 oracle of RMS norm.
 *
 * @module
 */
import { perSample } from "../basics/arrangement.ts";
import type { BoundedArrays, Oracle } from "../basics/norm.ts";
import { RMS_EPSILON, type RMSNormOptions } from "../basics/options.ts";
import { affineBackward, affineForward } from "./standardization.ts";
import { standardize } from "./group_statistics.ts";
import { projectBackward } from "./standardized_gradients.ts";

function statistics(inputs: BoundedArrays, options: RMSNormOptions) {
  const { epsilon = RMS_EPSILON } = options;
  const x = inputs["x"]!;
  const layout = perSample(x.shape, options);
  return { layout, standardized: standardize(x, { axes: layout.axes, epsilon, centred: false }) };
}

/** y = gamma x / rms, dx = (dxhat - xhat mean(dxhat xhat)) / rms. */
export const rmsNormOracle: Oracle<RMSNormOptions> = {
  forward(inputs, options) {
    const { layout, standardized } = statistics(inputs, options);
    return { y: affineForward(standardized, inputs, layout) };
  },
  backward(inputs, options, dy) {
    const { layout, standardized } = statistics(inputs, options);
    const { dxhat, parameters } = affineBackward(standardized, inputs, layout, dy);
    return { x: projectBackward({ dxhat, standardized }), ...parameters };
  },
};
