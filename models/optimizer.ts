/**
 * What an optimizer is, and what it carries from step to step.
 *
 * @module
 */
import { size } from "../norms/basics/shape.ts";
import type { Tensor } from "../norms/basics/tensor.ts";
import * as tf from "../norms/basics/tf.ts";

/** Which update rule, and how large its steps. */
export interface OptimizerOptions {
  /** Momentum and both betas of Adam are the usual 0.9, 0.9 and 0.999. */
  readonly name: "adam" | "sgd" | "momentum";
  /** Step size, positive. */
  readonly learningRate: number;
}

/** What an update rule carries from step to step. */
export interface OptimizerState {
  /** Updates so far. */
  readonly step: number;
  /** For one variable after the other: momentum's velocity, or Adam's first and second moment. */
  readonly moments: readonly Float32Array[];
}

/** An update rule, its variables and its state. */
export interface Optimizer {
  /** Moves every variable by its gradient. */
  update(gradients: readonly Tensor[]): void;
  /** Everything that the next updates depend on, beside the variables. */
  state(): Promise<OptimizerState>;
  /**
   * Goes on from a state.
   *
   * @throws {RangeError} if it belongs to another rule, or to other variables.
   */
  restore(state: OptimizerState): void;
  /** Frees the state; the variables stay. */
  dispose(): void;
}

/**
 * The moments of a state as tensors of the shapes that an optimizer has.
 *
 * @throws {RangeError} if their number or one of their sizes is another.
 */
export function momentsFor(
  wanted: readonly { readonly shape: readonly number[] }[],
  { moments }: OptimizerState,
): Tensor[] {
  const [sizes, given] = [wanted.map(({ shape }) => size(shape)), moments.map((m) => m.length)];
  if (sizes.join() !== given.join()) {
    throw new RangeError(
      `the state holds moments of lengths [${given.join(", ")}], but this optimizer has [${
        sizes.join(", ")
      }]: restore what the same optimizer of the same network gave`,
    );
  }
  return moments.map((moment, i) => tf.tensor(moment, [...wanted[i]!.shape]));
}
