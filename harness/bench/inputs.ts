/**
 * Inputs that rotate, so that caches do not stand in for memory, and whether they fit in memory.
 *
 * @module
 */
import { standardNormal, uniformStream } from "../../norms/basics/random.ts";
import { type Shape, size } from "../../norms/basics/shape.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { checkMemory } from "../backend/memory.ts";
import type { BackendName } from "../backend/registry.ts";

/** More bytes than the caches of processors and graphics cards hold. */
const COLD_BYTES = 2 ** 26;

/** Inputs that rotate at most: a larger number of small tensors takes long to make and stays hot. */
const MOST_INPUTS = 32;

export const FLOAT_BYTES = 4;

export interface Ring {
  readonly tensors: readonly Tensor[];
  /** `cold` if they take more bytes than a cache holds. */
  readonly cache: "hot" | "cold";
  at(turn: number): Tensor;
  dispose(): void;
}

function ringLength(shape: Shape): number {
  return Math.min(MOST_INPUTS, Math.max(2, Math.ceil(COLD_BYTES / (FLOAT_BYTES * size(shape)))));
}

/** Random numbers that are drawn; larger tensors repeat them, which takes no less time to compute on. */
const DRAWN = 2 ** 16;

/** Standard normal numbers that depend on `seed` alone. */
export function normalTensor(shape: Shape, seed: string): Tensor {
  const values = new Float32Array(size(shape));
  const drawn = standardNormal(Math.min(DRAWN, values.length), uniformStream(seed));
  for (let start = 0; start < values.length; start += DRAWN) {
    values.set(drawn.subarray(0, values.length - start), start);
  }
  return tf.tensor(values, [...shape], "float32");
}

/** Makes enough tensors to be cold, if the shape is large enough for that. */
export function makeRing(shape: Shape, seed: string): Ring {
  const first = normalTensor(shape, seed);
  const others = Array.from(
    { length: ringLength(shape) - 1 },
    (_, i) => tf.tidy(() => tf.mul(first, 1 + (i + 1) / MOST_INPUTS)),
  );
  const tensors = [first, ...others];
  const bytes = tensors.length * FLOAT_BYTES * first.size;
  return {
    tensors,
    cache: bytes >= COLD_BYTES ? "cold" : "hot",
    at: (turn) => tensors[turn % tensors.length]!,
    dispose: () => tf.dispose(tensors),
  };
}

/** Tensors of the size of `x` that a norm holds at once in its backward pass, at most. */
const WORKING_TENSORS = 12;

/**
 * Refuses a shape whose tensors do not fit in memory, before the backend crashes on it.
 *
 * @param available Bytes of the machine that are free.
 * @throws {RangeError} if it does not fit.
 */
export function checkShape(shape: Shape, backend: BackendName, available?: number): void {
  const bytes = (ringLength(shape) + WORKING_TENSORS) * FLOAT_BYTES * size(shape);
  const what = `[${shape.join(", ")}]`;
  checkMemory({ what, bytes, remedy: "Choose a smaller shape" }, backend, available);
}
