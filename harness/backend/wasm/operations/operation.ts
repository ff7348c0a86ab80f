/**
 * What an operation is that the repaired kernels compute: inputs, a call of tfjs, and an oracle.
 *
 * @module
 */
import type { Groups, InputSpec, Oracle, Tensors } from "../../../../norms/basics/norm.ts";
import type { NormOptions } from "../../../../norms/basics/options.ts";
import type { Shape } from "../../../../norms/basics/shape.ts";
import type * as tf from "../../../../norms/basics/tf.ts";

/** An operation; its inputs bear the names that `tf.layers` has: `x`, `kernel`, `bias`. */
export interface KernelOperation<O extends NormOptions = NormOptions> {
  /** Describes the inputs for `x` of this shape. */
  inputs(shape: Shape, options: O): readonly InputSpec[];
  /** The elements of `x` that one condition number is told of. */
  groups(shape: Shape, options: O): Groups;
  /** Computes it on the active backend. */
  compute(inputs: Tensors, options: O): tf.Tensor;
  readonly oracle: Oracle<O>;
}
