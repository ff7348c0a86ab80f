/**
 * Two-dimensional convolution over bounded arrays, as a matrix product of patches.
 *
 * @module
 */
import { lengthOf, type Shape, size } from "../basics/shape.ts";
import { addUp, type Bounded, gather, matMul, reshape, transpose } from "./bounded.ts";

export interface Convolution {
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: "valid" | "same";
}

/** One axis: output length, and the zeros before the first element. */
function extent(length: number, kernel: number, stride: number, padding: "valid" | "same") {
  if (padding === "valid") return { output: Math.floor((length - kernel) / stride) + 1, before: 0 };
  const output = Math.ceil(length / stride);
  const zeros = Math.max(0, (output - 1) * stride + kernel - length);
  return { output, before: Math.floor(zeros / 2) };
}

/** For each element of the patch matrix the position in `x` that it copies, or -1 for a zero. */
export interface Patches {
  readonly index: Int32Array;
  /** [samples, height, width] of the output. */
  readonly positions: readonly [number, number, number];
  readonly patchSize: number;
}

/**
 * Lays out the patches of x [N, H, W, C]: row-major positions, each with its kernel by channel.
 *
 * @throws {RangeError} if the kernel has no position in x.
 */
export function patches(shape: Shape, { kernelSize, strides, padding }: Convolution): Patches {
  const [samples, height, width, channels] = shape as [number, number, number, number];
  const [kernelHeight, kernelWidth] = kernelSize;
  const rows = extent(height, kernelHeight, strides[0], padding);
  const columns = extent(width, kernelWidth, strides[1], padding);
  if (rows.output < 1 || columns.output < 1) {
    throw new RangeError(
      `a kernel of ${kernelSize.join(" x ")} does not fit x of shape [${shape.join(", ")}]: ` +
        'use a smaller kernelSize, or padding: "same"',
    );
  }
  const positions = [samples, rows.output, columns.output] as const;
  const patchSize = kernelHeight * kernelWidth * channels;
  const index = new Int32Array(size(positions) * patchSize).fill(-1);
  let next = 0;
  for (let n = 0; n < samples; n++) {
    for (let i = 0; i < rows.output; i++) {
      for (let j = 0; j < columns.output; j++) {
        for (let k = 0; k < kernelHeight * kernelWidth; k++, next += channels) {
          const row = i * strides[0] - rows.before + Math.floor(k / kernelWidth);
          const column = j * strides[1] - columns.before + k % kernelWidth;
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          const start = ((n * height + row) * width + column) * channels;
          for (let c = 0; c < channels; c++) index[next + c] = start + c;
        }
      }
    }
  }
  return { index, positions, patchSize };
}

function patchMatrix(x: Bounded, { index, positions, patchSize }: Patches): Bounded {
  return gather(x, index, [size(positions), patchSize]);
}

function flatKernel(kernel: Bounded): Bounded {
  const units = lengthOf(kernel.shape, 3);
  return reshape(kernel, [kernel.values.length / units, units]);
}

/** Cross-correlates x [N, H, W, C] with a kernel [h, w, C, units]. */
export function conv2d(x: Bounded, kernel: Bounded, convolution: Convolution): Bounded {
  const layout = patches(x.shape, convolution);
  const y = matMul(patchMatrix(x, layout), flatKernel(kernel));
  return reshape(y, [...layout.positions, lengthOf(kernel.shape, 3)]);
}

/** Gradients of `sum(conv2d(x, kernel) * dy)`. */
export function conv2dBackward(
  x: Bounded,
  kernel: Bounded,
  convolution: Convolution,
  dy: Bounded,
): { readonly x: Bounded; readonly kernel: Bounded } {
  const layout = patches(x.shape, convolution);
  const flatDy = reshape(dy, [size(layout.positions), lengthOf(kernel.shape, 3)]);
  const dPatches = matMul(flatDy, transpose(flatKernel(kernel), [1, 0]));
  const dKernel = matMul(transpose(patchMatrix(x, layout), [1, 0]), flatDy);
  return {
    x: addUp(dPatches, layout.index, x.shape, size(convolution.kernelSize)),
    kernel: reshape(dKernel, kernel.shape),
  };
}
