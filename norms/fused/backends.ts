/**
 * Our own kernels by backend, and which of them can run here.
 *
 * @module
 */
import type { ByFusedBackend, FusedBackend } from "../basics/norm.ts";
import type { Kernels } from "./kernel_interface.ts";
import { tensorflowKernels } from "./tensorflow/tensorflow_kernels.ts";
import { hasNativeKernels } from "./tensorflow/native.ts";
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
    Object.entries(KERNELS).map((
      [backend, kernels],
    ) => [backend, make(kernels, backend as FusedBackend)]),
  );
}

/** Whether each backend, while it is the active one, takes our kernels. */
const TAKES_KERNELS: Readonly<Record<FusedBackend, () => boolean>> = {
  wasm: () => true,
  webgpu: () => true,
  tensorflow: hasNativeKernels,
};

/** Whether `backend`, the active one, takes our kernels. */
export function hasKernels(backend: string): backend is FusedBackend {
  return backend in TAKES_KERNELS && TAKES_KERNELS[backend as FusedBackend]();
}
