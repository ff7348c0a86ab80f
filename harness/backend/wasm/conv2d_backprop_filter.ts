/**
 * `Conv2DBackpropFilter`: the gradient of a 2-D convolution with respect to its filter.
 *
 * Every filter element meets every output position once, at one input element. Written as a matrix
 * `patches` [filterHeight * filterWidth * inChannels, positions] of those elements, the gradient is
 * one matrix product, `patches` times `dy` [positions, outChannels]; the wasm backend is fast at it.
 *
 * @module
 */
import * as tf from "../../../norms/basics/tf.ts";
import { type BackendWasm, heapView, type KernelArguments, runKernel } from "./kernel.ts";

/** Elements of `patches` made at a time (16 MiB), so that memory stays bounded at any batch size. */
const PATCH_ELEMENTS = 2 ** 22;

/** The gradient [filterHeight, filterWidth, inChannels, outChannels], for NHWC and for NCHW. */
export function conv2DBackpropFilter(args: KernelArguments): tf.TensorInfo {
  const { x, dy } = args.inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
  const { strides, pad, dataFormat, dimRoundingMode, filterShape } = args
    .attrs as unknown as tf.Conv2DBackpropFilterAttrs;
  const backend = args.backend as BackendWasm;
  if (dataFormat === "NCHW") return channelsLast(x, dy, args, backend);

  const shape = x.shape as [number, number, number, number];
  // No dilations: tfjs refuses to differentiate such a convolution.
  const geometry = [filterShape, strides, 1, pad, dimRoundingMode] as const;
  const info = tf.backend_util.computeConv2DInfo(shape, ...geometry);
  const gradient = backend.makeOutput(filterShape, "float32");
  heapView(backend, gradient).fill(0);
  const images = Math.max(1, Math.floor(PATCH_ELEMENTS / (patchRows(info) * positions(info))));
  for (let first = 0; first < info.batchSize; first += images) {
    const count = Math.min(images, info.batchSize - first);
    addProduct(x, dy, gradient, info, first, count, backend);
  }
  return gradient;
}

/** The same gradient computed in NHWC; the transposes cost little compared with the product. */
function channelsLast(
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  args: KernelArguments,
  backend: BackendWasm,
): tf.TensorInfo {
  const perm = [0, 2, 3, 1];
  const inputs = {
    x: runKernel(tf.Transpose, { x }, backend, { perm }),
    dy: runKernel(tf.Transpose, { x: dy }, backend, { perm }),
  };
  const { pad } = args.attrs as unknown as tf.Conv2DBackpropFilterAttrs;
  const attrs = {
    ...args.attrs,
    dataFormat: "NHWC",
    pad: Array.isArray(pad) ? perm.map((axis) => pad[axis]!) : pad,
  };
  const gradient = conv2DBackpropFilter({ ...args, inputs, attrs });
  backend.disposeData(inputs.x.dataId);
  backend.disposeData(inputs.dy.dataId);
  return gradient;
}

/** Adds what the images `first` to `first + count` contribute to `gradient`. */
function addProduct(
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  gradient: tf.TensorInfo,
  info: tf.backend_util.Conv2DInfo,
  first: number,
  count: number,
  backend: BackendWasm,
): void {
  const columns = count * positions(info);
  const patches = backend.makeOutput([1, patchRows(info), columns], "float32");
  const dyPart = backend.makeOutput([1, columns, info.outChannels], "float32");
  const start = first * positions(info) * info.outChannels;
  heapView(backend, dyPart).set(
    heapView(backend, dy).subarray(start, start + columns * info.outChannels),
  );
  const imageSize = info.inHeight * info.inWidth * info.inChannels;
  const xPart = heapView(backend, x).subarray(first * imageSize, (first + count) * imageSize);
  fillPatches(xPart, heapView(backend, patches).fill(0), info, count);

  const attrs = { transposeA: false, transposeB: false };
  const product = runKernel(tf.BatchMatMul, { a: patches, b: dyPart }, backend, attrs);
  const sum = heapView(backend, gradient);
  heapView(backend, product).forEach((value, i) => sum[i]! += value);
  for (const part of [patches, dyPart, product]) backend.disposeData(part.dataId);
}

/** Writes the input elements into a zeroed `patches`; what stays zero is padding. */
function fillPatches(
  x: Float32Array,
  patches: Float32Array,
  info: tf.backend_util.Conv2DInfo,
  count: number,
): void {
  const { filterHeight, filterWidth, inChannels, inHeight, inWidth, outHeight, outWidth } = info;
  const { strideHeight, strideWidth, padInfo } = info;
  const columns = count * positions(info);
  for (let b = 0; b < count; b++) {
    for (let fr = 0; fr < filterHeight; fr++) {
      const [rowStart, rowEnd] = inside(inHeight, outHeight, strideHeight, padInfo.top - fr);
      for (let fc = 0; fc < filterWidth; fc++) {
        const [start, end] = inside(inWidth, outWidth, strideWidth, padInfo.left - fc);
        for (let channel = 0; channel < inChannels; channel++) {
          const patchRow = (fr * filterWidth + fc) * inChannels + channel;
          for (let row = rowStart; row < rowEnd; row++) {
            const inRow = row * strideHeight + fr - padInfo.top;
            const inColumn = start * strideWidth + fc - padInfo.left;
            let source = ((b * inHeight + inRow) * inWidth + inColumn) * inChannels + channel;
            const target = patchRow * columns + (b * outHeight + row) * outWidth;
            for (let column = start; column < end; column++) {
              patches[target + column] = x[source]!;
              source += strideWidth * inChannels;
            }
          }
        }
      }
    }
  }
}

/** The output positions, from and to, whose input position `output * stride - offset` exists. */
function inside(inSize: number, outSize: number, stride: number, offset: number) {
  const start = Math.max(0, Math.ceil(offset / stride));
  return [start, Math.min(outSize, Math.ceil((inSize + offset) / stride))] as const;
}

function patchRows(info: tf.backend_util.Conv2DInfo): number {
  return info.filterHeight * info.filterWidth * info.inChannels;
}

function positions(info: tf.backend_util.Conv2DInfo): number {
  return info.outHeight * info.outWidth;
}
