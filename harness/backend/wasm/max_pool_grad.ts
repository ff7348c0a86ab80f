/**
 * `MaxPoolGrad`: the gradient of 2-D max pooling.
 *
 * @module
 */
import * as tf from "../../../norms/basics/tf.ts";
import { type BackendWasm, heapView, type KernelArguments } from "./kernel.ts";

/**
 * Adds each element of `dy` to the `dx` of its window's maximum.
 *
 * Of equal elements the first in row order takes all; NaN is never the maximum; a window with no
 * element above -Infinity passes nothing on. The cpu backend decides all three in the same way.
 */
export function maxPoolGrad(args: KernelArguments): tf.TensorInfo {
  const { dy, input } = args.inputs as { dy: tf.TensorInfo; input: tf.TensorInfo };
  const { filterSize, strides, pad, dimRoundingMode } = args
    .attrs as unknown as tf.MaxPoolGradAttrs;
  const backend = args.backend as BackendWasm;
  const shape = input.shape as [number, number, number, number];
  const geometry = [filterSize, strides, 1, pad, dimRoundingMode] as const; // no dilations here
  const info = tf.backend_util.computePool2DInfo(shape, ...geometry);
  const dx = backend.makeOutput(shape, "float32");
  const dxValues = heapView(backend, dx).fill(0);
  addToMaxima(heapView(backend, input), heapView(backend, dy), dxValues, info);
  return dx;
}

function addToMaxima(
  x: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
  info: tf.backend_util.Conv2DInfo,
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth } = info;
  let output = 0;
  for (let b = 0; b < batchSize; b++) {
    for (let row = 0; row < outHeight; row++) {
      const top = row * info.strideHeight - info.padInfo.top;
      const rowEnd = Math.min(inHeight, top + info.filterHeight);
      for (let column = 0; column < outWidth; column++) {
        const left = column * info.strideWidth - info.padInfo.left;
        const columnEnd = Math.min(inWidth, left + info.filterWidth);
        for (let channel = 0; channel < inChannels; channel++, output++) {
          let largest = -Infinity;
          let position = -1;
          for (let r = Math.max(0, top); r < rowEnd; r++) {
            const start = (b * inHeight + r) * inWidth;
            for (let c = Math.max(0, left); c < columnEnd; c++) {
              const i = (start + c) * inChannels + channel;
              if (x[i]! > largest) {
                largest = x[i]!;
                position = i;
              }
            }
          }
          if (position >= 0) dx[position]! += dy[output]!;
        }
      }
    }
  }
}
