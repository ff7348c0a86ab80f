/**
 * Scale and shift, the last step of most norms, with the gradient by tape or by hand.
 *
 * @module
 */
import * as tf from "./tf.ts";
import { sumTo } from "./statistics.ts";

/** gamma and beta in shapes that broadcast onto `x`; what is switched off is undefined. */
export interface Affine {
  readonly gamma: tf.Tensor | undefined;
  readonly beta: tf.Tensor | undefined;
}

/** gamma xhat + beta, leaving out what is switched off. */
export function affine(xhat: tf.Tensor, { gamma, beta }: Affine): tf.Tensor {
  const scaled = gamma === undefined ? xhat : tf.mul(xhat, gamma);
  return beta === undefined ? scaled : tf.add(scaled, beta);
}

/** How the gradient gets from xhat to x. */
export interface HandDerived {
  /** The normalized data. */
  readonly xhat: tf.Tensor;
  /** Tensors of the forward pass that the backward pass needs again. */
  readonly saved: readonly tf.Tensor[];
  /** dx from the gradient that reaches xhat, and `saved`. */
  dx(dxhat: tf.Tensor, xhat: tf.Tensor, saved: readonly tf.Tensor[]): tf.Tensor;
}

/**
 * gamma xhat + beta as a function of x, gamma and beta, with a gradient derived by hand:
 *
 *     dxhat = dy gamma      dgamma = sum(dy xhat)      dbeta = sum(dy)
 */
export function affineByHand(
  x: tf.Tensor,
  { xhat, saved, dx }: HandDerived,
  parameters: Affine,
): tf.Tensor {
  const { gamma, beta } = parameters;
  const optional = (tensor: tf.Tensor | undefined): tf.Tensor[] =>
    tensor === undefined ? [] : [tensor];
  return tf.customGrad((...args) => {
    // The tape disposes of what the forward pass made, unless it is saved.
    (args.at(-1) as tf.GradSaveFunc)([xhat, ...saved, ...optional(gamma)]);
    return {
      // With nothing switched on this is xhat itself, to which the tape already knows a way.
      value: tf.clone(affine(xhat, parameters)),
      gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => {
        const [xhat, ...rest] = kept as [tf.Tensor, ...tf.Tensor[]];
        const gamma = rest[saved.length];
        const dxhat = gamma === undefined ? dy : tf.mul(dy, gamma);
        return [
          dx(dxhat, xhat, rest),
          ...(gamma === undefined ? [] : [sumTo(tf.mul(dy, xhat), gamma.shape)]),
          ...(beta === undefined ? [] : [sumTo(dy, beta.shape)]),
        ];
      },
    };
  })(x, ...optional(gamma), ...optional(beta));
}
