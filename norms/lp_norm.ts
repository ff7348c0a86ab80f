/**
 * Batch normalization by an l_p norm.
 *
 * @module
 */
import * as tf from "./basics/tf.ts";
import {
  affineByHand,
  affineInUnit,
  inView,
  type Standardization,
  type Standardize,
} from "./basics/standardization.ts";
import { perFeature } from "./basics/arrangement.ts";
import type { Norm } from "./basics/norm.ts";
import {
  DEFAULT_EPSILON,
  type Defaults,
  layerDefaults,
  RUNNING_DEFAULTS,
} from "./basics/options.ts";
import {
  applyRunning,
  type Predict,
  predictions,
  runningImplementation,
  runningInputs,
  type RunningNorm,
} from "./frames/running_norm.ts";
import { reductionLength, type Shape } from "./basics/shape.ts";
import { addEpsilon, condition, constant, mean, moments, sum } from "./basics/statistics.ts";
import { layerSubject } from "./basics/subject.ts";
import type { Tensor } from "./basics/tensor.ts";
import { type LayerOptions, NormLayer, type NormLayerArgs } from "./layers/norm_layer.ts";
import { registerLayer, stockLayer } from "./layers/stock.ts";
import { type LpNormOptions, lpNormOracle, type Order } from "./oracle/lp_norm.ts";
import { runningTextbook } from "./textbook/running_statistics.ts";
import { meanOver, STEPS } from "./textbook/standardization.ts";

export type { LpNormOptions, Order };

const DEFAULTS: Defaults<LpNormOptions> = { ...RUNNING_DEFAULTS, axis: -1, p: 1 };

const RUNNING: RunningNorm<LpNormOptions> = {
  movingSpread: "movingSpread",
  arrangement: (shape, { axis = -1 }) => perFeature(shape, axis),
};

/** A measure of the spread, for data less their mean. */
interface Spread {
  of(centred: Tensor, axes: readonly number[]): Tensor;
  /** What the data are divided by. */
  deviation(spread: Tensor, epsilon: Tensor | number): Tensor;
  /** n times the gradient of the deviation with respect to the data. */
  slope(centred: Tensor, xhat: Tensor, axes: readonly number[]): Tensor;
  /** Its power in the spread: a spread of 2 x is 2^power times that of x. */
  readonly power: 1 | 2;
}

/** 1 where |x| is the largest of its group, else 0; a constant of the gradient. */
function isLargest(x: Tensor, axes: readonly number[]): Tensor {
  return constant(() => {
    const magnitude = tf.abs(x);
    // By step, since webgpu cannot transpose what tf.equal gives.
    return tf.sub(1, tf.step(tf.sub(tf.max(magnitude, [...axes], true), magnitude)));
  });
}

const SPREADS: Readonly<Record<Order, Spread>> = {
  1: {
    of: (centred, axes) => mean(tf.abs(centred), axes),
    deviation: (spread, epsilon) => tf.add(spread, epsilon),
    slope: (centred) => tf.sign(centred),
    power: 1,
  },
  2: {
    of: (centred, axes) => mean(tf.square(centred), axes),
    deviation: (spread, epsilon) => tf.sqrt(tf.add(spread, epsilon)),
    slope: (_centred, xhat) => xhat,
    power: 2,
  },
  infinity: {
    // Several that are equally large share the gradient, which the tape would give to each in full.
    of(centred, axes) {
      const isChosen = isLargest(centred, axes);
      return tf.div(sum(tf.mul(tf.abs(centred), isChosen), axes), sum(isChosen, axes));
    },
    deviation: (spread, epsilon) => tf.add(spread, epsilon),
    slope(centred, _xhat, axes) {
      const isChosen = isLargest(centred, axes);
      return tf.div(tf.mul(tf.sign(centred), isChosen), mean(isChosen, axes));
    },
    power: 1,
  },
};

