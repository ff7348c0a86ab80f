/**
 * Batch normalization as a layer.
 *
 * @module
 */
import { batchNorm } from "../batch_norm.ts";
import { type BatchNormOptions, DEFAULT_EPSILON, DEFAULT_MOMENTUM } from "../basics/options.ts";
import { type LayerOptions, NormLayer, type NormLayerArgs } from "./norm_layer.ts";
import { registerLayer } from "./stock.ts";

/** What {@linkcode BatchNormalization} takes. */
export type BatchNormalizationArgs = LayerOptions<BatchNormOptions> & NormLayerArgs;

/**
 * Normalizes every feature over the batch in training, and with running statistics otherwise.
 *
 *     y = gamma (x - mean) / sqrt(variance + epsilon) + beta
 *     movingMean = momentum movingMean + (1 - momentum) mean        (training; variance likewise)
 *
 * Takes and returns float32 of any shape of rank 1 or more. Weights: `gamma`, `beta` (learned),
 * `moving_mean`, `moving_variance` (followed), each of the length of `axis`. Ioffe & Szegedy 2015,
 * arXiv:1502.03167.
 *
 * A frozen layer (`trainable = false`) normalizes with running statistics even in training, and
 * leaves them as they are: so does Keras, whereas `tf.layers.batchNormalization` goes on to use and to
 * follow the batch. `tf.layers` also fails in training without `scale` or `center`, off the last axis
 * of rank 4, and from rank 5 on. For momentum, epsilon and the running variance in other frameworks
 * see {@linkcode batchNormalization}.
 *
 * @throws {RangeError} from the constructor if there is no such implementation; from `build` if axis,
 * momentum or epsilon is out of range, or the length of `axis` is not fixed.
 * @throws {TypeError} if there is no such option.
 *
 * @example
 * ```ts
 * import * as tf from "npm:@tensorflow/tfjs@4.22.0";
 * import { BatchNormalization } from "./mod.ts";
 *
 * const model = tf.sequential({
 *   layers: [
 *     tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3, useBias: false }),
 *     new BatchNormalization({ momentum: 0.9 }),
 *     tf.layers.activation({ activation: "relu" }),
 *   ],
 * });
 * ```
 */
export class BatchNormalization extends NormLayer<BatchNormOptions> {
  /** The name that models are saved with; it leaves that of `tf.layers` alone. */
  static readonly className = "NormbenchBatchNormalization";

  /** Takes the options of the norm, and those of every layer. */
  constructor(args: BatchNormalizationArgs = {}) {
    super(batchNorm, {
      axis: -1,
      momentum: DEFAULT_MOMENTUM,
      epsilon: DEFAULT_EPSILON,
      scale: true,
      center: true,
      unbiasedVariance: false,
    }, args);
  }
}

registerLayer(BatchNormalization);
