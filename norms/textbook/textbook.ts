/**
 * Textbooks: norms as their papers write them, from basic operations in the order of the formula.
 *
 * Two passes and no conditioning of the data, which is what a careful student writes first. Benchmarks
 * time them beside the implementations, and faults are planted in them one step at a time. Where the
 * squares of the data leave the range of float32, a textbook fails, as `tf.layers` does.
 *
 * @module
 */
import type { NormOptions } from "../basics/options.ts";
import type { Tensors } from "../basics/tensor.ts";

/** A norm in steps that can be replaced one by one. */
export interface Textbook<S extends object = object, O extends NormOptions = NormOptions> {
  /** The steps, all of them right. */
  readonly steps: S;
  /** The norm that takes these steps. */
  implement(steps: S): (inputs: Tensors, options: O) => Tensors;
}