/** A forward pass over conditioned data, with all that a backward pass needs. */
function forward({ x, axes, epsilon }: Standardization, { of, deviation, power }: Spread) {
  const conditioned = condition(x, axes);
  const { scale, unit } = conditioned;
  const { centred, mean } = moments(conditioned, axes);
  const spread = of(centred, axes);
  const units = power === 2 ? tf.square(scale) : scale;
  const divisor = deviation(addEpsilon(spread, epsilon, scale, power), 0);
  return {
    centred,
    xhat: tf.div(centred, divisor),
    divisor,
    scale,
    unit,
    statistics: {
      mean,
      variance: unit.enter(tf.mul(spread, units)),
      inverse: () => tf.div(1, tf.mul(divisor, scale)),
    },
  };
}

function composed(spread: Spread): Standardize {
  return (input) => {
    const { xhat, unit, statistics } = forward(input, spread);
    return { y: affineInUnit(xhat, input, unit), ...statistics };
  };
}

/** dx = (dxhat - mean(dxhat) - (s - mean(s)) mean(dxhat xhat)) / deviation, where s is the slope. */
function analytic(spread: Spread): Standardize {
  return (input) => {
    const { x, axes } = input;
    const { centred, xhat, divisor, scale, statistics } = forward(input, spread);
    const slope = spread.slope(centred, xhat, axes);
    const direction = tf.sub(slope, mean(slope, axes));
    const y = affineByHand(x, {
      xhat,
      saved: [tf.mul(divisor, scale), direction],
      count: reductionLength(x.shape, axes),
      dx: (dxhat, xhat, [deviation, direction], unit) => {
        const projection = tf.mul(direction!, mean(tf.mul(dxhat, xhat), axes));
        const tangent = tf.sub(tf.sub(dxhat, mean(dxhat, axes)), projection);
        return tf.div(tangent, tf.mul(deviation!, unit));
      },
    }, input);
    return { y, ...statistics };
  };
}

function implementation(
  make: (spread: Spread) => Standardize,
  predict: Predict<LpNormOptions>,
): Norm<LpNormOptions>["implementations"][string] {
  return runningImplementation(
    RUNNING,
    (tensors, layout, { p = 1, epsilon = DEFAULT_EPSILON }) =>
      inView(make(SPREADS[p]))(tensors, layout, epsilon),
    predict,
  );
}

const predict = predictions<LpNormOptions>(
  RUNNING,
  (spread, epsilon, { p = 1 }) => SPREADS[p].deviation(spread, epsilon),
);

/** The record of l_p batch norm. */
export const lpNorm: Norm<
  LpNormOptions,
  "lp",
  "x" | "gamma" | "beta" | "movingMean" | "movingSpread"
> = {
  name: "lp",
  title: "l_p batch normalization",
  formula: "y = gamma (x - mean) / (mean(|x - mean|^p) + epsilon)^(1/p) + beta, per feature",
  source: "Santurkar, Tsipras, Ilyas & Madry 2018, arXiv:1805.11604",
  inputNames: ["x", "gamma", "beta", "movingMean", "movingSpread"],
  defaults: DEFAULTS,
  normalized: "x",
  inputs(shape: Shape, options) {
    const { p = 1 } = options;
    if (!Object.hasOwn(SPREADS, p)) {
      throw new RangeError(`there is no order p = ${p}: choose one of 1, 2, "infinity"`);
    }
    return runningInputs(RUNNING, shape, options);
  },
  groups: RUNNING.arrangement,
  implementations: {
    composed: implementation(composed, predict.composed),
    analytic: implementation(analytic, predict.analytic),
  },
  oracle: lpNormOracle,
  references: { "tf.layers": layerSubject(() => stockLayer("lpNormalization", {})) },
  textbook: runningTextbook<LpNormOptions>({
    ...STEPS,
    layout: RUNNING.arrangement,
    spread: (x, mean, axes, { p = 1 }) => {
      const magnitude = tf.abs(tf.sub(x, mean));
      if (p === "infinity") return tf.max(magnitude, [...axes], true);
      return meanOver(p === 1 ? magnitude : tf.square(magnitude), axes);
    },
    deviation: (spread, epsilon, { p = 1 }) => SPREADS[p].deviation(spread, epsilon),
    spreadTerm(dxhat, xhat, axes, { p = 1 }) {
      const slope = SPREADS[p].slope(xhat, xhat, axes);
      const direction = tf.sub(slope, meanOver(slope, axes));
      return tf.mul(direction, meanOver(tf.mul(dxhat, xhat), axes));
    },
  }, RUNNING.movingSpread),
  variants: { "p-2": { p: 2 }, "p-infinity": { p: "infinity" } },
  traffic: { forward: 2, backward: 3 },
  layer: (options) => new LpNormalization(options),
  networkOptions: (_shape, { epsilon, momentum }) => ({ epsilon, momentum }),
  colour: "#8f5bb5",
};

