/**
 * Instance normalization.
 *
 * @module
 */
import { perGroup } from "./basics/arrangement.ts";
import type { Norm } from "./basics/norm.ts";
import { type Defaults, type InstanceNormOptions, layerDefaults } from "./basics/options.ts";
import type { ReturningStatistics } from "./basics/returned_statistics.ts";
import { lengthOf, onlyAxis, type Shape } from "./basics/shape.ts";
import {
  type AffineInput,
  applyPerSample,
  PER_SAMPLE_DEFAULTS,
  perSampleNorm,
  type PerSampleResult,
} from "./frames/per_sample_norm.ts";
import type { Tensor } from "./basics/tensor.ts";
import { type LayerOptions, NormLayer, type NormLayerArgs } from "./layers/norm_layer.ts";
import { registerLayer, stockLayer } from "./layers/stock.ts";

const DEFAULTS: Defaults<InstanceNormOptions> = { ...PER_SAMPLE_DEFAULTS, axis: -1 };

/** As many groups as channels. */
function perInstance(shape: Shape, { axis = -1 }: InstanceNormOptions) {
  if (shape.length < 3) {
    throw new RangeError(
      `x of shape [${
        shape.join(", ")
      }] has no positions to take statistics over: give [samples, positions, channels]`,
    );
  }
  const channelAxis = onlyAxis(axis, shape.length);
  return perGroup(shape, channelAxis, lengthOf(shape, channelAxis));
}

/** The record of instance norm. */
export const instanceNorm: Norm<InstanceNormOptions, "instance", AffineInput> = perSampleNorm({
  name: "instance",
  title: "Instance normalization",
  formula:
    "y = gamma (x - mean) / sqrt(variance + epsilon) + beta, statistics per sample and channel",
  source: "Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022",
  defaults: DEFAULTS,
  arrangement: perInstance,
  reference: (options) =>
    stockLayer("instanceNormalization", { ...layerDefaults(DEFAULTS), ...options }),
  layer: (options) => new InstanceNormalization(options),
  networkOptions: (_shape, { epsilon }) => ({ epsilon }),
  colour: "#56b4e9",
});

/** What {@linkcode instanceNormalization} takes in addition to `x`. */
export interface InstanceNormArguments
  extends Omit<InstanceNormOptions, "training" | "scale" | "center" | "returnStatistics"> {
  /** Shape `[channels]`, or one that broadcasts to it or to `x`. Left out: 1. */
  readonly gamma?: Tensor;
  /** As `gamma`. Left out: 0. */
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
 * With `returnStatistics` it returns `{ y, mean, inverseDeviation }`, of which the latter is
 * 1 / sqrt(variance + epsilon), both of shape [samples, channels]. They have right gradients, of the first
 * order.
 *
 * @param x float32, rank 3 or more, samples along axis 0.
 * @returns float32, shape of `x`, or an object of that and the statistics.
 * @throws {RangeError} if an axis or a shape does not fit, or a shape has two meanings.
 * @throws {TypeError} if there is no such option, or a tensor is not float32.
 */
export function instanceNormalization<Asked extends boolean = false>(
  x: Tensor,
  options: InstanceNormArguments & ReturningStatistics<Asked> = {},
): PerSampleResult<Asked> {
  return applyPerSample(instanceNorm, x, options);
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
    super(instanceNorm, layerDefaults(DEFAULTS), args);
  }
}

registerLayer(InstanceNormalization);
