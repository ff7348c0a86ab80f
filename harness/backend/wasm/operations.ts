/**
 * The repaired kernels as a record, which parity holds against the stock ones like a norm.
 *
 * @module
 */
import { KERNELS } from "../../../fixtures/cases/kernels.ts";
import type { Implementation, Operation } from "../../../norms/basics/norm.ts";
import { functionSubject, type Subject } from "../../../norms/basics/subject.ts";
import { conv2d, type Conv2dOptions } from "./operations/conv2d.ts";
import { matMul, type MatMulOptions } from "./operations/mat_mul.ts";
import { maxPool, type MaxPoolOptions } from "./operations/max_pool.ts";
import type { KernelOperation } from "./operations/operation.ts";
import { onStockKernels } from "./repairs.ts";

/** Options of one of the operations. */
export type KernelOptions = Conv2dOptions | MaxPoolOptions | MatMulOptions;

const OPERATIONS: Readonly<Record<KernelOptions["operation"], KernelOperation<KernelOptions>>> = {
  conv2d,
  maxPool,
  matMul,
};

function operationOf({ operation }: KernelOptions): KernelOperation<KernelOptions> {
  return OPERATIONS[operation];
}

const compute: Implementation<KernelOptions> = (inputs, options) => ({
  y: operationOf(options).compute(inputs, options),
});

/** The same calls of tfjs, on the kernels that the package brings. */
function stockSubject(): Subject<KernelOptions> {
  const { forward, gradients } = functionSubject(compute);
  return {
    forward: (...given) => onStockKernels(() => forward(...given)),
    gradients: (...given) => onStockKernels(() => gradients(...given)),
  };
}

/** Convolution, max pooling and matrix products, on repaired and on stock kernels; for wasm alone. */
export const kernels: Operation<KernelOptions> = {
  name: KERNELS,
  normalized: "x",
  inputs: (shape, options) => operationOf(options).inputs(shape, options),
  groups: (shape, options) => operationOf(options).groups(shape, options),
  implementations: { repaired: compute },
  oracle: {
    forward: (inputs, options) => operationOf(options).oracle.forward(inputs, options),
    backward: (inputs, options, dy) => operationOf(options).oracle.backward(inputs, options, dy),
  },
  references: { stock: stockSubject() },
};
