/**
 * What the tests of the repaired kernels share.
 *
 * @module
 */
import { assert } from "@std/assert";
import * as tf from "../../norms/basics/tf.ts";

/** `count` float32 values in [-1, 1], no two alike, the same at every call. */
export function waves(count: number, phase = 0): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(phase + 1.7 * i + 1e-4 * i * i));
}

/** A sum in float64, with what is needed to bound its float32 rounding error. */
export class Sum {
  value = 0;
  /** Sum of the magnitudes of the terms. */
  magnitude = 0;
  terms = 0;

  add(term: number): void {
    this.value += term;
    this.magnitude += Math.abs(term);
    this.terms++;
  }
}

/**
 * Asserts that float32 sums of products equal `expected` up to rounding, in any order of their
 * terms: n terms are off by at most n u / (1 - n u) times the sum of their magnitudes, u = 2^-24.
 */
export function assertSums(got: Float32Array, expected: readonly Sum[]): void {
  assert(got.length === expected.length, `${got.length} elements, expected ${expected.length}`);
  expected.forEach(({ value, magnitude, terms }, i) => {
    const error = (terms + 1) * 2 ** -24;
    const bound = error / (1 - error) * magnitude;
    assert(
      Math.abs(got[i]! - value) <= bound,
      `element ${i}: ${got[i]} is not ${value} ± ${bound}`,
    );
  });
}

/** Asserts that `work` leaves no tensor behind, in the engine or in the wasm backend. */
export function assertNoLeak(work: () => void): void {
  const count = () => [tf.memory().numTensors, tf.engine().backend.numDataIds()].join(" tensors, ");
  const before = count();
  work();
  assert(before === count(), `${before} buffers before, ${count()} after`);
}
