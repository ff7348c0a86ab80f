/**
 * The compiled kernels, on the memory of the wasm backend.
 *
 * @module
 */
import type * as tf from "../../basics/tf.ts";
import { BINARY } from "./binary.ts";

/** The wasm backend, as far as its memory is concerned. */
export interface WasmBackend extends tf.KernelBackend {
  /** The Emscripten module, with what it exports. */
  readonly wasm: { readonly asm?: Readonly<Record<string, unknown>> };
  /** Allocates; may grow the memory, and views that were taken before are then empty. */
  makeOutput(shape: readonly number[], dtype: "float32"): tf.TensorInfo;
  getMemoryOffset(dataId: tf.TensorInfo["dataId"]): number;
}

export type Pointer = number;

type Axes = [
  ...[samples: number, before: number, channels: number, features: number, after: number],
  perChannel: boolean,
];
type Moments = [
  ...[x: Pointer, samples: number, before: number, channels: number, length: number],
  ...[centred: boolean, mean: Pointer, squares: Pointer],
];
type Statistics = [mean: Pointer, inverse: Pointer];
type Normalization = [
  x: Pointer,
  y: Pointer,
  ...Axes,
  ...Statistics,
  gamma: Pointer,
  beta: Pointer,
];
type Gradient = [
  ...[x: Pointer, dy: Pointer, dx: Pointer],
  ...Axes,
  ...[count: number, divisor: number],
  ...Statistics,
  ...[gamma: Pointer, dgamma: Pointer, dbeta: Pointer],
];

/** What `kernels.as` exports; data are float32, statistics and sums float64. */
export interface WasmKernels {
  momentsByRuns(...args: Moments): void;
  momentsByColumns(...args: [...Moments, scratch: Pointer]): void;
  normalizeByRuns(...args: Normalization): void;
  normalizeByColumns(...args: [...Normalization, scratch: Pointer]): void;
  gradientByRuns(...args: Gradient): void;
  gradientByColumns(...args: [...Gradient, scratch: Pointer]): void;
}

const instances = new WeakMap<WasmBackend, WasmKernels>();

/** The kernels on the memory of `backend`. */
export function kernelsOn(backend: WasmBackend): WasmKernels {
  const known = instances.get(backend);
  if (known !== undefined) return known;
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(Uint8Array.from(atob(BINARY), (char) => char.charCodeAt(0))),
    { env: { memory: memoryOf(backend) } },
  );
  const kernels = exports as unknown as WasmKernels;
  instances.set(backend, kernels);
  return kernels;
}

/** The memory that the backend's tensors are in; it grows, but stays the same object. */
export function memoryOf({ wasm: { asm = {} } }: WasmBackend): WebAssembly.Memory {
  const memory = Object.values(asm).find((value) => value instanceof WebAssembly.Memory);
  if (memory !== undefined) return memory;
  throw new Error(
    "this build of the wasm backend does not show its memory: use @tensorflow/tfjs-backend-wasm 4.22.0",
  );
}
