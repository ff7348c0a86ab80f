/**
 * Data-dependent initialization of a whole network.
 *
 * @module
 */
import { WeightNormConv2D } from "../norms/layers/weight_norm_conv2d.ts";
import { WeightNormDense } from "../norms/layers/weight_norm_dense.ts";
import type { Tensor } from "../norms/basics/tensor.ts";
import * as tf from "../norms/basics/tf.ts";
import type { Model } from "./model.ts";

/**
 * Sets g and bias of every weight-normalized layer so that its output for `images` has mean 0 and
 * variance 1 for each unit, from the first layer to the last; other layers stay as they are.
 *
 * Call it with the first batch before training, where the description asks for it. Salimans & Kingma
 * 2016, section 3.
 *
 * @param images float32, samples along axis 0; they stay the caller's.
 * @throws {RangeError} if the batch gives fewer than two values a unit.
 */
export function initializeFromData(model: Model, images: Tensor): void {
  tf.tidy(() => {
    model.layers.slice(1).reduce((x, layer) => {
      if (layer instanceof WeightNormDense || layer instanceof WeightNormConv2D) {
        layer.initializeFromData(x);
      }
      return layer.call(x, {}) as Tensor;
    }, images);
  });
}
