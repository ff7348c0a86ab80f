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
import type { BackendWasm } from "./kernel.ts";
import { conv2DBackpropFilter } from "./conv2d_backprop_filter.ts";
import { biasEveryRow, transposeFirst } from "./mat_mul.ts";
import { maxPoolGrad } from "./max_pool_grad.ts";

/** The stock registrations, looked up once, before anything is replaced. */
const stockConfigs: ReadonlyMap<string, tf.KernelConfig> = new Map(
  tf.getKernelsForBackend("wasm").map((config) => [config.kernelName, config]),
);

/** Every kernel that {@linkcode installRepairs} replaces; there may be no stock kernel. */
export const KERNEL_REPAIRS = [
  // Missing: no convolution can be trained.
  repair(tf.Conv2DBackpropFilter, () => conv2DBackpropFilter),
  // Wrong: drops the gradient of windows whose maximum is not positive; of equal maxima it takes the
  // last, where cpu takes the first.
  repair(tf.MaxPoolGrad, () => maxPoolGrad),
  // Slow: several times slower with a transposed matrix than transposing it first.
  repair(tf.BatchMatMul, transposeFirst),
  // Slow likewise; wrong: transposed or in batches, every row but the first gets the last bias.
  repair(tf._FusedMatMul, (stock) => transposeFirst(biasEveryRow(stock))),
  // Slow: copies, where all other backends share. The tape keeps an identity of all that a gradient needs:
  // 14 MB in a step of our convolutional network.
  repair(tf.Identity, shareIdentity),
];

/** An identity that shares the data of `x`, which are freed with the last of them. */
function shareIdentity(stock: tf.KernelFunc): tf.KernelFunc {
  return (given) => {
    const x = given.inputs["x"] as tf.TensorInfo;
    if (x.dtype === "string") return stock(given);
    (given.backend as BackendWasm).incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  };
}

function repair(kernelName: string, make: (stock: tf.KernelFunc) => tf.KernelFunc) {
  const stock = stockConfigs.get(kernelName)?.kernelFunc;
  return { kernelName, stock, repaired: make(stock!) };
}

export function installRepairs(): void {
  for (const { kernelName, repaired } of KERNEL_REPAIRS) register(kernelName, repaired);
}

/** Puts the stock kernels back, and takes away those that the stock backend does not have. */
export function removeRepairs(): void {
  for (const { kernelName, stock } of KERNEL_REPAIRS) register(kernelName, stock);
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
