/**
 * What an optimizer is, what it carries from step to step, and the numbers of Adam.
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

/** Throws `RangeError` if a learning rate is not a positive number. */
export function checkLearningRate(rate: number): void {
  if (Number.isFinite(rate) && rate > 0) return;
  throw new RangeError(`learningRate ${rate} is not a positive number: try 1e-3`);
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
  /** Advances to the next step, and returns the numbers that differ from step to step. */
  next(): number[];
  /**
   * Moves every variable by its gradient.
   *
   * @param numbers Those of {@linkcode next} as scalars; left out, it is called here.
   */
  update(gradients: readonly Tensor[], numbers?: readonly Tensor[]): void;
  /** Everything that the next updates depend on, apart from the variables. */
  state(): Promise<OptimizerState>;
  /**
   * Continues from a state.
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
 * @throws {RangeError} if their number or one of their sizes differs.
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

/** Decay of Adam's first moment, as float32 has it, so that 1 - beta is exact in both implementations. */
export const BETA1 = Math.fround(0.9);

/** Decay of its second moment. */
export const BETA2 = Math.fround(0.999);

const EPSILON = 1e-8;

/**
 * Step size and epsilon that stand for both bias corrections:
 *
 *     rate m / (sqrt(v) + epsilon) = learningRate mhat / (sqrt(vhat) + 1e-8)
 *
 * Taken here in float64, as 1 - beta^t in float32 would be off by 1e-5.
 *
 * @param step t, from 1.
 */
export function corrected(learningRate: number, step: number): { rate: number; epsilon: number } {
  const root = Math.sqrt(1 - BETA2 ** step);
  return { rate: learningRate * root / (1 - BETA1 ** step), epsilon: EPSILON * root };
}
