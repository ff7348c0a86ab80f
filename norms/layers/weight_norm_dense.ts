/**
 * A weight-normalized dense layer.
 *
 * @module
 */
import type { NormLayerArgs } from "./norm_layer.ts";
import { type LayerShape, registerLayer } from "./stock.ts";
import { checkCount, type WeightNormConfig, WeightNormLayer } from "./weight_norm_layer.ts";

/** The configuration of {@linkcode WeightNormDense}. */
export interface WeightNormDenseConfig extends WeightNormConfig {
  /** Output units. */
  readonly units: number;
}

/** What {@linkcode WeightNormDense} takes: `units`, and the rest of its configuration if wanted. */
export type WeightNormDenseArgs =
  & Pick<WeightNormDenseConfig, "units">
  & Partial<WeightNormConfig>
  & NormLayerArgs;

/**
 * A dense layer whose kernel is a direction and a length for every output unit.
 *
 *     y = activation(x w + bias)      w = g v / ||v||
 *
 * Takes [samples, features], returns [samples, units], float32. Weights: `v` [features, units],
 * `g` [units], `bias` [units]; an optimizer steps v and g, which is the point. v is drawn from
 * normal(0, 0.05), g is 1, bias 0, until {@linkcode WeightNormDense.initializeFromData} fits g and
 * bias to data. Salimans & Kingma 2016, arXiv:1602.07868.
 *
 * `tf.layers` has no such layer; for PyTorch see {@linkcode weightNormalization}.
 *
 * @throws {RangeError} from the constructor if `units` is no positive whole number or there is no such
 * implementation; from `build` if the input is not of rank 2.
 * @throws {TypeError} if there is no such option.
 *
 * @example
 * ```ts
 * import * as tf from "npm:@tensorflow/tfjs@4.22.0";
 * import { WeightNormDense } from "./mod.ts";
 *
 * const layer = new WeightNormDense({ units: 10, activation: "relu" });
 * layer.initializeFromData(tf.randomNormal([64, 32]));
 * ```
 */
export class WeightNormDense extends WeightNormLayer<WeightNormDenseConfig> {
  /** The name that models are saved with. */
  static readonly className = "NormbenchWeightNormDense";

  /** Takes the configuration, and the options of every layer. */
  constructor(args: WeightNormDenseArgs) {
    checkCount("units", args.units);
    super({ units: args.units, useBias: true, activation: "linear" }, args);
  }

  /** [samples, units]. */
  override computeOutputShape(inputShape: LayerShape | LayerShape[]): LayerShape {
    return super.computeOutputShape(inputShape).with(-1, this.config.units);
  }
}

registerLayer(WeightNormDense);
