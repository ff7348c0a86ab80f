/**
 * What a network is made of, in one description: the same for every architecture.
 *
 * @module
 */

/** How the layers are put together. */
export type Architecture = "mlp" | "cnn" | "fully-connected";

/** A norm of the registry, one of `tf.layers`' own, or none. */
export type NormChoice =
  | "none"
  | "batch"
  | "layer"
  | "weight"
  | "group"
  | "instance"
  | "rms"
  | "tf-batch"
  | "tf-layer";

/** Where a norm stands: before the activation, g(norm(f(x))), or after it, norm(g(f(x))). */
export type Placement = "pre" | "post";

/** What follows a hidden layer; `leakyRelu` has the slope 0.01 below zero. */
export type Activation = "relu" | "leakyRelu" | "sigmoid";

/** A network, up to its input and its random numbers. */
export interface ModelDescription {
  /** How the layers are put together. */
  readonly architecture: Architecture;
  /** Which norm the hidden layers have. */
  readonly norm: NormChoice;
  /** Where it stands; says nothing for weight norm, which replaces kernels. */
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
