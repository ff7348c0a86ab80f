/**
 * The textbook of norms that divide data, less their mean, by a measure of their spread.
 *
 * RMS norm is among them, with a mean of zero.
 *
 * @module
 */
import type { Arrangement } from "../basics/arrangement.ts";
import { DEFAULT_EPSILON, type StandardizationOptions } from "../basics/options.ts";
import { arrange } from "../basics/view.ts";
import type { Shape } from "../basics/shape.ts";
import type { Tensor, Tensors } from "../basics/tensor.ts";
import * as tf from "../basics/tf.ts";
import type { Textbook } from "../basics/norm.ts";

/** The steps of a standardization; a fault replaces some of them. */
export interface StandardizationSteps<O extends StandardizationOptions = StandardizationOptions> {
  readonly centred: boolean;
  /** Whether `axis` may name several axes, in any order. */
  readonly takesAxisList: boolean;
  /** Whether the channels are split into several groups. */
  readonly splitsChannels: boolean;
  layout(shape: Shape, options: O): Arrangement;
  readonly defaultEpsilon: number;
  mean(x: Tensor, axes: readonly number[]): Tensor;
  /** The variance, or another measure of the spread. */
  spread(x: Tensor, mean: Tensor, axes: readonly number[], options: O): Tensor;
  /** What the data are divided by. */
  deviation(spread: Tensor, epsilon: number, options: O): Tensor;
  normalize(x: Tensor, mean: Tensor, deviation: Tensor): Tensor;
  affine(xhat: Tensor, gamma: Tensor, beta: Tensor): Tensor;
  /** y at once; left out: by the two steps before. */
  output?(statistics: Statistics, gamma: Tensor, beta: Tensor): Tensor;
  /** Whether the gradient is derived by hand, by the steps that follow. */
  readonly byHand: boolean;
  dxhat(dy: Tensor, gamma: Tensor): Tensor;
  /** What the mean takes from dx. */
  meanTerm(dxhat: Tensor, axes: readonly number[]): Tensor;
  /** What the spread takes from dx. */
  spreadTerm(dxhat: Tensor, xhat: Tensor, axes: readonly number[], options: O): Tensor;
  rescale(dx: Tensor, deviation: Tensor): Tensor;
  /** dx at once; left out: by the three steps before. */
  dx?(dxhat: Tensor, xhat: Tensor, statistics: Statistics): Tensor;
  dgamma(dy: Tensor, xhat: Tensor, shape: Shape, statistics: Statistics): Tensor;
  dbeta(dy: Tensor, shape: Shape): Tensor;
}

/** Mean over `axes`, which stay as axes of length 1. */
export function meanOver(x: Tensor, axes: readonly number[]): Tensor {
  return tf.mean(x, [...axes], true);
}

/** Sum over the axes along which `shape` is 1. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  const axes = shape.flatMap((length, axis) => length === 1 ? [axis] : []);
  return tf.sum(x, axes, true);
}

/** The steps that most norms have in common: those of layer norm. */
export const STEPS: Omit<StandardizationSteps, "layout"> = {
  centred: true,
  takesAxisList: false,
  splitsChannels: false,
  defaultEpsilon: DEFAULT_EPSILON,
  mean: meanOver,
  spread: (x, mean, axes) => meanOver(tf.square(tf.sub(x, mean)), axes),
  deviation: (variance, epsilon) => tf.sqrt(tf.add(variance, epsilon)),
  normalize: (x, mean, deviation) => tf.div(tf.sub(x, mean), deviation),
  affine: (xhat, gamma, beta) => tf.add(tf.mul(xhat, gamma), beta),
  byHand: false,
  dxhat: (dy, gamma) => tf.mul(dy, gamma),
  meanTerm: meanOver,
  spreadTerm: (dxhat, xhat, axes) => tf.mul(xhat, meanOver(tf.mul(dxhat, xhat), axes)),
  rescale: (dx, deviation) => tf.div(dx, deviation),
  dgamma: (dy, xhat, shape) => sumTo(tf.mul(dy, xhat), shape),
  dbeta: sumTo,
};

export function isStandardization(steps: object): steps is StandardizationSteps {
  return "spread" in steps;
}

/** Whether the spread is a variance, or a mean square. */
export function isQuadratic({ deviation }: StandardizationSteps): boolean {
  return deviation === STEPS.deviation;
}

/** gamma and beta as they broadcast onto the view; 1 and 0 where they are switched off. */
export function parametersOf(
  { gamma, beta }: Tensors,
  layout: Arrangement,
): { readonly gamma: Tensor; readonly beta: Tensor } {
  return {
    gamma: arrange(gamma, layout) ?? tf.ones([...layout.parameterView]),
    beta: arrange(beta, layout) ?? tf.zeros([...layout.parameterView]),
  };
}

/** The view of the data, and the statistics that they are normalized with. */
export interface Statistics {
  readonly x: Tensor;
  readonly axes: readonly number[];
  readonly mean: Tensor;
  readonly deviation: Tensor;
}

/** y for given statistics; its gradient is the tape's, or that of the steps. */
export function applyStatistics<O extends StandardizationOptions>(
  steps: StandardizationSteps<O>,
  statistics: Statistics,
  { gamma, beta }: { readonly gamma: Tensor; readonly beta: Tensor },
  options: O,
): Tensor {
  const { x, axes, mean, deviation } = statistics;
  const xhat = steps.normalize(x, mean, deviation);
  const y = steps.output?.(statistics, gamma, beta) ?? steps.affine(xhat, gamma, beta);
  if (!steps.byHand) return y;
  return tf.customGrad((_x, _gamma, _beta, save) => {
    (save as tf.GradSaveFunc)([xhat, x, mean, deviation, gamma]);
    return {
      value: tf.clone(y),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [xhat, x, mean, deviation, gamma] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
        const kept = { x, axes, mean, deviation };
        const dxhat = steps.dxhat(dy, gamma);
        const dxInSteps = () => {
          const centred = tf.sub(dxhat, steps.meanTerm(dxhat, axes));
          const dx = tf.sub(centred, steps.spreadTerm(dxhat, xhat, axes, options));
          return steps.rescale(dx, deviation);
        };
        return [
          steps.dx?.(dxhat, xhat, kept) ?? dxInSteps(),
          steps.dgamma(dy, xhat, gamma.shape, kept),
          steps.dbeta(dy, gamma.shape),
        ];
      },
    };
  })(x, gamma, beta);
}

export function standardizationTextbook<O extends StandardizationOptions>(
  steps: StandardizationSteps<O>,
): Textbook<StandardizationSteps<O>, O> {
  return {
    steps,
    implement: (steps) => (inputs, options) => {
      const layout = steps.layout(inputs["x"]!.shape, options);
      const x = tf.reshape(inputs["x"]!, [...layout.shape]);
      const mean = steps.mean(x, layout.axes);
      const spread = steps.spread(x, mean, layout.axes, options);
      const deviation = steps.deviation(spread, options.epsilon ?? steps.defaultEpsilon, options);
      const statistics = { x, axes: layout.axes, mean, deviation };
      const y = applyStatistics(steps, statistics, parametersOf(inputs, layout), options);
      return { y: tf.reshape(y, inputs["x"]!.shape) };
    },
  };
}
