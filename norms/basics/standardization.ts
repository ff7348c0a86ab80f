/**
 * Standardize, then scale and shift: the computation that batch, layer, group and instance norm share.
 *
 *     xhat = (x - mean) / sqrt(variance + epsilon)        y = gamma xhat + beta
 *
 * Three backward passes compute the same gradient: the tape's, the step-by-step walk through the graph
 * derived by hand, and the simplified formula that the algebra leaves of it.
 *
 * @module
 */
import * as tf from "./tf.ts";
import type { Arrangement } from "./arrangement.ts";
import { viewed } from "./view.ts";
import type { Tensors } from "./tensor.ts";
import { addEpsilon, condition, type Conditioned, mean, moments, sumTo } from "./statistics.ts";

/** gamma and beta in shapes that broadcast onto `x`; what is switched off is undefined. */
export interface Affine {
  readonly gamma: tf.Tensor | undefined;
  readonly beta: tf.Tensor | undefined;
}

/** gamma xhat + beta, without what is switched off. */
export function affine(xhat: tf.Tensor, { gamma, beta }: Affine): tf.Tensor {
  const scaled = gamma === undefined ? xhat : tf.mul(xhat, gamma);
  return beta === undefined ? scaled : tf.add(scaled, beta);
}

/** How the gradient gets from xhat to x. */
interface HandDerived {
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
      // Without gamma and beta this is xhat itself, for which the tape already has a gradient.
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

export interface Standardization extends Affine {
  readonly x: tf.Tensor;
  /** Ascending axes that share mean and variance. */
  readonly axes: readonly number[];
  readonly epsilon: number;
}

/** `y`, and the biased statistics of `x`, one for each group, that running averages follow. */
export interface Standardized {
  readonly y: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

export type Standardize = (input: Standardization) => Standardized;

/** Standardizes `x`, scales by `gamma` and shifts by `beta`, all in the shapes that the user holds. */
export type StandardizeArranged = (
  tensors: Tensors,
  arrangement: Arrangement,
  epsilon: number,
) => Standardized;

/** Views `x`, gamma and beta as the arrangement has them, and gives `y` the shape of `x`. */
export function inView(standardize: Standardize): StandardizeArranged {
  return ({ x, gamma, beta }, arrangement, epsilon) => {
    const seen = viewed(x!, arrangement);
    const { y, mean, variance } = standardize({
      x: seen.x,
      gamma: seen.parameter(gamma),
      beta: seen.parameter(beta),
      axes: seen.axes,
      epsilon,
    });
    return { y: seen.restore(y), mean, variance };
  };
}

/** A forward pass over conditioned data, with all that a backward pass needs again. */
interface Forward {
  readonly xhat: tf.Tensor;
  /** sqrt(variance + epsilon), of conditioned data. */
  readonly deviation: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

function forward(conditioned: Conditioned, axes: readonly number[], epsilon: number): Forward {
  const { centred, spread, mean, variance } = moments(conditioned, axes);
  const deviation = tf.sqrt(addEpsilon(spread, epsilon, conditioned.scale));
  return { xhat: tf.div(centred, deviation), deviation, mean, variance };
}

/** Operations in the order of the papers; the gradient is the tape's. */
export const composed: Standardize = ({ x, axes, epsilon, ...parameters }) => {
  const { xhat, mean, variance } = forward(condition(x, axes), axes, epsilon);
  return { y: affine(xhat, parameters), mean, variance };
};

/** The forward pass, and the gradient that reaches xhat. */
interface Backward {
  readonly dxhat: tf.Tensor;
  readonly xhat: tf.Tensor;
  readonly deviation: tf.Tensor;
  readonly axes: readonly number[];
}

/**
 * Back through the graph one node at a time:
 *
 *     ddeviation = -sum(dxhat centred) / deviation^2      dvariance = ddeviation / (2 deviation)
 *     dcentred = dxhat / deviation + 2 centred dvariance / n      dmean = -sum(dcentred)
 *     dx = dcentred + dmean / n
 */
function stepByStep({ dxhat, xhat, deviation, axes }: Backward): tf.Tensor {
  const centred = tf.mul(xhat, deviation);
  // Sums over n enter only as sum / n, so the means stand for both.
  const ddeviationPerElement = tf.neg(
    tf.div(mean(tf.mul(dxhat, centred), axes), tf.square(deviation)),
  );
  const dvariancePerElement = tf.div(ddeviationPerElement, tf.mul(deviation, 2));
  const dcentred = tf.add(
    tf.div(dxhat, deviation),
    tf.mul(tf.mul(centred, 2), dvariancePerElement),
  );
  return tf.sub(dcentred, mean(dcentred, axes));
}

/**
 * What is left of the graph after simplification, two reductions instead of four:
 *
 *     dx = (dxhat - mean(dxhat) - xhat mean(dxhat xhat)) / deviation
 */
function simplified({ dxhat, xhat, deviation, axes }: Backward): tf.Tensor {
  const projection = tf.mul(xhat, mean(tf.mul(dxhat, xhat), axes));
  return tf.div(tf.sub(tf.sub(dxhat, mean(dxhat, axes)), projection), deviation);
}

function analytic(backward: (input: Backward) => tf.Tensor): Standardize {
  return ({ x, axes, epsilon, ...parameters }) => {
    const conditioned = condition(x, axes);
    const { xhat, deviation, mean, variance } = forward(conditioned, axes, epsilon);
    const y = affineByHand(x, {
      xhat,
      saved: [deviation, conditioned.scale],
      dx: (dxhat, xhat, [deviation, scale]) =>
        tf.div(backward({ dxhat, xhat, deviation: deviation!, axes }), scale!),
    }, parameters);
    return { y, mean, variance };
  };
}

export const analyticGraph: Standardize = analytic(stepByStep);
export const analyticSimplified: Standardize = analytic(simplified);
