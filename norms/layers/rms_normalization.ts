/**
 * RMS normalization as a layer.
 *
 * @module
 */
import { RMS_EPSILON, type RMSNormOptions } from "../basics/options.ts";
import { rmsNorm } from "../rms_norm.ts";
import { type LayerOptions, NormLayer, type NormLayerArgs } from "./norm_layer.ts";
import { registerLayer } from "./stock.ts";

/** What {@linkcode RMSNormalization} takes. */
export type RMSNormalizationArgs = LayerOptions<RMSNormOptions> & NormLayerArgs;

/**
 * Divides every sample by the root of its mean square.
 *
 *     y = gamma x / sqrt(mean(x^2) + epsilon)
 *
 * Takes and returns float32 of any shape of rank 1 or more. Weight: `gamma`, whose shape is the
 * lengths of `axis` in the order of `axis`. Zhang & Sennrich 2019, arXiv:1910.07467.
 *
 * `tf.layers` has no such layer; epsilon is 1e-6 in Keras, the machine epsilon in PyTorch.
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
    super(rmsNorm, { axis: -1, epsilon: RMS_EPSILON, scale: true }, args);
  }
}

registerLayer(RMSNormalization);
