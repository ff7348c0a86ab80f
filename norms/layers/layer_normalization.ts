/**
 * Layer normalization as a layer.
 *
 * @module
 */
import { layerNorm } from "../layer_norm.ts";
import { DEFAULT_EPSILON, type LayerNormOptions } from "../basics/options.ts";
import { type LayerOptions, NormLayer, type NormLayerArgs } from "./norm_layer.ts";
import { registerLayer } from "./stock.ts";

/** What {@linkcode LayerNormalization} takes. */
export type LayerNormalizationArgs = LayerOptions<LayerNormOptions> & NormLayerArgs;

/**
 * Normalizes every sample over its own features.
 *
 *     y = gamma (x - mean) / sqrt(variance + epsilon) + beta
 *
 * Takes and returns float32 of any shape of rank 1 or more. Weights: `gamma`, `beta`, whose shape is
 * the lengths of `axis` in the order of `axis`. Ba, Kiros & Hinton 2016, arXiv:1607.06450.
 *
 * `tf.layers.layerNormalization` fails in training without `scale` or `center`, and scrambles gamma
 * and beta for axes out of order. For epsilon and the order of axes in other frameworks see
 * {@linkcode layerNormalization}.
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
    super(layerNorm, { axis: -1, epsilon: DEFAULT_EPSILON, scale: true, center: true }, args);
  }
}

registerLayer(LayerNormalization);
