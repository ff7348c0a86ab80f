/**
 * Memory of the wasm backend: tensors, and temporary arrays.
 *
 * @module
 */
import * as tf from "../../basics/tf.ts";
import { memoryOf, type Pointer, type WasmBackend } from "./module.ts";

/** The wasm backend, which must be the active one. */
export function wasmBackend(): WasmBackend {
  return tf.backend() as WasmBackend;
}

/** A new tensor of undefined content. */
export function allocate(shape: readonly number[]): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(wasmBackend().makeOutput(shape, "float32"));
}

/** A new tensor of rank 1 with these values. */
export function tensorOf(values: Float64Array): tf.Tensor {
  const tensor = allocate([values.length]);
  valuesOf(tensor).set(values);
  return tensor;
}

export function pointerTo({ dataId }: tf.TensorInfo): Pointer {
  return wasmBackend().getMemoryOffset(dataId);
}

/** The elements of a tensor; take them after the last allocation. */
export function valuesOf(tensor: tf.TensorInfo): Float32Array {
  const { buffer } = memoryOf(wasmBackend());
  return new Float32Array(buffer, pointerTo(tensor), tf.util.sizeFromShape(tensor.shape));
}

/** Temporary arrays. */
export interface Scratch {
  /** Room for so many float64. */
  doubles(length: number): Pointer;
  /** The same values as float64. */
  copyOf(values: Float64Array): Pointer;
  /** So many float32, all of this value. */
  filled(length: number, value: number): Pointer;
  /** What is there now. */
  read(pointer: Pointer, length: number): Float64Array;
}

/** Runs `use` with memory that is freed afterwards. */
export function withScratch<T>(use: (scratch: Scratch) => T): T {
  const backend = wasmBackend();
  const memory = memoryOf(backend);
  const taken: tf.TensorInfo[] = [];
  const take = (length: number): tf.TensorInfo => {
    const info = backend.makeOutput([length], "float32");
    taken.push(info);
    return info;
  };
  const doubles = (length: number): Pointer => pointerTo(take(2 * length));
  try {
    return use({
      doubles,
      copyOf(values) {
        const pointer = doubles(values.length);
        new Float64Array(memory.buffer, pointer, values.length).set(values);
        return pointer;
      },
      filled(length, value) {
        const info = take(length);
        valuesOf(info).fill(value);
        return pointerTo(info);
      },
      read: (pointer, length) => new Float64Array(memory.buffer, pointer, length).slice(),
    });
  } finally {
    for (const { dataId } of taken) backend.disposeData(dataId);
  }
}
