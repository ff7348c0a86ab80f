/**
 * The operations that the repaired kernels compute, with an oracle, so that parity can compare repaired
 * and stock kernels like implementations of a norm.
 *
 * @module
 */
import { KERNELS } from "../../../fixtures/cases/kernels.ts";
import {
  type BoundedArrays,
  dataSpec,
  type Implementation,
  type Operation,
  type Tensors,
} from "../../../norms/basics/norm.ts";
import type { NormOptions } from "../../../norms/basics/options.ts";
import { lengthOf, range, type Shape, size } from "../../../norms/basics/shape.ts";
import { functionSubject, type Subject } from "../../../norms/basics/subject.ts";
import * as tf from "../../../norms/basics/tf.ts";
import {
  add,
  addUp,
  Bounded,
  matMul as product,
  reshape,
  sum,
  transpose,
} from "../../../norms/oracle/bounded.ts";
import {
  conv2d as convolve,
  conv2dBackward,
  type Convolution,
  patches,
} from "../../../norms/oracle/convolution.ts";
import { onStockKernels } from "./repairs.ts";

/** An operation; its inputs have the names of `tf.layers`: `x`, `kernel`, `bias`. */
interface KernelOperation<O extends NormOptions>
  extends Pick<Operation<O>, "inputs" | "groups" | "oracle"> {
  compute(inputs: Tensors, options: O): tf.Tensor;
}

interface Conv2dOptions extends NormOptions, Convolution {
  readonly operation: "conv2d";
  readonly filters: number;
}

/** x [samples, height, width, channels] cross-correlated with a kernel. */
const conv2d: KernelOperation<Conv2dOptions> = {
  inputs: (shape, { kernelSize, filters }) => [
    dataSpec(shape),
    {
      name: "kernel",
      shape: [...kernelSize, lengthOf(shape, 3), filters],
      role: "weight",
      initializer: "randomNormal",
    },
  ],
  groups: (shape) => ({ shape, axes: [1, 2, 3] }),
  compute: ({ x, kernel }, { strides, padding }) =>
    tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, [...strides], padding),
  oracle: {
    forward: ({ x, kernel }, options) => ({ y: convolve(x!, kernel!, options) }),
    backward: ({ x, kernel }, options, dy) => conv2dBackward(x!, kernel!, options, dy),
  },
};

interface MatMulOptions extends NormOptions {
  readonly operation: "matMul";
  readonly units: number;
  /** Whether `x` is stored transposed; default false. */
  readonly transposeA?: boolean;
  /** Whether `kernel` is stored transposed; default false. */
  readonly transposeB?: boolean;
  /** Whether a bias is added, in the same kernel; default false. */
  readonly useBias?: boolean;
}

/** The axis of `x` over which its rows are summed. */
function innerAxis(shape: Shape, { transposeA = false }: MatMulOptions): number {
  return shape.length - (transposeA ? 2 : 1);
}

function swapped(a: Bounded, swap = false): Bounded {
  const rank = a.shape.length;
  return swap ? transpose(a, [...range(rank - 2), rank - 1, rank - 2]) : a;
}

function factors({ x, kernel }: BoundedArrays, { transposeA, transposeB }: MatMulOptions) {
  return { a: swapped(x!, transposeA), b: swapped(kernel!, transposeB) };
}

/** x kernel + bias, where x [..., rows, inner] may have several matrices. */
const matMul: KernelOperation<MatMulOptions> = {
  inputs(shape, options) {
    const { units, transposeB = false, useBias = false } = options;
    const inner = lengthOf(shape, innerAxis(shape, options));
    const kernel = [...shape.slice(0, -2), ...(transposeB ? [units, inner] : [inner, units])];
    return [
      dataSpec(shape),
      { name: "kernel", shape: kernel, role: "weight", initializer: "randomNormal" },
      ...(useBias
        ? [{ name: "bias", shape: [units], role: "weight", initializer: "zeros" } as const]
        : []),
    ];
  },
  groups: (shape, options) => ({ shape, axes: [innerAxis(shape, options)] }),
  compute: ({ x, kernel, bias }, { transposeA = false, transposeB = false }) =>
    bias === undefined
      ? tf.matMul(x!, kernel!, transposeA, transposeB)
      : tf.fused.matMul({ a: x!, b: kernel!, transposeA, transposeB, bias }),
  oracle: {
    forward(inputs, options) {
      const { a, b } = factors(inputs, options);
      const y = product(a, b);
      return { y: inputs["bias"] ? add(y, inputs["bias"]) : y };
    },
    backward(inputs, options, dy) {
      const { a, b } = factors(inputs, options);
      const rows = range(dy.shape.length - 1);
      return {
        x: swapped(product(dy, swapped(b, true)), options.transposeA),
        kernel: swapped(product(swapped(a, true), dy), options.transposeB),
        ...(inputs["bias"] && { bias: reshape(sum(dy, rows), [size(inputs["bias"].shape)]) }),
      };
    },
  },
};