/** What {@linkcode lpNormalization} takes in addition to `x`. */
export interface LpNormArguments extends Omit<LpNormOptions, "scale" | "center" | "trainable"> {
  /** Shape `[features]`, or one that broadcasts to it or to `x`. Left out: 1. */
  readonly gamma?: Tensor;
  /** As `gamma`. Left out: 0. */
  readonly beta?: Tensor;
  /** Running mean, shape `[features]`. Left out: 0, as before the first step. */
  readonly movingMean?: Tensor;
  /** Running mean of |x - mean|^p, or running maximum, shape `[features]`, not negative. Left out: 1. */
  readonly movingSpread?: Tensor;
  /** `composed` (default) or `analytic`. */
  readonly implementation?: string;
}

/** What {@linkcode lpNormalization} returns. */
export interface LpNormResult {
  /** Shape of `x`. */
  readonly y: Tensor;
  /** The running mean after this step, shape `[features]`. */
  readonly movingMean: Tensor;
  /** The running spread after this step, shape `[features]`. */
  readonly movingSpread: Tensor;
}

/**
 * Normalizes every feature by the mean magnitude of its deviations over the batch.
 *
 *     spread = mean(|x - mean|^p)                    p = 1, 2        max |x - mean|     p = infinity
 *     y = gamma (x - mean) / (spread + epsilon)^(1/p) + beta
 *     movingSpread = momentum movingSpread + (1 - momentum) spread       (training; mean likewise)
 *
 * Batch norm with another measure of the spread, which Santurkar et al. 2018 (arXiv:1805.11604, section
 * 4) use to ask whether the stability of the distributions is what helps: it trains as well. With p = 2
 * it is batch norm.
 *
 * The paper gives no epsilon and no running statistics; these are batch norm's here. With p = 1 the
 * gradient jumps where an element equals the mean, with p = infinity where the largest magnitude changes
 * hands; elements that are equally large share it.
 *
 * @param x float32, rank 1 or more.
 * @throws {RangeError} if p, axis, momentum or epsilon is out of range, a shape does not fit or has two
 * meanings, or `movingSpread` is negative (on webgpu that is not looked at).
 * @throws {TypeError} if there is no such option, or a tensor is not float32.
 *
 * @example
 * ```ts
 * import { randomNormal } from "npm:@tensorflow/tfjs@4.22.0";
 * import { lpNormalization } from "../mod.ts";
 *
 * const { y } = lpNormalization(randomNormal([64, 32]), { p: "infinity", training: true });
 * ```
 */
export function lpNormalization(x: Tensor, options: LpNormArguments = {}): LpNormResult {
  const { y, movingMean, movingSpread } = applyRunning(lpNorm, x, options);
  return { y: y!, movingMean: movingMean!, movingSpread: movingSpread! };
}

/** What {@linkcode LpNormalization} takes. */
export type LpNormalizationArgs = LayerOptions<LpNormOptions> & NormLayerArgs;

/**
 * {@linkcode lpNormalization} as a layer.
 *
 * Weights: `gamma`, `beta` (learned), `moving_mean`, `moving_spread` (followed), each of the length of
 * `axis`. A frozen layer (`trainable = false`) normalizes with running statistics even in training, and
 * keeps them.
 *
 * `tf.layers` has no such layer.
 *
 * @throws {RangeError} from the constructor if there is no such implementation; from `build` if p, axis,
 * momentum or epsilon is out of range, or the length of `axis` is not fixed.
 * @throws {TypeError} if there is no such option.
 */
export class LpNormalization extends NormLayer<LpNormOptions> {
  /** The name that models are saved with. */
  static readonly className = "NormbenchLpNormalization";

  /** Takes the options of the norm, and those of every layer. */
  constructor(args: LpNormalizationArgs = {}) {
    super(lpNorm, layerDefaults(DEFAULTS), args);
  }
}

registerLayer(LpNormalization);
