/**
 * Root-mean-square normalization.
 *
 * @module
 */
import * as tf from "./basics/tf.ts";
import { type Affine, affineByHand, affineInUnit } from "./basics/standardization.ts";
import { applyFunction } from "./frames/apply.ts";
import { perSample } from "./basics/arrangement.ts";
import { onEachBackend } from "./fused/backends.ts";
import { fusedRootMeanSquare } from "./fused/fused.ts";
import type { Kernels } from "./fused/kernel_interface.ts";
import { affineSpecs, dataSpec, type Implementation, type Norm } from "./basics/norm.ts";
import {
  checkEpsilon,
  type Defaults,
  layerDefaults,
  RMS_EPSILON,
  type RMSNormOptions,
} from "./basics/options.ts";
import {
  type NormWithInverseRms,
  returnedStatistics,
  type ReturningStatistics,
} from "./basics/returned_statistics.ts";
import { viewed } from "./basics/view.ts";
import { addEpsilon, constant, GradientUnit, largestMagnitude, mean } from "./basics/statistics.ts";
import { range, reductionLength } from "./basics/shape.ts";
import { layerSubject } from "./basics/subject.ts";
import { rmsNormOracle } from "./oracle/rms_norm.ts";
import type { Tensor } from "./basics/tensor.ts";
import { standardizationTextbook, STEPS } from "./textbook/standardization.ts";
import { type LayerOptions, NormLayer, type NormLayerArgs } from "./layers/norm_layer.ts";
import { registerLayer, stockLayer } from "./layers/stock.ts";

const DEFAULTS: Defaults<RMSNormOptions> = {
  training: false,
  axis: -1,
  fromAxis: undefined,
  epsilon: RMS_EPSILON,
  scale: true,
  returnStatistics: false,
};

/** x / rms(x) of data scaled down so that its squares do not overflow, and what is needed to go back. */
function forward(x: Tensor, axes: readonly number[], epsilon: number) {
  const scale = constant(() => tf.maximum(largestMagnitude(x, axes), 1));
  const unit = new GradientUnit(x, axes);
  const z = unit.divide(x, scale);
  const rms = tf.sqrt(addEpsilon(mean(tf.square(z), axes), epsilon, scale));
  return { xhat: tf.div(z, rms), rms, scale, unit };
}

type Forward = ReturnType<typeof forward>;

function inView(
  apply: (x: Tensor, axes: readonly number[], pass: Forward, parameters: Affine) => Tensor,
): Implementation<RMSNormOptions> {
  return ({ x, gamma }, options) => {
    const layout = perSample(x!.shape, options);
    const seen = viewed(x!, layout);
    const parameters = { gamma: seen.parameter(gamma), beta: undefined };
    const pass = forward(seen.x, seen.axes, options.epsilon ?? RMS_EPSILON);
    const inverse = () => tf.div(1, tf.mul(pass.rms, pass.scale));
    return {
      y: seen.restore(apply(seen.x, seen.axes, pass, parameters)),
      ...returnedStatistics(options, x!, layout, { inverse }),
    };
  };
}

const composed = inView((_x, _axes, { xhat, unit }, parameters) =>
  affineInUnit(xhat, parameters, unit)
);

/** dx = (dxhat - xhat mean(dxhat xhat)) / rms. */
const analytic = inView((x, axes, { xhat, rms, scale }, parameters) =>
  affineByHand(x, {
    xhat,
    saved: [tf.mul(rms, scale)],
    count: reductionLength(x.shape, axes),
    dx: (dxhat, xhat, [rms], unit) => {
      const projection = tf.mul(xhat, mean(tf.mul(dxhat, xhat), axes));
      return tf.div(tf.sub(dxhat, projection), tf.mul(rms!, unit));
    },
  }, parameters)
);

/** One pass forward and one backward, on our own kernels. */
function fused(kernels: Kernels): Implementation<RMSNormOptions> {
  const rootMeanSquare = fusedRootMeanSquare(kernels);
  return (tensors, options) => {
    const x = tensors["x"]!;
    const layout = perSample(x.shape, options);
    const { y, inverse } = rootMeanSquare(tensors, layout, options.epsilon ?? RMS_EPSILON);
    return { y, ...returnedStatistics(options, x, layout, { inverse }) };
  };
}

