/**
 * Inputs that rotate, so that no cache answers for the memory.
 *
 * @module
 */
import { standardNormal, uniformStream } from "../../norms/basics/random.ts";
import { type Shape, size } from "../../norms/basics/shape.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";

/** Bytes that no cache is thought to hold: those of processors and graphics cards are smaller. */
const COLD_BYTES = 2 ** 26;

/** More small tensors than this would not make them cold, only slow to make. */
const MOST_INPUTS = 32;

/** Bytes of a float32. */
export const FLOAT_BYTES = 4;

/** Equal tensors in all but their values. */
export interface Ring {
  readonly tensors: readonly Tensor[];
  /** Whether they are more than a cache holds. */
  readonly cache: "hot" | "cold";
  /** The tensor whose turn it is. */
  at(turn: number): Tensor;
  dispose(): void;
}

/** How many inputs of this shape rotate. */
export function ringLength(shape: Shape): number {
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

/** As many tensors as make a round trip cold, if possible. */
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
