/**
 * Norms that train with the statistics of a batch, and predict with running ones.
 *
 * The running spread is a variance in batch norm; other norms have another measure of it.
 *
 * @module
 */
import * as tf from "../basics/tf.ts";
import { type Affine, affine, affineByHand, type Standardized } from "../basics/standardization.ts";
import { applyFunction } from "./apply.ts";
import type { Arrangement } from "../basics/arrangement.ts";
import {
  affineSpecs,
  dataSpec,
  type Implementation,
  type InputSpec,
  type Norm,
} from "../basics/norm.ts";
import {
  checkEpsilon,
  DEFAULT_EPSILON,
  DEFAULT_MOMENTUM,
  type RunningOptions,
  usesBatchStatistics,
} from "../basics/options.ts";
import { viewed } from "../basics/view.ts";
import type { Shape } from "../basics/shape.ts";
import { composedFollow, type Follow } from "../basics/statistics.ts";
import type { Tensor, Tensors } from "../basics/tensor.ts";

/** What its record and its functions share. */
export interface RunningNorm<O extends RunningOptions> {
  /** Name of the running spread, such as `movingVariance`. */
  readonly movingSpread: string;
  arrangement(shape: Shape, options: O): Arrangement;
  /** A factor of the spread that the running one follows; default 1. */
  correction?(arrangement: Arrangement, options: O): number;
}

/** Normalizes with the statistics of the batch, in the shapes that the user holds. */
export type Train<O> = (tensors: Tensors, arrangement: Arrangement, options: O) => Standardized;

/** Normalizes with the running statistics, in the shapes that the user holds. */
export type Predict<O> = (tensors: Tensors, arrangement: Arrangement, options: O) => Tensor;

/**
 * Describes the inputs.
 *
 * @throws {RangeError} if epsilon or momentum is out of range.
 */
export function runningInputs<O extends RunningOptions>(
  { movingSpread, arrangement }: RunningNorm<O>,
  shape: Shape,
  options: O,
): InputSpec[] {
  const { momentum = DEFAULT_MOMENTUM, epsilon = DEFAULT_EPSILON } = options;
  checkEpsilon(epsilon);
  if (!(momentum >= 0 && momentum <= 1)) {
    throw new RangeError(
      `momentum ${momentum} is not between 0 and 1: it is the share of the old running statistics`,
    );
  }
  const layout = arrangement(shape, options);
  const state = { shape: layout.parameterShape, role: "state" } as const;
  return [
    dataSpec(shape),
    ...affineSpecs(layout, options),
    { ...state, name: "movingMean", initializer: "zeros" },
    { ...state, name: movingSpread, initializer: "ones", positive: true },
  ];
}

export function runningImplementation<O extends RunningOptions>(
  { movingSpread, arrangement, correction }: RunningNorm<O>,
  train: Train<O>,
  predict: Predict<O>,
  follow: Follow = composedFollow,
): Implementation<O> {
  return (tensors, options) => {
    const { x, movingMean, [movingSpread]: spread } = tensors;
    const layout = arrangement(x!.shape, options);
    if (!usesBatchStatistics(options)) {
      const y = predict(tensors, layout, options);
      return { y, movingMean: movingMean!, [movingSpread]: spread! };
    }
    const { momentum = DEFAULT_MOMENTUM } = options;
    const { y, ...batch } = train(tensors, layout, options);
    const running = follow({ mean: movingMean!, variance: spread! }, batch, {
      old: momentum,
      mean: 1 - momentum,
      variance: (1 - momentum) * (correction?.(layout, options) ?? 1),
    });
    return { y, movingMean: running.mean, [movingSpread]: running.variance };
  };
}

/** {@linkcode applyFunction}, with states that outlive the inputs. */
export function applyRunning<O extends RunningOptions>(
  norm: Norm<O>,
  x: Tensor,
  args: object,
): Record<string, Tensor> {
  return tf.tidy(() => {
    const { y, ...states } = applyFunction(norm, x, args);
    // A prediction returns the inputs themselves.
    const copies = Object.entries(states).map(([name, state]) => [name, state.clone()]);
    return { y: y!, ...Object.fromEntries(copies) };
  });
}

/** Predicts from tensors that broadcast; the gradient is the tape's or derived by hand. */
type PredictInView = (x: Tensor, mean: Tensor, deviation: Tensor, parameters: Affine) => Tensor;

const composed: PredictInView = (x, mean, deviation, parameters) =>
  affine(tf.div(tf.sub(x, mean), deviation), parameters);

/** dx = dxhat / deviation: the statistics are constants here. */
const analytic: PredictInView = (x, mean, deviation, parameters) =>
  affineByHand(x, {
    xhat: tf.div(tf.sub(x, mean), deviation),
    saved: [deviation],
    count: 1,
    dx: (dxhat, _xhat, [deviation], unit) => tf.div(dxhat, tf.mul(deviation!, unit)),
  }, parameters);

/**
 * Predictions in basic operations, with the gradient of the tape and derived by hand.
 *
 * @param deviationOf What the data are divided by, from the running spread.
 */
export function predictions<O extends RunningOptions>(
  { movingSpread }: Pick<RunningNorm<O>, "movingSpread">,
  deviationOf: (spread: Tensor, epsilon: number, options: O) => Tensor,
): { readonly composed: Predict<O>; readonly analytic: Predict<O> } {
  const inView = (predict: PredictInView): Predict<O> => (tensors, layout, options) => {
    const seen = viewed(tensors["x"]!, layout);
    const parameter = (name: string) => seen.parameter(tensors[name]);
    const { epsilon = DEFAULT_EPSILON } = options;
    const deviation = deviationOf(parameter(movingSpread)!, epsilon, options);
    return seen.restore(predict(seen.x, parameter("movingMean")!, deviation, {
      gamma: parameter("gamma"),
      beta: parameter("beta"),
    }));
  };
  return { composed: inView(composed), analytic: inView(analytic) };
}