/** The record of RMS norm. */
export const rmsNorm: Norm<RMSNormOptions, "rms", "x" | "gamma"> = {
  name: "rms",
  title: "Root-mean-square normalization",
  formula: "y = gamma x / sqrt(mean(x^2) + epsilon), statistics per sample",
  source: "Zhang & Sennrich 2019, arXiv:1910.07467",
  inputNames: ["x", "gamma"],
  normalized: "x",
  defaults: DEFAULTS,
  inputs(shape, options) {
    const { epsilon = RMS_EPSILON, scale = true } = options;
    checkEpsilon(epsilon);
    const layout = perSample(shape, options);
    return [dataSpec(shape), ...affineSpecs(layout, { scale, center: false })];
  },
  groups: perSample,
  implementations: { composed, analytic },
  fused: onEachBackend(fused),
  oracle: rmsNormOracle,
  references: {
    "tf.layers": layerSubject((options) =>
      stockLayer("rmsNormalization", { ...layerDefaults(DEFAULTS), ...options })
    ),
  },
  textbook: standardizationTextbook<RMSNormOptions>({
    ...STEPS,
    centred: false,
    takesAxisList: true,
    layout: perSample,
    defaultEpsilon: RMS_EPSILON,
    mean: () => tf.scalar(0),
    meanTerm: () => tf.scalar(0),
  }),
  traffic: { forward: 2, backward: 3 },
  layer: (options) => new RMSNormalization(options),
  networkOptions: (shape, { epsilon }) => ({ epsilon, axis: range(shape.length).slice(1) }),
  colour: "#e69f00",
};

/** What {@linkcode rmsNormalization} takes in addition to `x`. */
export interface RMSNormArguments
  extends Omit<RMSNormOptions, "training" | "scale" | "returnStatistics"> {
  /** Shape: the lengths of `axis`, in its order, or one that broadcasts to it or to `x`. Left out: 1. */
  readonly gamma?: Tensor;
  /** `composed` (default), `analytic`, or `fused` where the backend has kernels for it. */
  readonly implementation?: string;
}

/**
 * Divides every sample by the root of its mean square.
 *
 *     y = gamma x / sqrt(mean(x^2) + epsilon)
 *
 * Layer norm without the mean: an offset stays. Zhang & Sennrich 2019, arXiv:1910.07467.
 *
 * With `returnStatistics` it returns `{ y, inverseRms }`, of which the latter is 1 / sqrt(mean(x^2) +
 * epsilon), and has the shape of `x` with 1 for the axes of the statistics. It has a right gradient, of the
 * first order.
 *
 * Frameworks differ: epsilon is 1e-6 in Keras; PyTorch takes the machine epsilon of the dtype. A single
 * `axis` other than the last has two meanings, as in {@linkcode layerNormalization}, and is refused.
 *
 * @param x float32, rank 1 or more.
 * @returns float32, shape of `x`, or an object of that and the statistic.
 * @throws {RangeError} if an axis is out of range or repeated, or a single number other than the last axis;
 * if a shape does not fit, or has two meanings.
 * @throws {TypeError} if there is no such option, or a tensor is not float32.
 */
export function rmsNormalization<Asked extends boolean = false>(
  x: Tensor,
  options: RMSNormArguments & ReturningStatistics<Asked> = {},
): Asked extends true ? NormWithInverseRms : Tensor {
  const { y, ...statistics } = applyFunction(rmsNorm, x, options);
  const result = options.returnStatistics ? { y, ...statistics } : y;
  return result as Asked extends true ? NormWithInverseRms : Tensor;
}

/** What {@linkcode RMSNormalization} takes. */
export type RMSNormalizationArgs = LayerOptions<RMSNormOptions> & NormLayerArgs;

/**
 * {@linkcode rmsNormalization} as a layer, which `tf.layers` does not have.
 *
 * Weight: `gamma`, whose shape is the lengths of `axis` in the order of `axis`. `axis: 1` is that axis
 * alone, as in layer norm; `fromAxis: 1` is all from there to the last.
 *
 * @throws {RangeError} from the constructor if there is no such implementation; from `build` if an
 * axis is out of range or repeated, its length is not fixed, or epsilon is out of range.
 * @throws {TypeError} if there is no such option.
 */
export class RMSNormalization extends NormLayer<RMSNormOptions> {
  /** The name that models are saved with. */
  static readonly className = "NormbenchRMSNormalization";

  /** Takes the options of the norm, and those of every layer. */
  constructor(args: RMSNormalizationArgs = {}) {
    super(rmsNorm, layerDefaults(DEFAULTS), args);
  }
}

registerLayer(RMSNormalization);
