/**
 * The norms of ONNX: `BatchNormalization` (opset 15), `LayerNormalization` (17), `GroupNormalization` (21),
 * `RMSNormalization` (23) and `InstanceNormalization`.
 *
 * Source: onnx.ai/onnx/operators.
 *
 * @module
 */
import { lengthOf, type Shape } from "../basics/shape.ts";
import {
  axesLast,
  channelsFirst,
  checkRank,
  type Conventions,
  type FilledCase,
  fillIn,
  type ForeignLayer,
  type OwnNorm,
  type Place,
  reordered,
  required,
  type Spelling,
  statisticsWarning,
} from "./conventions.ts";

const EPSILON = 1e-5;

const CHANNELS = 1;

/** Ranks of data with samples and channels, and positions from `least` on. */
const ranksFrom = (least: number) => [2, 3, 4, 5, 6].filter((rank) => rank >= least);

/** The names that inputs have in the documentation of the operators; a model may have others. */
interface Names {
  readonly data: string;
  readonly scale: string;
  readonly bias?: string;
}

/** Scale and bias, which operators demand even where the norm has none. */
function affine(
  { options: { scale, center } }: FilledCase,
  names: Names,
  order: readonly number[],
  like: Shape,
  canOmitBias = false,
): Pick<Spelling, "places" | "constants"> {
  const { data, scale: gamma, bias: beta } = names;
  const places: Record<string, Place> = { x: reordered(data, order), y: reordered("Y", order) };
  const constants: Record<string, { value: number; like: Shape }> = {};
  if (scale) places["gamma"] = { name: gamma };
  else constants[gamma] = { value: 1, like };
  if (beta !== undefined) {
    if (center) places["beta"] = { name: beta };
    else if (!canOmitBias) constants[beta] = { value: 0, like };
  }
  return { places, ...(Object.keys(constants).length > 0 && { constants }) };
}

function perChannel(
  layer: string,
  of: FilledCase,
  names: Names,
  attributes: Spelling["options"] = {},
): Spelling {
  const { shape, axes: [axis = 1], options: { epsilon } } = of;
  return {
    layer,
    options: { epsilon, ...attributes },
    call: callOf(layer, names),
    ...affine(of, names, channelsFirst(shape.length, axis), [lengthOf(shape, axis)]),
    warnings: statisticsWarning(layer, of),
  };
}

function callOf(layer: string, { data, scale, bias }: Names): string {
  return `${layer}(${[data, scale, bias].filter((name) => name !== undefined).join(", ")})`;
}

function batch(of: FilledCase): Spelling {
  const { momentum, training, trainable, unbiasedVariance } = of.options;
  checkRank("BatchNormalization", of, ranksFrom(2));
  const learns = training && trainable;
  const spelling = perChannel("BatchNormalization", of, { data: "X", scale: "scale", bias: "B" }, {
    momentum,
    training_mode: learns ? 1 : 0,
  });
  return {
    ...spelling,
    call: "BatchNormalization(X, scale, B, input_mean, input_var)",
    places: {
      ...spelling.places,
      movingMean: { name: "input_mean" },
      movingVariance: { name: "input_var" },
    },
    running: { momentum: "kept", variance: "biased" },
    warnings: [
      ...spelling.warnings,
      ...(learns
        ? [
          "an operator keeps no state: with training_mode=1 its outputs 2 and 3 (running_mean, " +
          "running_var) are the next step's input_mean and input_var",
        ]
        : []),
      ...(unbiasedVariance && learns
        ? ["ONNX follows the biased variance: unbiasedVariance: true has no equal"]
        : []),
    ],
  };
}

/** Operators that normalize from an axis to the last. */
function fromAxis(layer: string, of: FilledCase, names: Names): Spelling {
  const { shape, axes, options: { epsilon } } = of;
  const order = axesLast(shape.length, axes);
  const lengths = axes.map((axis) => lengthOf(shape, axis));
  return {
    layer,
    options: { axis: -axes.length, epsilon },
    call: callOf(layer, names),
    ...affine(of, names, order, lengths, true),
    warnings: order.every((axis, i) => axis === i) ? [] : [
      `${layer} normalizes all axes from axis to the last: transpose the data, as the places of x ` +
      "and y say",
    ],
  };
}

/** Attributes are float32: 1e-5 is the float32 that is nearest. */
function attribute(value: number): number {
  return Math.fround(value);
}

/** ONNX. */
export const ONNX: Conventions = {
  title: "ONNX",
  norms: {
    batch,
    layer: (of) => fromAxis("LayerNormalization", of, { data: "X", scale: "Scale", bias: "B" }),
    rms(of) {
      const spelling = fromAxis("RMSNormalization", of, { data: "X", scale: "scale" });
      return {
        ...spelling,
        warnings: [
          ...spelling.warnings,
          ...statisticsWarning("RMSNormalization", of),
          "RMSNormalization came with opset 23",
        ],
      };
    },
    group(of) {
      checkRank("GroupNormalization", of, ranksFrom(3));
      const names = { data: "X", scale: "scale", bias: "bias" };
      const spelling = perChannel("GroupNormalization", of, names, {
        num_groups: of.options.groups,
      });
      return {
        ...spelling,
        warnings: [
          ...spelling.warnings,
          "before opset 21, GroupNormalization has one scale and bias for each group, not for each " +
          "channel: give it ones and zeros there, and scale and shift afterwards",
        ],
      };
    },
    instance(of) {
      checkRank("InstanceNormalization", of, ranksFrom(3));
      return perChannel("InstanceNormalization", of, { data: "input", scale: "scale", bias: "B" });
    },
  },
  layers: {
    BatchNormalization(foreign) {
      const defaults = { epsilon: EPSILON, momentum: 0.9 };
      const { epsilon, momentum } = fillIn(foreign, defaults, "training_mode");
      return {
        norm: "batch",
        shape: foreign.shape,
        options: { axis: CHANNELS, epsilon: attribute(epsilon), momentum: attribute(momentum) },
      };
    },
    LayerNormalization: (foreign) => lastOnes("layer", foreign),
    RMSNormalization: (foreign) => lastOnes("rms", foreign),
    GroupNormalization(foreign) {
      const defaults = { num_groups: required<number>(), epsilon: EPSILON };
      const { num_groups, epsilon } = fillIn(foreign, defaults, "stash_type");
      return {
        norm: "group",
        shape: foreign.shape,
        options: { axis: CHANNELS, groups: num_groups, epsilon: attribute(epsilon) },
      };
    },
    InstanceNormalization(foreign) {
      const { epsilon } = fillIn(foreign, { epsilon: EPSILON });
      return {
        norm: "instance",
        shape: foreign.shape,
        options: { axis: CHANNELS, epsilon: attribute(epsilon) },
      };
    },
  },
};

function lastOnes(norm: string, foreign: ForeignLayer): OwnNorm {
  const { axis, epsilon } = fillIn(foreign, { axis: -1, epsilon: EPSILON }, "stash_type");
  return {
    norm,
    shape: foreign.shape,
    options: { fromAxis: axis, epsilon: attribute(epsilon) },
  };
}
