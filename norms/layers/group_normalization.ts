/**
 * Group normalization as a layer.
 *
 * @module
 */
import { groupNorm } from "../group_norm.ts";
import { DEFAULT_EPSILON, DEFAULT_GROUPS, type GroupNormOptions } from "../basics/options.ts";
import { type LayerOptions, NormLayer, type NormLayerArgs } from "./norm_layer.ts";
import { registerLayer } from "./stock.ts";

/** What {@linkcode GroupNormalization} takes. */
export type GroupNormalizationArgs = LayerOptions<GroupNormOptions> & NormLayerArgs;

/**
 * Normalizes every sample over its positions and groups of its channels.
 *
 *     y = gamma (x - mean) / sqrt(variance + epsilon) + beta
 *
 * Takes and returns float32 of rank 2 or more, samples along axis 0. Weights: `gamma`, `beta`, one
 * element a channel. Wu & He 2018, arXiv:1803.08494.
 *
 * `tf.layers` has no such layer. For epsilon and axis order in other frameworks see
 * {@linkcode groupNormalization}.
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
    super(groupNorm, {
      groups: DEFAULT_GROUPS,
      axis: -1,
      epsilon: DEFAULT_EPSILON,
      scale: true,
      center: true,
    }, args);
  }
}

registerLayer(GroupNormalization);
