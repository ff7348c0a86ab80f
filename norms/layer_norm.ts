/**
 * Layer normalization.
 *
 * @module
 */
import { perSample } from "./basics/arrangement.ts";
import type { Norm } from "./basics/norm.ts";
import {
  type AffineInput,
  applyPerSample,
  PER_SAMPLE_DEFAULTS,
  perSampleNorm,
  type PerSampleResult,
} from "./frames/per_sample_norm.ts";
import { type Defaults, layerDefaults, type LayerNormOptions } from "./basics/options.ts";
import type { ReturningStatistics } from "./basics/returned_statistics.ts";
import { namedAxes, range, type Shape } from "./basics/shape.ts";
import type { Layer, Tensor } from "./basics/tensor.ts";
import { type LayerOptions, NormLayer, type NormLayerArgs } from "./layers/norm_layer.ts";
import { registerLayer, stockLayer } from "./layers/stock.ts";

const DEFAULTS: Defaults<LayerNormOptions> = {
  ...PER_SAMPLE_DEFAULTS,
  axis: -1,
  fromAxis: undefined,
};

function stockLayerNorm(options: LayerNormOptions, { length: rank }: Shape): Layer {
  const { axis: _, fromAxis: __, ...others } = layerDefaults(DEFAULTS);
  const { epsilon, scale, center } = { ...others, ...options };
  const { axis = -1, fromAxis } = options;
  return stockLayer("layerNormalization", {
    ...{ epsilon, scale, center },
    axis: fromAxis === undefined ? axis : namedAxes({ fromAxis }, rank),
  });
}

/** The record of layer norm. */
export const layerNorm: Norm<LayerNormOptions, "layer", AffineInput> = perSampleNorm(
  {
    name: "layer",
    title: "Layer normalization",
    formula: "y = gamma (x - mean) / sqrt(variance + epsilon) + beta, statistics per sample",
    source: "Ba, Kiros & Hinton 2016, arXiv:1607.06450",
    defaults: DEFAULTS,
    arrangement: (shape, options) => perSample(shape, options),
    textbookSteps: { takesAxisList: true },
    reference: stockLayerNorm,
    counterpart: stockLayerNorm,
    layer: (options) => new LayerNormalization(options),
    // As Ba et al. do: over channels and positions alike.
    networkOptions: (shape, { epsilon }) => ({ epsilon, axis: range(shape.length).slice(1) }),
    colour: "#d55e00",
  },
);

/** What {@linkcode layerNormalization} takes in addition to `x`. */
export interface LayerNormArguments
  extends Omit<LayerNormOptions, "training" | "scale" | "center" | "returnStatistics"> {
  /** Shape: the lengths of `axis`, in its order, or one that broadcasts to it or to `x`. Left out: 1. */
  readonly gamma?: Tensor;
  /** As `gamma`. Left out: 0. */
  readonly beta?: Tensor;
  /** `composed` (default), `analytic`, or `fused` where the backend has kernels for it. */
  readonly implementation?: string;
}

/**
 * Normalizes every sample over its own features.
 *
 *     y = gamma (x - mean) / sqrt(variance + epsilon) + beta
 *
 * Mean and biased variance are taken over `axis`, or over all axes from `fromAxis` to the last, separately
 * for every index of the other axes; training and prediction do not differ. Ba, Kiros & Hinton 2016,
 * arXiv:1607.06450.
 *
 * With `returnStatistics` it returns `{ y, mean, inverseDeviation }`, of which the latter is
 * 1 / sqrt(variance + epsilon), and both have the shape of `x` with 1 for the axes of the statistics, as the
 * optional outputs of ONNX's LayerNormalization have. They have right gradients, of the first order.
 *
 * Frameworks differ: epsilon is 1e-3 in Keras and `tf.layers`, 1e-5 in PyTorch and ONNX. `axis: 1` of
 * four is that axis alone in Keras and `tf.layers`, and the last three in ONNX; so it is refused here, in
 * favour of `axis: [1]` and `fromAxis: 1`; -1 is the same in all. For an axis
 * list out of order, gamma here has the shape in which the list names the axes and is transposed; Keras
 * 3 sorts the list first, so its gamma is the transposed one; `tf.layers` reshapes it, which scrambles it.
 *
 * @param x float32, rank 1 or more.
 * @returns float32, shape of `x`, or an object of that and the statistics.
 * @throws {RangeError} if an axis is out of range or repeated, or a single number other than the last axis;
 * if a shape does not fit, or has two meanings.
 * @throws {TypeError} if there is no such option, or a tensor is not float32.
 *
 * @example
 * ```ts
 * import { ones, randomNormal, zeros } from "npm:@tensorflow/tfjs@4.22.0";
 * import { layerNormalization } from "../mod.ts";
 *
 * const x = randomNormal([32, 64]);
 * const y = layerNormalization(x, { gamma: ones([64]), beta: zeros([64]) });
 * ```
 */
export function layerNormalization<Asked extends boolean = false>(
  x: Tensor,
  options: LayerNormArguments & ReturningStatistics<Asked> = {},
): PerSampleResult<Asked> {
  return applyPerSample(layerNorm, x, options);
}

/** What {@linkcode LayerNormalization} takes. */
export type LayerNormalizationArgs = LayerOptions<LayerNormOptions> & NormLayerArgs;

/**
 * {@linkcode layerNormalization} as a layer.
 *
 * Weights: `gamma`, `beta`, whose shape is the lengths of `axis` in the order of `axis`. `axis: 1` is that
 * axis alone, as in `tf.layers`; `fromAxis: 1` is all from there to the last, as `axis` is in ONNX.
 *
 * `tf.layers.layerNormalization` fails in training without `scale` or `center`, and scrambles gamma
 * and beta for axes out of order.
 *
 * @throws {RangeError} from the constructor if there is no such implementation; from `build` if an
 * axis is out of range or repeated, its length is not fixed, or epsilon is out of range.
 * @throws {TypeError} if there is no such option.
 */
export class LayerNormalization extends NormLayer<LayerNormOptions> {
  /** The name that models are saved with; it leaves that of `tf.layers` alone. */
  static readonly className = "NormbenchLayerNormalization";

  /** Takes the options of the norm, and those of every layer. */
  constructor(args: LayerNormalizationArgs = {}) {
    super(layerNorm, layerDefaults(DEFAULTS), args);
  }
}

registerLayer(LayerNormalization);
