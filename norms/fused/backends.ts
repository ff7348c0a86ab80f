/**
 * Our own kernels by backend, and which of them can run here.
 *
 * @module
 */
import type { ByFusedBackend, FusedBackend } from "../basics/norm.ts";
import type { Kernels } from "./kernel_interface.ts";
import { hasNativeKernels, tensorflowKernels } from "./tensorflow/tensorflow_kernels.ts";
import { wasmKernels } from "./wasm/wasm_kernels.ts";
import { webgpuKernels } from "./webgpu/webgpu_kernels.ts";

const KERNELS: ByFusedBackend<Kernels> = {
  wasm: wasmKernels,
  webgpu: webgpuKernels,
  tensorflow: tensorflowKernels,
};

/** What `make` makes of the kernels of every backend that has some. */
export function onEachBackend<T>(
  make: (kernels: Kernels, backend: FusedBackend) => T,
): ByFusedBackend<T> {
  return Object.fromEntries(
    Object.entries(KERNELS).map((entry) => [entry[0], make(entry[1], entry[0] as FusedBackend)]),
  );
}

/** Whether `backend`, the active one, takes our kernels. */
export function hasKernels(backend: string): backend is FusedBackend {
  return backend in KERNELS && (backend !== "tensorflow" || hasNativeKernels());
}
