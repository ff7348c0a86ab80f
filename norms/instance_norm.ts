/**
 * Instance normalization.
 *
 * @module
 */
import { applyFunction } from "./frames/apply.ts";
import { perGroup } from "./basics/arrangement.ts";
import type { Norm } from "./basics/norm.ts";
import { DEFAULT_EPSILON, type InstanceNormOptions } from "./basics/options.ts";
import { lengthOf, resolveAxes, type Shape } from "./basics/shape.ts";
import { type AffineInput, perSampleNorm } from "./frames/per_sample_norm.ts";
import type { Tensor } from "./basics/tensor.ts";
import { type LayerOptions, NormLayer, type NormLayerArgs } from "./layers/norm_layer.ts";
import { registerLayer, stockLayer } from "./layers/stock.ts";

const DEFAULTS = { axis: -1, epsilon: DEFAULT_EPSILON, scale: true, center: true } as const;

/** As many groups as channels. */
function perInstance(shape: Shape, { axis = -1 }: InstanceNormOptions) {
  if (shape.length < 3) {
    throw new RangeError(
      `x of shape [${
        shape.join(", ")
      }] has no positions to take statistics over: give [samples, positions, channels]`,
    );
  }
  const [channelAxis] = resolveAxes(axis, shape.length) as [number];
  return perGroup(shape, channelAxis, lengthOf(shape, channelAxis));
}

/** The record of instance norm. */
export const instanceNorm: Norm<InstanceNormOptions, "instance", AffineInput> = perSampleNorm({
  name: "instance",
  title: "Instance normalization",
  formula:
    "y = gamma (x - mean) / sqrt(variance + epsilon) + beta, statistics per sample and channel",
  source: "Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022",
  arrangement: perInstance,
  reference: ({ training: _, ...options }) =>
    stockLayer("instanceNormalization", { ...DEFAULTS, ...options }),
  layer: (options) => new InstanceNormalization(options),
  networkOptions: (_shape, { epsilon }) => ({ epsilon }),
  colour: "#56b4e9",
});

/** What {@linkcode instanceNormalization} takes in addition to `x`. */
export interface InstanceNormArguments
  extends Omit<InstanceNormOptions, "training" | "scale" | "center"> {
  /** Shape `[channels]`. Left out: 1. */
  readonly gamma?: Tensor;
  /** Shape `[channels]`. Left out: 0. */
  readonly beta?: Tensor;
  /** `composed` (default), `analytic`, or `fused` where the backend has kernels for it. */
  readonly implementation?: string;
}

/**
 * Normalizes every channel of every sample over its positions.
 *
 *     y = gamma (x - mean) / sqrt(variance + epsilon) + beta
 *
 * Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022. PyTorch leaves gamma and beta out by default
 * and has epsilon 1e-5.
 *
 * @param x float32, rank 3 or more, samples along axis 0.
 * @returns float32, shape of `x`.
 * @throws {RangeError} if an axis or a shape does not fit.
 */
export function instanceNormalization(
  x: Tensor,
  options: InstanceNormArguments = {},
): Tensor {
  return applyFunction(instanceNorm, { x }, options)["y"]!;
}

/** What {@linkcode InstanceNormalization} takes. */
export type InstanceNormalizationArgs = LayerOptions<InstanceNormOptions> & NormLayerArgs;

/**
 * {@linkcode instanceNormalization} as a layer, which `tf.layers` does not have.
 *
 * Weights: `gamma`, `beta`, one element a channel.
 *
 * @throws {RangeError} from the constructor if there is no such implementation; from `build` if axis
 * or epsilon is out of range, or the number of channels is not fixed.
 * @throws {TypeError} if there is no such option.
 */
export class InstanceNormalization extends NormLayer<InstanceNormOptions> {
  /** The name that models are saved with. */
  static readonly className = "NormbenchInstanceNormalization";

  /** Takes the options of the norm, and those of every layer. */
  constructor(args: InstanceNormalizationArgs = {}) {
    super(instanceNorm, DEFAULTS, args);
  }
}

registerLayer(InstanceNormalization);
