/**
 * Batch normalization.
 *
 * @module
 */
import * as tf from "./basics/tf.ts";
import { perFeature } from "./basics/arrangement.ts";
import { onEachBackend } from "./fused/backends.ts";
import { fusedPrediction, fusedStandardization } from "./fused/fused.ts";
import { nativeFollow } from "./fused/tensorflow/tensorflow_kernels.ts";
import type { ByFusedBackend, Implementation, InputSpec, Norm } from "./basics/norm.ts";
import type { Follow } from "./basics/statistics.ts";
import {
  applyRunning,
  type Predict,
  predictions,
  runningImplementation,
  runningInputs,
  type RunningNorm,
  type Train,
} from "./frames/running_norm.ts";
import type { Shape } from "./basics/shape.ts";
import {
  analyticGraph,
  analyticSimplified,
  composed,
  inView,
  type StandardizeArranged,
} from "./basics/standardization.ts";
import {
  type BatchNormOptions,
  DEFAULT_EPSILON,
  type Defaults,
  layerDefaults,
  RUNNING_DEFAULTS,
  usesBatchStatistics,
  varianceCorrection,
} from "./basics/options.ts";
import { batchNormOracle } from "./oracle/batch_norm.ts";
import { layerSubject } from "./basics/subject.ts";
import { runningTextbook } from "./textbook/running_statistics.ts";
import { STEPS } from "./textbook/standardization.ts";
import type { Layer, Tensor } from "./basics/tensor.ts";
import { type LayerOptions, NormLayer, type NormLayerArgs } from "./layers/norm_layer.ts";
import { registerLayer, stockLayer } from "./layers/stock.ts";

const DEFAULTS: Defaults<BatchNormOptions> = {
  ...RUNNING_DEFAULTS,
  axis: -1,
  unbiasedVariance: false,
};

const RUNNING: RunningNorm<BatchNormOptions> = {
  movingSpread: "movingVariance",
  arrangement: (shape, { axis = -1 }) => perFeature(shape, axis),
  correction: varianceCorrection,
};

function inputs(shape: Shape, options: BatchNormOptions): InputSpec[] {
  const specs = runningInputs(RUNNING, shape, options);
  const layout = RUNNING.arrangement(shape, options);
  if (usesBatchStatistics(options) && !Number.isFinite(varianceCorrection(layout, options))) {
    throw new RangeError(
      "an unbiased variance of one value does not exist: give a larger batch, or leave unbiasedVariance out",
    );
  }
  return specs;
}

const predict = predictions<BatchNormOptions>(
  RUNNING,
  (variance, epsilon) => tf.sqrt(tf.add(variance, epsilon)),
);

function implementation(
  standardize: StandardizeArranged,
  prediction: Predict<BatchNormOptions>,
  follow?: Follow,
): Implementation<BatchNormOptions> {
  const train: Train<BatchNormOptions> = (tensors, layout, { epsilon = DEFAULT_EPSILON }) =>
    standardize(tensors, layout, epsilon);
  return runningImplementation(RUNNING, train, prediction, follow);
}

/** For backends on which many small operations are slow. */
const FUSED_FOLLOW: ByFusedBackend<Follow> = { tensorflow: nativeFollow };

/** The record of batch norm. */
export const batchNorm: Norm<
  BatchNormOptions,
  "batch",
  "x" | "gamma" | "beta" | "movingMean" | "movingVariance"
> = {
  name: "batch",
  title: "Batch normalization",
  formula: "y = gamma (x - mean) / sqrt(variance + epsilon) + beta, statistics per feature",
  source: "Ioffe & Szegedy 2015, arXiv:1502.03167",
  inputNames: ["x", "gamma", "beta", "movingMean", "movingVariance"],
  defaults: DEFAULTS,
  normalized: "x",
  inputs,
  groups: RUNNING.arrangement,
  implementations: {
    composed: implementation(inView(composed), predict.composed),
    analytic: implementation(inView(analyticSimplified), predict.analytic),
    "analytic-graph": implementation(inView(analyticGraph), predict.analytic),
  },
  fused: onEachBackend((kernels, backend) =>
    implementation(
      fusedStandardization(kernels),
      (tensors, layout, { epsilon = DEFAULT_EPSILON }) =>
        fusedPrediction(kernels)(tensors, layout, epsilon),
      FUSED_FOLLOW[backend],
    )
  ),
  oracle: batchNormOracle,
  references: { "tf.layers": layerSubject(stockBatchNorm) },
  textbook: runningTextbook<BatchNormOptions>(
    { ...STEPS, layout: RUNNING.arrangement },
    "movingVariance",
    varianceCorrection,
  ),
  traffic: { forward: 2, backward: 3 },
  layer: (options) => new BatchNormalization(options),
  counterpart: stockBatchNorm,
  networkOptions: (_shape, { epsilon, momentum }) => ({ epsilon, momentum }),
  colour: "#2381c4",
};

