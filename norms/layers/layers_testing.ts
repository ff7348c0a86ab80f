/**
 * What the tests of the layers share.
 *
 * @module
 */
import { waves } from "../../harness/backend/kernels_testing.ts";
import * as tf from "../basics/tf.ts";
import { size } from "../basics/shape.ts";

/** Values in [-1, 1], the same at every call. */
export function wavesOf(shape: readonly number[], phase = 0): tf.Tensor {
  return tf.tensor(waves(size(shape), phase), [...shape]);
}

export function apply(layer: tf.layers.Layer, x: tf.Tensor, training = false): tf.Tensor {
  return layer.apply(x, { training }) as tf.Tensor;
}

/** The values of tensors, which are not disposed of. */
export function read(tensors: readonly tf.Tensor[]): Promise<Float32Array[]> {
  return Promise.all(tensors.map((tensor) => tensor.data<"float32">()));
}

/** Sets weights that depend only on their shapes; variances are positive. */
export function setWavyWeights(model: tf.LayersModel): void {
  tf.tidy(() =>
    model.setWeights(
      model.weights.map(({ shape, originalName }, i) => {
        const waves = wavesOf(shape as number[], i);
        return /variance|gamma|\/g$/.test(originalName) ? tf.add(tf.mul(waves, 0.5), 1) : waves;
      }),
    )
  );
}