interface MaxPoolOptions extends NormOptions, Pick<Convolution, "strides" | "padding"> {
  readonly operation: "maxPool";
  readonly poolSize: readonly [number, number];
}

/** For each element of the output the position in `x` of the maximum: of equal ones, the first. */
function maxima(x: Bounded, { poolSize, strides, padding }: MaxPoolOptions) {
  const convolution = { kernelSize: poolSize, strides, padding };
  const { index, positions, patchSize } = patches(x.shape, convolution);
  const channels = lengthOf(x.shape, 3);
  const shape = [...positions, channels];
  const chosen = Int32Array.from({ length: size(shape) }, (_, output) => {
    const start = Math.floor(output / channels) * patchSize + output % channels;
    let best = -1;
    for (let i = start; i < start - output % channels + patchSize; i += channels) {
      const position = index[i]!;
      if (position < 0) continue;
      if (best < 0 || x.values[position]! > x.values[best]!) best = position;
    }
    return best;
  });
  return { chosen, shape };
}

/** The largest element of every window of x [samples, height, width, channels]. */
const maxPool: KernelOperation<MaxPoolOptions> = {
  inputs: (shape) => [dataSpec(shape)],
  groups: (shape) => ({ shape, axes: [1, 2] }),
  compute: ({ x }, { poolSize, strides, padding }) =>
    tf.maxPool(x as tf.Tensor4D, [...poolSize], [...strides], padding),
  oracle: {
    forward({ x }, options) {
      const { chosen, shape } = maxima(x!, options);
      return { y: Bounded.exact(Array.from(chosen, (position) => x!.values[position]!), shape) };
    },
    backward: ({ x }, options, dy) => ({
      x: addUp(dy, maxima(x!, options).chosen, x!.shape, size(options.poolSize)),
    }),
  },
};

export type KernelOptions = Conv2dOptions | MaxPoolOptions | MatMulOptions;

const OPERATIONS: Readonly<Record<KernelOptions["operation"], KernelOperation<KernelOptions>>> = {
  conv2d,
  maxPool,
  matMul,
};

const compute: Implementation<KernelOptions> = (inputs, options) => ({
  y: OPERATIONS[options.operation].compute(inputs, options),
});

const { forward, gradients } = functionSubject(compute);

/** The same calls of tfjs, on the kernels that the package brings. */
const stock: Subject<KernelOptions> = {
  forward: (...given) => onStockKernels(() => forward(...given)),
  gradients: (...given) => onStockKernels(() => gradients(...given)),
};

/** Convolution, max pooling and matrix products, on repaired and on stock kernels. */
export const repairedOperations: Operation<KernelOptions> = {
  name: KERNELS,
  normalized: "x",
  inputs: (shape, options) => OPERATIONS[options.operation].inputs(shape, options),
  groups: (shape, options) => OPERATIONS[options.operation].groups(shape, options),
  implementations: { repaired: compute },
  oracle: {
    forward: (inputs, options) => OPERATIONS[options.operation].oracle.forward(inputs, options),
    backward: (inputs, options, dy) =>
      OPERATIONS[options.operation].oracle.backward(inputs, options, dy),
  },
  references: { stock },
};

/** The call of TensorFlow.js that an operation is, as a function of inputs and options, as text. */
export function computationOf({ operation }: Pick<KernelOptions, "operation">): string {
  return OPERATIONS[operation].compute.toString();
}
