/**
 * What the repaired kernels share: calling another kernel, and reaching into the WebAssembly heap.
 *
 * A kernel works below the tape, on `TensorInfo`s. What it allocates and does not return, it must free
 * with `backend.disposeData`: nothing else does.
 *
 * @module
 */
import {
  type BackendWasm,
  getThreadsCount,
  version_wasm,
} from "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
import * as tf from "../../../norms/basics/tf.ts";

// Importing the package registers the tfjs backend `wasm`.
export { type BackendWasm, getThreadsCount, version_wasm };

export type KernelArguments = Parameters<tf.KernelFunc>[0];

/**
 * Runs the kernel that is registered for wasm under `kernelName`; the caller disposes of the result.
 */
export function runKernel(
  kernelName: string,
  inputs: tf.NamedTensorInfoMap,
  backend: BackendWasm,
  attrs: tf.NamedAttrMap,
): tf.TensorInfo {
  const kernel = tf.getKernel(kernelName, "wasm");
  if (kernel === undefined) throw new RangeError(`the wasm backend has no kernel ${kernelName}`);
  return kernel.kernelFunc({ inputs, backend, attrs }) as tf.TensorInfo;
}

/**
 * The elements of a float32 tensor, as a view of the heap.
 *
 * Take it after the last allocation: allocating may move the heap, and an older view is then empty.
 */
export function heapView(backend: BackendWasm, tensor: tf.TensorInfo): Float32Array {
  return backend.typedArrayFromHeap(tensor) as Float32Array;
}
