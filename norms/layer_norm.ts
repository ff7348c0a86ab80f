/**
 * Layer normalization.
 *
 * @module
 */
import { applyFunction } from "./frames/apply.ts";
import { perSample } from "./basics/arrangement.ts";
import type { Norm } from "./basics/norm.ts";
import { type AffineInput, perSampleNorm } from "./frames/per_sample_norm.ts";
import { DEFAULT_EPSILON, type LayerNormOptions } from "./basics/options.ts";
import { range } from "./basics/shape.ts";
import type { Layer, Tensor } from "./basics/tensor.ts";
import { type LayerOptions, NormLayer, type NormLayerArgs } from "./layers/norm_layer.ts";
import { registerLayer, stockLayer } from "./layers/stock.ts";

const DEFAULTS = { axis: -1, epsilon: DEFAULT_EPSILON, scale: true, center: true } as const;

function stockLayerNorm({ training: _, ...options }: LayerNormOptions): Layer {
  return stockLayer("layerNormalization", { ...DEFAULTS, ...options });
}

/** The record of layer norm. */
export const layerNorm: Norm<LayerNormOptions, "layer", AffineInput> = perSampleNorm(
  {
    name: "layer",
    title: "Layer normalization",
    formula: "y = gamma (x - mean) / sqrt(variance + epsilon) + beta, statistics per sample",
    source: "Ba, Kiros & Hinton 2016, arXiv:1607.06450",
    arrangement: (shape, { axis = -1 }) => perSample(shape, axis),
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
  extends Omit<LayerNormOptions, "training" | "scale" | "center"> {
  /** Shape: the lengths of `axis`, in the order of `axis`. Left out: 1. */
  readonly gamma?: Tensor;
  /** Shape as `gamma`. Left out: 0. */
  readonly beta?: Tensor;
  /** `composed` (default), `analytic`, or `fused` where the backend has kernels for it. */
  readonly implementation?: string;
}

/**
 * Normalizes every sample over its own features.
 *
 *     y = gamma (x - mean) / sqrt(variance + epsilon) + beta
 *
 * Mean and biased variance are taken over `axis`, separately for every index of the other axes;
 * training and prediction do not differ. Ba, Kiros & Hinton 2016, arXiv:1607.06450.
 *
 * Frameworks differ: epsilon is 1e-3 in Keras and `tf.layers`, 1e-5 in PyTorch and ONNX. For an axis
 * list out of order, gamma here has the shape in which the list names the axes and is transposed; Keras
 * 3 sorts the list first, so its gamma is the transposed one; `tf.layers` reshapes it, which scrambles it.
 *
 * @param x float32, rank 1 or more.
 * @returns float32, shape of `x`.
 * @throws {RangeError} if an axis is out of range or repeated, or a shape does not fit.
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
export function layerNormalization(x: Tensor, options: LayerNormArguments = {}): Tensor {
  return applyFunction(layerNorm, { x }, options)["y"]!;
}

/** What {@linkcode LayerNormalization} takes. */
export type LayerNormalizationArgs = LayerOptions<LayerNormOptions> & NormLayerArgs;

/**
 * {@linkcode layerNormalization} as a layer.
 *
 * Weights: `gamma`, `beta`, whose shape is the lengths of `axis` in the order of `axis`.
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
    super(layerNorm, DEFAULTS, args);
  }
}

registerLayer(LayerNormalization);
