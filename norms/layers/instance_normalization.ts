/**
 * Instance normalization as a layer.
 *
 * @module
 */
import { instanceNorm } from "../group_norm.ts";
import { DEFAULT_EPSILON, type InstanceNormOptions } from "../basics/options.ts";
import { type LayerOptions, NormLayer, type NormLayerArgs } from "./norm_layer.ts";
import { registerLayer } from "./stock.ts";

/** What {@linkcode InstanceNormalization} takes. */
export type InstanceNormalizationArgs = LayerOptions<InstanceNormOptions> & NormLayerArgs;

/**
 * Normalizes every channel of every sample over its positions.
 *
 *     y = gamma (x - mean) / sqrt(variance + epsilon) + beta
 *
 * Takes and returns float32 of rank 3 or more, samples along axis 0. Weights: `gamma`, `beta`, one
 * element a channel. Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022.
 *
 * `tf.layers` has no such layer; PyTorch leaves gamma and beta out by default and has epsilon 1e-5.
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
    super(instanceNorm, { axis: -1, epsilon: DEFAULT_EPSILON, scale: true, center: true }, args);
  }
}

registerLayer(InstanceNormalization);
