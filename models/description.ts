import type { NormName } from "../norms/registry.ts";
import type * as tf from "../norms/basics/tf.ts";

/** A network of `tf.layers`, one layer after the other. */
export type Model = tf.Sequential;

/** A tensor of one number. */
export type Scalar = tf.Scalar;

/** How the layers are put together. */
export type Architecture = "mlp" | "cnn" | "fully-connected";

/**
 * `none`; the name of a norm; `tf-` and the name of a norm that `tf.layers` has, for its layer there; or
 * the name of a norm and of one of its variants, as in `lp-p-infinity`.
 *
 * Which of the last two there are is known at run time only; a network with another is refused.
 */
export type NormChoice = "none" | NormName | `tf-${NormName}` | `${NormName}-${string}`;

/** Place of a norm: before the activation, g(norm(f(x))), or after it, norm(g(f(x))). */
export type Placement = "pre" | "post";

/** What follows a hidden layer; `leakyRelu` has the slope 0.01 below zero. */
export type Activation = "relu" | "leakyRelu" | "sigmoid";

/** A network, up to its input and its random numbers. */
export interface ModelDescription {
  /** How the layers are put together. */
  readonly architecture: Architecture;
  /** Which norm the hidden layers have. */
  readonly norm: NormChoice;
  /** Its place; without effect for a norm of kernels. */
  readonly placement: Placement;
  /** What follows a hidden layer. */
  readonly activation: Activation;
  /** Units of the hidden dense layers, or filters of the convolutions. */
  readonly hidden: readonly number[];
  /**
   * Standard deviation of the weights at first; `auto` takes what suits the activation: He's
   * sqrt(2/fan-in) for the rectifiers, Glorot's sqrt(2/(fan-in + fan-out)) for the sigmoid.
   */
  readonly weightScale: number | "auto";
  /** Factor of 0.5 sum(W^2) in the loss, over weights alone, without biases, gamma and beta. */
  readonly l2: number;
  /** Whether weight norm's g and bias start from the first batch, as Salimans & Kingma ask. */
  readonly dataDependentInitialization: boolean;
}
