/**
 * The kernels of the wasm backend that Normbench replaces, and the switch between the two sets.
 *
 * The stock backend cannot train a convolutional network, and other training is slow or wrong. The
 * stock kernels stay available, so that a run can show the difference.
 *
 * @module
 */
import * as tf from "../../../norms/basics/tf.ts";
import "./kernel.ts";
import { conv2DBackpropFilter } from "./conv2d_backprop_filter.ts";
import { biasEveryRow, transposeFirst } from "./mat_mul.ts";
import { maxPoolGrad } from "./max_pool_grad.ts";

/** One kernel, stock and repaired. */
export interface KernelRepair {
  /** Name in the tfjs kernel registry. */
  readonly kernelName: string;
  /** What is wrong with the stock kernel. */
  readonly why: string;
  /** The stock kernel; `undefined` where there is none. */
  readonly stock: tf.KernelFunc | undefined;
  /** The kernel that replaces it. */
  readonly repaired: tf.KernelFunc;
}

/** The stock registrations, looked up once, before anything is replaced. */
const stockConfigs: ReadonlyMap<string, tf.KernelConfig> = new Map(
  tf.getKernelsForBackend("wasm").map((config) => [config.kernelName, config]),
);

const repairs: readonly KernelRepair[] = [
  {
    kernelName: tf.Conv2DBackpropFilter,
    why: "missing: no convolution can be trained",
    stock: stockConfigs.get(tf.Conv2DBackpropFilter)?.kernelFunc,
    repaired: conv2DBackpropFilter,
  },
  {
    kernelName: tf.MaxPoolGrad,
    why: "wrong: drops the gradient of windows whose maximum is not positive; of equal maxima it " +
      "takes the last, where cpu takes the first",
    stock: stockConfigs.get(tf.MaxPoolGrad)?.kernelFunc,
    repaired: maxPoolGrad,
  },
  around(
    tf.BatchMatMul,
    "slow: several times slower with a transposed matrix than transposing it first",
    transposeFirst,
  ),
  around(
    tf._FusedMatMul,
    "slow likewise; wrong: transposed or in batches, every row but the first gets the last bias",
    (stock) => transposeFirst(biasEveryRow(stock)),
  ),
];

/** A repair that goes on using the stock kernel. */
function around(
  kernelName: string,
  why: string,
  repair: (stock: tf.KernelFunc) => tf.KernelFunc,
): KernelRepair {
  const stock = stockConfigs.get(kernelName)!.kernelFunc;
  return { kernelName, why, stock, repaired: repair(stock) };
}

/** Every kernel that {@linkcode installRepairs} replaces. */
export function kernelRepairs(): readonly KernelRepair[] {
  return repairs;
}

/** Puts the repaired kernels in place; doing it twice changes nothing. */
export function installRepairs(): void {
  for (const { kernelName, repaired } of repairs) register(kernelName, repaired);
}

/** Puts the stock kernels back, and takes away those that the stock backend does not have. */
export function removeRepairs(): void {
  for (const { kernelName, stock } of repairs) register(kernelName, stock);
}

/** What `run` gives on the stock kernels; the repaired ones are in place afterwards, even if it throws. */
export function onStockKernels<T>(run: () => T): T {
  removeRepairs();
  try {
    return run();
  } finally {
    installRepairs();
  }
}

/** Makes `kernelFunc` the kernel of that name; the stock set-up hook stays, since stock code needs it. */
function register(kernelName: string, kernelFunc: tf.KernelFunc | undefined): void {
  if (tf.getKernel(kernelName, "wasm") !== undefined) tf.unregisterKernel(kernelName, "wasm");
  if (kernelFunc === undefined) return;
  const stock = stockConfigs.get(kernelName);
  tf.registerKernel({ ...stock, kernelName, backendName: "wasm", kernelFunc });
}
