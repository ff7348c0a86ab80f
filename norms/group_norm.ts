/**
 * Group normalization, and instance normalization as its extreme.
 *
 * @module
 */
import { applyNorm } from "./basics/apply.ts";
import { perGroup } from "./basics/arrangement.ts";
import type { Norm } from "./basics/norm.ts";
import {
  DEFAULT_EPSILON,
  DEFAULT_GROUPS,
  type GroupNormOptions,
  type InstanceNormOptions,
} from "./basics/options.ts";
import { lengthOf, resolveAxes, type Shape } from "./basics/shape.ts";
import { standardizationNorm } from "./basics/standardization.ts";
import { stockLayer } from "./basics/stock_layer.ts";
import type { Tensor } from "./basics/tensor.ts";

/** The record of group norm. */
export const groupNorm: Norm<GroupNormOptions> = standardizationNorm<GroupNormOptions>({
  name: "group",
  title: "Group normalization",
  formula:
    "y = gamma (x - mean) / sqrt(variance + epsilon) + beta, statistics per sample and group of channels",
  source: "Wu & He 2018, arXiv:1803.08494",
  arrangement: (shape, { axis = -1, groups = DEFAULT_GROUPS }) => perGroup(shape, axis, groups),
  reference: (
    { axis = -1, groups = DEFAULT_GROUPS, epsilon = DEFAULT_EPSILON, scale = true, center = true },
  ) => stockLayer("groupNormalization", { axis, groups, epsilon, scale, center }),
});

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
export const instanceNorm: Norm<InstanceNormOptions> = standardizationNorm<InstanceNormOptions>({
  name: "instance",
  title: "Instance normalization",
  formula:
    "y = gamma (x - mean) / sqrt(variance + epsilon) + beta, statistics per sample and channel",
  source: "Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022",
  arrangement: perInstance,
  reference: ({ axis = -1, epsilon = DEFAULT_EPSILON, scale = true, center = true }) =>
    stockLayer("instanceNormalization", { axis, epsilon, scale, center }),
});

/** What {@linkcode instanceNormalization} takes beside `x`. */
export interface InstanceNormArguments {
  /** Shape `[channels]`. Left out: 1. */
  readonly gamma?: Tensor;
  /** Shape `[channels]`. Left out: 0. */
  readonly beta?: Tensor;
  /** The channel axis; default the last. */
  readonly axis?: number;
  /** Added to the variance under the root; default 1e-3. */
  readonly epsilon?: number;
  /** `composed` (default), `analytic`, or `fused` where the backend has kernels for it. */
  readonly implementation?: string;
}

/** What {@linkcode groupNormalization} takes beside `x`. */
export interface GroupNormArguments extends InstanceNormArguments {
  /** Number of groups, which must divide the channels; default 32. */
  readonly groups?: number;
}

/**
 * Normalizes every sample over its positions and groups of its channels.
 *
 *     y = gamma (x - mean) / sqrt(variance + epsilon) + beta
 *
 * Channels are split into `groups` runs of neighbours; mean and biased variance are taken over the
 * positions and channels of one run. One group gives layer norm over all features (with a gamma per
 * channel), as many groups as channels instance norm. Wu & He 2018, arXiv:1803.08494.
 *
 * Frameworks differ: epsilon is 1e-3 in Keras, 1e-5 in PyTorch; PyTorch's channels are axis 1.
 *
 * @param x float32, rank 2 or more, samples along axis 0.
 * @returns float32, shape of `x`.
 * @throws {RangeError} if `groups` does not divide the channels, or an axis or a shape does not fit.
 *
 * @example
 * ```ts
 * import { randomNormal } from "npm:@tensorflow/tfjs@4.22.0";
 * import { groupNormalization } from "../mod.ts";
 *
 * const y = groupNormalization(randomNormal([4, 8, 8, 16]), { groups: 4 });
 * ```
 */
export function groupNormalization(x: Tensor, options: GroupNormArguments = {}): Tensor {
  const { gamma, beta, implementation, ...rest } = options;
  const switches = { scale: gamma !== undefined, center: beta !== undefined };
  return applyNorm(groupNorm, { x, gamma, beta }, { ...rest, ...switches }, implementation)["y"]!;
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
  const { gamma, beta, implementation, ...rest } = options;
  const switches = { scale: gamma !== undefined, center: beta !== undefined };
  return applyNorm(
    instanceNorm,
    { x, gamma, beta },
    { ...rest, ...switches },
    implementation,
  )["y"]!;
}
