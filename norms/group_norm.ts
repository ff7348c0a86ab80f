/**
 * Group normalization.
 *
 * @module
 */
import { perGroup } from "./basics/arrangement.ts";
import type { Norm } from "./basics/norm.ts";
import {
  DEFAULT_GROUPS,
  type Defaults,
  type GroupNormOptions,
  layerDefaults,
} from "./basics/options.ts";
import type { ReturningStatistics } from "./basics/returned_statistics.ts";
import { lengthOf, range } from "./basics/shape.ts";
import {
  type AffineInput,
  applyPerSample,
  PER_SAMPLE_DEFAULTS,
  perSampleNorm,
  type PerSampleResult,
} from "./frames/per_sample_norm.ts";
import type { Tensor } from "./basics/tensor.ts";
import type { InstanceNormArguments } from "./instance_norm.ts";
import { type LayerOptions, NormLayer, type NormLayerArgs } from "./layers/norm_layer.ts";
import { registerLayer, stockLayer } from "./layers/stock.ts";

const DEFAULTS: Defaults<GroupNormOptions> = {
  ...PER_SAMPLE_DEFAULTS,
  groups: DEFAULT_GROUPS,
  axis: -1,
};

/** The most groups that networks, which are small here, make of their channels. */
const MOST_GROUPS = 8;

/** The fewest channels of a group there: one or two values of a dense layer keep only their signs. */
const FEWEST_CHANNELS = 4;

/** The largest divisor of `channels` within these bounds, or 1. */
function groupsInNetworks(channels: number): number {
  const most = Math.min(MOST_GROUPS, channels / FEWEST_CHANNELS);
  return range(MOST_GROUPS).map((i) => i + 1)
    .findLast((groups) => groups <= most && channels % groups === 0) ?? 1;
}

/** The record of group norm. */
export const groupNorm: Norm<GroupNormOptions, "group", AffineInput> = perSampleNorm(
  {
    name: "group",
    title: "Group normalization",
    formula:
      "y = gamma (x - mean) / sqrt(variance + epsilon) + beta, statistics per sample and group of channels",
    source: "Wu & He 2018, arXiv:1803.08494",
    defaults: DEFAULTS,
    arrangement: (shape, { axis = -1, groups = DEFAULT_GROUPS }) => perGroup(shape, axis, groups),
    textbookSteps: { splitsChannels: true },
    reference: (options) =>
      stockLayer("groupNormalization", { ...layerDefaults(DEFAULTS), ...options }),
    layer: (options) => new GroupNormalization(options),
    networkOptions: (shape, { epsilon }) => ({
      epsilon,
      groups: groupsInNetworks(lengthOf(shape, shape.length - 1)),
    }),
    colour: "#cc79a7",
  },
);

/** What {@linkcode groupNormalization} takes in addition to `x`. */
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
 * With `returnStatistics` it returns `{ y, mean, inverseDeviation }`, of which the latter is
 * 1 / sqrt(variance + epsilon), both of shape [samples, groups]. They have right gradients, of the first
 * order.
 *
 * Frameworks differ: epsilon is 1e-3 in Keras, 1e-5 in PyTorch; PyTorch's channels are axis 1.
 *
 * @param x float32, rank 2 or more, samples along axis 0.
 * @returns float32, shape of `x`, or an object of that and the statistics.
 * @throws {RangeError} if `groups` does not divide the channels, an axis or a shape does not fit, or a shape
 * has two meanings.
 * @throws {TypeError} if there is no such option, or a tensor is not float32.
 *
 * @example
 * ```ts
 * import { randomNormal } from "npm:@tensorflow/tfjs@4.22.0";
 * import { groupNormalization } from "../mod.ts";
 *
 * const y = groupNormalization(randomNormal([4, 8, 8, 16]), { groups: 4 });
 * ```
 */
export function groupNormalization<Asked extends boolean = false>(
  x: Tensor,
  options: GroupNormArguments & ReturningStatistics<Asked> = {},
): PerSampleResult<Asked> {
  return applyPerSample(groupNorm, x, options);
}

/** What {@linkcode GroupNormalization} takes. */
export type GroupNormalizationArgs = LayerOptions<GroupNormOptions> & NormLayerArgs;

/**
 * {@linkcode groupNormalization} as a layer, which `tf.layers` does not have.
 *
 * Weights: `gamma`, `beta`, one element a channel.
 *
 * @throws {RangeError} from the constructor if there is no such implementation; from `build` if
 * `groups` does not divide the channels, or axis or epsilon is out of range.
 * @throws {TypeError} if there is no such option.
 */
export class GroupNormalization extends NormLayer<GroupNormOptions> {
  /** The name that models are saved with. */
  static readonly className = "NormbenchGroupNormalization";

  /** Takes the options of the norm, and those of every layer. */
  constructor(args: GroupNormalizationArgs = {}) {
    super(groupNorm, layerDefaults(DEFAULTS), args);
  }
}

registerLayer(GroupNormalization);
