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
import { reductionLength } from "./shape.ts";
import { viewed } from "./view.ts";
import type { Tensors } from "./tensor.ts";
import {
  addEpsilon,
  condition,
  type Conditioned,
  type GradientUnit,
  mean,
  moments,
  sumTo,
  unitOf,
} from "./statistics.ts";

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

/** {@linkcode affine}, with a gradient that reaches xhat in `unit`s, and gamma and beta as it is. */
export function affineInUnit(
  xhat: tf.Tensor,
  { gamma, beta }: Affine,
  unit: GradientUnit,
): tf.Tensor {
  return unit.enter(affine(xhat, {
    gamma: gamma && unit.leave(gamma),
    beta: beta && unit.leave(beta),
  }));
}

/** How the gradient gets from xhat to x. */
interface HandDerived {
  readonly xhat: tf.Tensor;
  /** Tensors of the forward pass that the backward pass needs again. */
  readonly saved: readonly tf.Tensor[];
  /** Elements of a group that dxhat is summed over. */
  readonly count: number;
  /** dx from the gradient that reaches xhat, which is in `unit`s, and `saved`. */
  dx(
    dxhat: tf.Tensor,
    xhat: tf.Tensor,
    saved: readonly tf.Tensor[],
    unit: tf.Tensor,
  ): tf.Tensor;
}

/**
 * gamma xhat + beta as a function of x, gamma and beta, with a gradient derived by hand:
 *
 *     dxhat = dy gamma      dgamma = sum(dy xhat)      dbeta = sum(dy)
 */
export function affineByHand(
  x: tf.Tensor,
  { xhat, saved, count, dx }: HandDerived,
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
        const unit = unitOf(dy, count);
        const inUnits = tf.mul(dy, unit);
        const dxhat = gamma === undefined ? inUnits : tf.mul(inUnits, gamma);
        const sumOf = (gradient: tf.Tensor, { shape }: tf.Tensor) =>
          tf.div(sumTo(gradient, shape), unit);
        return [
          dx(dxhat, xhat, rest, unit),
          ...(gamma === undefined ? [] : [sumOf(tf.mul(inUnits, xhat), gamma)]),
          ...(beta === undefined ? [] : [sumOf(inUnits, beta)]),
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
  /** 1 / sqrt(variance + epsilon); computed when asked for. */
  inverse(): tf.Tensor;
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
    const { y, ...statistics } = standardize({
      x: seen.x,
      gamma: seen.parameter(gamma),
      beta: seen.parameter(beta),
      axes: seen.axes,
      epsilon,
    });
    return { y: seen.restore(y), ...statistics };
  };
}

/** A forward pass over conditioned data, with all that a backward pass needs again. */
interface Forward {
  readonly xhat: tf.Tensor;
  /** sqrt(variance + epsilon), of conditioned data. */
  readonly deviation: tf.Tensor;
  readonly statistics: Omit<Standardized, "y">;
}

function forward(conditioned: Conditioned, axes: readonly number[], epsilon: number): Forward {
  const { scale } = conditioned;
  const { centred, spread, mean, variance } = moments(conditioned, axes);
  const deviation = tf.sqrt(addEpsilon(spread, epsilon, scale));
  const inverse = () => tf.div(1, tf.mul(deviation, scale));
  return { xhat: tf.div(centred, deviation), deviation, statistics: { mean, variance, inverse } };
}

/** Operations in the order of the papers; the gradient is the tape's. */
export const composed: Standardize = ({ x, axes, epsilon, ...parameters }) => {
  const conditioned = condition(x, axes);
  const { xhat, statistics } = forward(conditioned, axes, epsilon);
  return { y: affineInUnit(xhat, parameters, conditioned.unit), ...statistics };
};

/** The forward pass, and the gradient that reaches xhat. */
interface Backward {
  readonly dxhat: tf.Tensor;
  readonly xhat: tf.Tensor;
  /** sqrt(variance + epsilon), of conditioned data. */
  readonly deviation: tf.Tensor;
  /** What is left to divide by, a value for each group: the scale of the data, in the unit of dxhat. */
  readonly scale: tf.Tensor;
  readonly axes: readonly number[];
}

/**
 * Back through the graph one node at a time:
 *
 *     ddeviation = -sum(dxhat centred) / deviation^2      dvariance = ddeviation / (2 deviation)
 *     dcentred = dxhat / deviation + 2 centred dvariance / n      dmean = -sum(dcentred)
 *     dx = dcentred + dmean / n
 */
function stepByStep({ dxhat, xhat, deviation, scale, axes }: Backward): tf.Tensor {
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
  return tf.div(tf.sub(dcentred, mean(dcentred, axes)), scale);
}

/**
 * What is left of the graph after simplification, two reductions instead of four:
 *
 *     dx = (dxhat - mean(dxhat) - xhat mean(dxhat xhat)) / deviation
 */
function simplified({ dxhat, xhat, deviation, scale, axes }: Backward): tf.Tensor {
  const projection = tf.mul(xhat, mean(tf.mul(dxhat, xhat), axes));
  return tf.div(tf.sub(tf.sub(dxhat, mean(dxhat, axes)), projection), tf.mul(deviation, scale));
}

function analytic(backward: (input: Backward) => tf.Tensor): Standardize {
  return ({ x, axes, epsilon, ...parameters }) => {
    const conditioned = condition(x, axes);
    const { scale } = conditioned;
    const { xhat, deviation, statistics } = forward(conditioned, axes, epsilon);
    const y = affineByHand(x, {
      xhat,
      saved: [deviation, scale],
      count: reductionLength(x.shape, axes),
      dx: (dxhat, xhat, [deviation, scale], unit) =>
        backward({ dxhat, xhat, deviation: deviation!, scale: tf.mul(scale!, unit), axes }),
    }, parameters);
    return { y, ...statistics };
  };
}

export const analyticGraph: Standardize = analytic(stepByStep);
export const analyticSimplified: Standardize = analytic(simplified);
