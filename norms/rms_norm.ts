/**
 * Root-mean-square normalization.
 *
 * @module
 */
import * as tf from "./basics/tf.ts";
import { type Affine, affine, affineByHand } from "./basics/standardization.ts";
import { applyFunction } from "./frames/apply.ts";
import { perSample } from "./basics/arrangement.ts";
import { onEachBackend } from "./fused/backends.ts";
import { fusedRootMeanSquare } from "./fused/fused.ts";
import type { Kernels } from "./fused/kernel_interface.ts";
import { affineSpecs, dataSpec, type Implementation, type Norm } from "./basics/norm.ts";
import { checkEpsilon, RMS_EPSILON, type RMSNormOptions } from "./basics/options.ts";
import { viewed } from "./basics/view.ts";
import { addEpsilon, constant, largestMagnitude, mean } from "./basics/statistics.ts";
import { range } from "./basics/shape.ts";
import { layerSubject } from "./basics/subject.ts";
import { rmsNormOracle } from "./oracle/rms_norm.ts";
import type { Tensor } from "./basics/tensor.ts";
import { standardizationTextbook, STEPS } from "./textbook/standardization.ts";
import { type LayerOptions, NormLayer, type NormLayerArgs } from "./layers/norm_layer.ts";
import { registerLayer, stockLayer } from "./layers/stock.ts";

const DEFAULTS = { axis: -1, epsilon: RMS_EPSILON, scale: true } as const;

/** x / rms(x) of data scaled down so that its squares do not overflow, and what is needed to go back. */
function forward(x: Tensor, axes: readonly number[], epsilon: number) {
  const scale = constant(() => tf.maximum(largestMagnitude(x, axes), 1));
  const z = tf.div(x, scale);
  const rms = tf.sqrt(addEpsilon(mean(tf.square(z), axes), epsilon, scale));
  return { xhat: tf.div(z, rms), rms, scale };
}

function inView(
  normalize: (x: Tensor, axes: readonly number[], epsilon: number, parameters: Affine) => Tensor,
): Implementation<RMSNormOptions> {
  return ({ x, gamma }, { axis = -1, epsilon = RMS_EPSILON }) => {
    const seen = viewed(x!, perSample(x!.shape, axis));
    const parameters = { gamma: seen.parameter(gamma), beta: undefined };
    return { y: seen.restore(normalize(seen.x, seen.axes, epsilon, parameters)) };
  };
}

const composed = inView((x, axes, epsilon, parameters) =>
  affine(forward(x, axes, epsilon).xhat, parameters)
);

/** dx = (dxhat - xhat mean(dxhat xhat)) / rms. */
const analytic = inView((x, axes, epsilon, parameters) => {
  const { xhat, rms, scale } = forward(x, axes, epsilon);
  return affineByHand(x, {
    xhat,
    saved: [rms, scale],
    dx: (dxhat, xhat, [rms, scale]) => {
      const projection = tf.mul(xhat, mean(tf.mul(dxhat, xhat), axes));
      return tf.div(tf.div(tf.sub(dxhat, projection), rms!), scale!);
    },
  }, parameters);
});

/** One pass forward and one backward, on our own kernels. */
function fused(kernels: Kernels): Implementation<RMSNormOptions> {
  const rootMeanSquare = fusedRootMeanSquare(kernels);
  return (tensors, { axis = -1, epsilon = RMS_EPSILON }) => ({
    y: rootMeanSquare(tensors, perSample(tensors["x"]!.shape, axis), epsilon),
  });
}

/** The record of RMS norm. */
export const rmsNorm: Norm<RMSNormOptions, "rms", "x" | "gamma"> = {
  name: "rms",
  title: "Root-mean-square normalization",
  formula: "y = gamma x / sqrt(mean(x^2) + epsilon), statistics per sample",
  source: "Zhang & Sennrich 2019, arXiv:1910.07467",
  inputNames: ["x", "gamma"],
  normalized: "x",
  inputs(shape, { axis = -1, epsilon = RMS_EPSILON, scale = true }) {
    checkEpsilon(epsilon);
    const { parameterShape } = perSample(shape, axis);
    return [dataSpec(shape), ...affineSpecs(parameterShape, { scale, center: false })];
  },
  groups: (shape, { axis = -1 }) => perSample(shape, axis),
  implementations: { composed, analytic },
  fused: onEachBackend(fused),
  oracle: rmsNormOracle,
  references: {
    "tf.layers": layerSubject(({ training: _, ...options }) =>
      stockLayer("rmsNormalization", { ...DEFAULTS, ...options })
    ),
  },
  textbook: standardizationTextbook<RMSNormOptions>({
    ...STEPS,
    centred: false,
    takesAxisList: true,
    layout: (shape, { axis = -1 }) => perSample(shape, axis),
    defaultEpsilon: RMS_EPSILON,
    mean: () => tf.scalar(0),
    meanTerm: () => tf.scalar(0),
  }),
  traffic: { forward: 2, backward: 3 },
  layer: (options) => new RMSNormalization(options),
  networkOptions: (shape, { epsilon }) => ({ epsilon, axis: range(shape.length).slice(1) }),
  colour: "#e69f00",
};

/** What {@linkcode rmsNormalization} takes in addition to `x`. */
export interface RMSNormArguments extends Omit<RMSNormOptions, "training" | "scale"> {
  /** Shape: the lengths of `axis`, in the order of `axis`. Left out: 1. */
  readonly gamma?: Tensor;
  /** `composed` (default), `analytic`, or `fused` where the backend has kernels for it. */
  readonly implementation?: string;
}

/**
 * Divides every sample by the root of its mean square.
 *
 *     y = gamma x / sqrt(mean(x^2) + epsilon)
 *
 * Layer norm without the mean: an offset stays. Zhang & Sennrich 2019, arXiv:1910.07467.
 *
 * Frameworks differ: epsilon is 1e-6 in Keras; PyTorch takes the machine epsilon of the dtype.
 *
 * @param x float32, rank 1 or more.
 * @returns float32, shape of `x`.
 * @throws {RangeError} if an axis is out of range or repeated, or a shape does not fit.
 */
export function rmsNormalization(x: Tensor, options: RMSNormArguments = {}): Tensor {
  return applyFunction(rmsNorm, { x }, options)["y"]!;
}

/** What {@linkcode RMSNormalization} takes. */
export type RMSNormalizationArgs = LayerOptions<RMSNormOptions> & NormLayerArgs;

/**
 * {@linkcode rmsNormalization} as a layer, which `tf.layers` does not have.
 *
 * Weight: `gamma`, whose shape is the lengths of `axis` in the order of `axis`.
 *
 * @throws {RangeError} from the constructor if there is no such implementation; from `build` if an
 * axis is out of range or repeated, its length is not fixed, or epsilon is out of range.
 * @throws {TypeError} if there is no such option.
 */
export class RMSNormalization extends NormLayer<RMSNormOptions> {
  /** The name that models are saved with. */
  static readonly className = "NormbenchRMSNormalization";

  /** Takes the options of the norm, and those of every layer. */
  constructor(args: RMSNormalizationArgs = {}) {
    super(rmsNorm, DEFAULTS, args);
  }
}

registerLayer(RMSNormalization);