function stockBatchNorm(options: BatchNormOptions): Layer {
  const { unbiasedVariance, training: _, ...config } = { ...DEFAULTS, ...options };
  if (unbiasedVariance) {
    throw new Error("tf.layers.batchNormalization has no option for an unbiased running variance");
  }
  return stockLayer("batchNormalization", config);
}

/** What {@linkcode batchNormalization} takes in addition to `x`. */
export interface BatchNormArguments
  extends Omit<BatchNormOptions, "scale" | "center" | "trainable"> {
  /** Shape `[features]`, or one that broadcasts to it or to `x`. Left out: 1. */
  readonly gamma?: Tensor;
  /** As `gamma`. Left out: 0. */
  readonly beta?: Tensor;
  /** Running mean, shape `[features]`. Left out: 0, as before the first step. */
  readonly movingMean?: Tensor;
  /** Running variance, shape `[features]`, not negative. Left out: 1, as before the first step. */
  readonly movingVariance?: Tensor;
  /** `composed` (default), `analytic`, `analytic-graph`, or `fused` where the backend has kernels for it. */
  readonly implementation?: string;
}

/** What {@linkcode batchNormalization} returns. */
export interface BatchNormResult {
  /** Shape of `x`. */
  readonly y: Tensor;
  /** The running mean after this step, shape `[features]`. */
  readonly movingMean: Tensor;
  /** The running variance after this step, shape `[features]`. */
  readonly movingVariance: Tensor;
}

/**
 * Normalizes every feature over the batch, or with running statistics.
 *
 *     y = gamma (x - mean) / sqrt(variance + epsilon) + beta
 *     movingMean = momentum movingMean + (1 - momentum) mean        (training; variance likewise)
 *
 * Mean and biased variance are taken over every axis but `axis`: over N for [N, D], over N, H and W for
 * [N, H, W, C]. Ioffe & Szegedy 2015, arXiv:1502.03167.
 *
 * Frameworks differ: momentum here and in Keras is the share that is kept, in PyTorch the share that is
 * new; the running variance is biased here, in Keras 3 and in `tf.layers`, unbiased (n/(n-1)) in
 * PyTorch; epsilon is 1e-3 here and in Keras, 1e-5 in PyTorch.
 *
 * @param x float32, rank 1 or more.
 * @throws {RangeError} if axis, momentum or epsilon is out of range, a shape does not fit or has two
 * meanings, or `movingVariance` is negative (on webgpu that is not looked at).
 * @throws {TypeError} if there is no such option, or a tensor is not float32.
 *
 * @example
 * ```ts
 * import { ones, randomNormal } from "npm:@tensorflow/tfjs@4.22.0";
 * import { batchNormalization } from "../mod.ts";
 *
 * const x = randomNormal([64, 28, 28, 8]);
 * const { y, movingMean } = batchNormalization(x, { gamma: ones([8]), training: true });
 * ```
 */
export function batchNormalization(
  x: Tensor,
  options: BatchNormArguments = {},
): BatchNormResult {
  const { y, movingMean, movingVariance } = applyRunning(batchNorm, x, options);
  return { y: y!, movingMean: movingMean!, movingVariance: movingVariance! };
}

/** What {@linkcode BatchNormalization} takes. */
export type BatchNormalizationArgs = LayerOptions<BatchNormOptions> & NormLayerArgs;

/**
 * {@linkcode batchNormalization} as a layer, which holds the running statistics.
 *
 * Weights: `gamma`, `beta` (learned), `moving_mean`, `moving_variance` (followed), each of the length
 * of `axis`.
 *
 * A frozen layer (`trainable = false`) normalizes with running statistics even in training, and
 * leaves them as they are: so does Keras, whereas `tf.layers.batchNormalization` still uses and follows
 * the batch. `tf.layers` also fails in training without `scale` or `center`, off the last axis of
 * rank 4, and from rank 5 on.
 *
 * @throws {RangeError} from the constructor if there is no such implementation; from `build` if axis,
 * momentum or epsilon is out of range, or the length of `axis` is not fixed.
 * @throws {TypeError} if there is no such option.
 *
 * @example
 * ```ts
 * import * as tf from "npm:@tensorflow/tfjs@4.22.0";
 * import { BatchNormalization } from "./mod.ts";
 *
 * const model = tf.sequential({
 *   layers: [
 *     tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3, useBias: false }),
 *     new BatchNormalization({ momentum: 0.9 }),
 *     tf.layers.activation({ activation: "relu" }),
 *   ],
 * });
 * ```
 */
export class BatchNormalization extends NormLayer<BatchNormOptions> {
  /** The name that models are saved with; it leaves that of `tf.layers` alone. */
  static readonly className = "NormbenchBatchNormalization";

  /** Takes the options of the norm, and those of every layer. */
  constructor(args: BatchNormalizationArgs = {}) {
    super(batchNorm, layerDefaults(DEFAULTS), args);
  }
}

registerLayer(BatchNormalization);
