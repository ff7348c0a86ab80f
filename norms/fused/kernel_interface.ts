/**
 * What a backend's own kernels compute, for all norms at once.
 *
 *     xhat = (x - mean) / sqrt(sum((x - mean)^2) / divisor + epsilon)        y = gamma xhat + beta
 *
 * With the mean taken off and the length of a group as divisor it is a standardization; with the mean
 * left in RMS norm; with divisor 1 and no epsilon, v / ||v||.
 *
 * @module
 */
import type { Layout } from "./layout.ts";
import type * as tf from "../basics/tf.ts";

/** Which of those norms. */
export interface Formula {
  /** Whether the mean is taken off. */
  readonly centred: boolean;
  readonly divisor: number;
  readonly epsilon: number;
}

/** Statistics that are not taken from `x`, but constants: those of prediction. */
export interface GivenStatistics {
  readonly mean: tf.Tensor;
  /** sqrt(variance + epsilon), an element for every group. */
  readonly deviation: tf.Tensor;
}

/** gamma and beta in any shape whose elements are in the layout's order. */
export interface Parameters {
  readonly gamma: tf.Tensor | undefined;
  readonly beta: tf.Tensor | undefined;
}

export interface KernelInput extends Parameters {
  readonly x: tf.Tensor;
  readonly layout: Layout;
  readonly formula: Formula;
  readonly given: GivenStatistics | undefined;
}

/** What the forward pass gives; its tensors are new and unknown to the tape. */
export interface KernelOutput {
  readonly y: tf.Tensor;
  /** Shape `[groups]`, zeros where the mean is not taken off; undefined where statistics were given. */
  readonly mean: tf.Tensor | undefined;
  /** `sum((x - mean)^2) / divisor`, shape `[groups]`; undefined where statistics were given. */
  readonly variance: tf.Tensor | undefined;
  /** 1 / deviation, an element for every group; computed when asked for. */
  inverse(): tf.Tensor;
  /** Tensors that the backward pass needs. */
  readonly kept: readonly tf.Tensor[];
  /** Gradients of `sum(y dy)`. */
  backward(input: BackwardInput): Gradients;
}

/** What the backward pass reads in addition to what was kept. */
export interface BackwardInput {
  readonly dy: tf.Tensor;
  readonly x: tf.Tensor;
  readonly gamma: tf.Tensor | undefined;
  readonly kept: readonly tf.Tensor[];
}

/** Gradients in the shapes of `x`, and of a parameter as a list. */
export interface Gradients {
  readonly dx: tf.Tensor;
  /** `sum(dy xhat)`, shape `[parameters]`. */
  readonly dgamma: tf.Tensor;
  /** `sum(dy)`, shape `[parameters]`. */
  readonly dbeta: tf.Tensor;
}

/** The kernels of one backend, run on it while it is the active one. */
export type Kernels = (input: KernelInput) => KernelOutput;
