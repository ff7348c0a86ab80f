/**
 * The norms of PyTorch 2.
 *
 * Sources: docs.pytorch.org/docs/stable/nn.html, the pages of `BatchNorm2d` (momentum, running variance),
 * `LayerNorm` (`normalized_shape`), `InstanceNorm2d` (`affine`), and of
 * `torch.nn.utils.parametrizations.weight_norm` (`dim=0`, `original0`, `original1`).
 *
 * @module
 */
import { lengthOf, type Shape } from "../basics/shape.ts";
import {
  axesLast,
  channelsFirst,
  checkRank,
  complement,
  type Conventions,
  type FilledCase,
  fillIn,
  type ForeignLayer,
  lastAxes,
  type OwnNorm,
  type Place,
  reordered,
  required,
  type Spelling,
  statisticsWarning,
} from "./conventions.ts";

const EPSILON = 1e-5;

/** The axis of the channels. */
const CHANNELS = 1;

/** The parameters, and what stands for one that the norm has not while the module has it. */
function affine(
  { options: { scale, center } }: FilledCase,
  order: readonly number[],
  like: Shape,
  constant: { readonly weight: boolean; readonly bias: boolean },
): Pick<Spelling, "places" | "constants" | "warnings"> {
  const constants = {
    ...(constant.weight && { weight: { value: 1, like } }),
    ...(constant.bias && { bias: { value: 0, like } }),
  };
  const names = Object.keys(constants);
  return {
    places: {
      x: reordered("x", order),
      y: reordered("y", order),
      ...(scale && { gamma: { name: "weight" } }),
      ...(center && { beta: { name: "bias" } }),
    },
    ...(names.length > 0 && { constants }),
    warnings: names.map((name) =>
      `the module cannot do without ${name} alone: keep it as the constant says, with ` +
      "requires_grad_(False)"
    ),
  };
}

/** Modules with channels on axis 1, whose `affine` switches weight and bias together. */
function perChannel(layer: string, of: FilledCase, options: Spelling["options"]): Spelling {
  const { shape, axes: [axis = 1], options: { epsilon, scale, center } } = of;
  const order = channelsFirst(shape.length, axis);
  const isAffine = scale || center;
  const parts = affine(of, order, [lengthOf(shape, axis)], {
    weight: isAffine && !scale,
    bias: isAffine && !center,
  });
  return {
    layer,
    options: { ...options, eps: epsilon, affine: isAffine },
    call: "module(x)",
    ...parts,
    warnings: [...parts.warnings, ...statisticsWarning(layer, of)],
  };
}

/** `BatchNorm2d` for images, and its like for other ranks. */
function numbered(name: string, of: FilledCase, dimensions: readonly number[]): string {
  checkRank(name, of, dimensions.map((_, i) => i + (name === "BatchNorm" ? 2 : 3)));
  return `${name}${dimensions[of.shape.length - (name === "BatchNorm" ? 2 : 3)]}d`;
}

function batch(of: FilledCase): Spelling {
  const { shape, axes: [axis = 1], options } = of;
  const { momentum, unbiasedVariance, training, trainable } = options;
  const learns = training && trainable;
  const spelling = perChannel(numbered("BatchNorm", of, [1, 1, 2, 3]), of, {
    num_features: lengthOf(shape, axis),
    momentum: complement(momentum),
  });
  return {
    ...spelling,
    call: learns ? "module.train()(x)" : "module.eval()(x)",
    places: {
      ...spelling.places,
      movingMean: { name: "running_mean" },
      movingVariance: { name: "running_var" },
    },
    running: { momentum: "new", variance: "unbiased" },
    warnings: [
      ...spelling.warnings,
      ...(unbiasedVariance || !learns ? [] : [
        "PyTorch's running variance follows n/(n-1) times that of the batch, and has no setting " +
        "for another: give Normbench unbiasedVariance: true",
      ]),
      ...(training && !trainable
        ? [
          "a frozen module still uses the batch in train(), and moves its running statistics: keep " +
          "it in eval(), and its parameters with requires_grad_(False)",
        ]
        : []),
    ],
  };
}

/** Modules that normalize the last axes. */
function lastOnes(
  layer: string,
  of: FilledCase,
  switches: Spelling["options"],
  constant: { readonly weight: boolean; readonly bias: boolean },
): Spelling {
  const { shape, axes, options: { epsilon } } = of;
  const order = axesLast(shape.length, axes);
  const lengths = axes.map((axis) => lengthOf(shape, axis));
  const parts = affine(of, order, lengths, constant);
  return {
    layer,
    options: { normalized_shape: lengths, eps: epsilon, ...switches },
    call: "module(x)",
    ...parts,
    warnings: [
      ...(order.every((axis, i) => axis === i) ? [] : [
        `${layer} normalizes the last axes only: transpose the data, as the places of x and y say`,
      ]),
      ...parts.warnings,
      ...statisticsWarning(layer, of),
    ],
  };
}

function layer(of: FilledCase): Spelling {
  const { scale, center } = of.options;
  const switches = {
    elementwise_affine: scale || center,
    ...(scale || center ? { bias: center } : {}),
  };
  return lastOnes("LayerNorm", of, switches, { weight: center && !scale, bias: false });
}

const WEIGHT = "parametrizations.weight";

function weight(of: FilledCase): Spelling {
  const { shape, options: { units, kernelSize, strides, padding, useBias } } = of;
  const isDense = kernelSize === undefined;
  // The output units are first, and images have channels first.
  const data = (name: string): Place => isDense ? { name } : { name, axes: [0, 2, 3, 1] };
  const isStrided = strides.some((stride) => stride !== 1);
  if (padding === "same" && isStrided) {
    throw new RangeError(
      'Conv2d has no padding "same" with strides: pad the data, and use "valid"',
    );
  }
  return {
    layer: isDense ? "Linear" : "Conv2d",
    options: isDense ? { in_features: shape.at(-1), out_features: units, bias: useBias } : {
      ...{ in_channels: shape.at(-1), out_channels: units, kernel_size: kernelSize },
      ...(isStrided && { stride: strides }),
      ...(padding === "same" && { padding }),
      bias: useBias,
    },
    call: "torch.nn.utils.parametrizations.weight_norm(module)(x)",
    places: {
      x: data("x"),
      y: data("y"),
      v: { name: `${WEIGHT}.original1`, axes: isDense ? [1, 0] : [2, 3, 1, 0] },
      g: { name: `${WEIGHT}.original0`, ones: isDense ? 1 : 3 },
      ...(useBias && { bias: { name: "bias" } }),
    },
    warnings: [],
  };
}

/** Options that repeat what the shape says, or that a program names besides. */
const IMPLIED = ["device", "dtype"];

function batchOf(foreign: ForeignLayer): OwnNorm {
  const defaults = { eps: EPSILON, momentum: 0.1, affine: true };
  const { eps, momentum, affine } = fillIn(foreign, defaults, "num_features", ...IMPLIED);
  return {
    norm: "batch",
    shape: foreign.shape,
    options: {
      axis: CHANNELS,
      epsilon: eps,
      momentum: complement(momentum),
      unbiasedVariance: true,
      scale: affine,
      center: affine,
    },
  };
}

function instanceOf(foreign: ForeignLayer): OwnNorm {
  const defaults = { eps: EPSILON, affine: false };
  // Without running statistics, momentum changes nothing.
  const implied = ["num_features", "momentum", ...IMPLIED];
  const { eps, affine } = fillIn(foreign, defaults, ...implied);
  return {
    norm: "instance",
    shape: foreign.shape,
    options: { axis: CHANNELS, epsilon: eps, scale: affine, center: affine },
  };
}

/** A length alone stands for a list of it. */
function asShape(normalized: number | Shape): Shape {
  return typeof normalized === "number" ? [normalized] : normalized;
}

/** PyTorch 2. */
export const PYTORCH: Conventions = {
  title: "PyTorch 2",
  norms: {
    batch,
    layer,
    group: (of) => {
      checkRank("GroupNorm", of, [2, 3, 4, 5, 6]);
      return perChannel("GroupNorm", of, {
        num_groups: of.options.groups,
        num_channels: lengthOf(of.shape, of.axes[0]!),
      });
    },
    instance: (of) =>
      perChannel(numbered("InstanceNorm", of, [1, 2, 3]), of, {
        num_features: lengthOf(of.shape, of.axes[0]!),
      }),
    rms: (of) =>
      lastOnes("RMSNorm", of, { elementwise_affine: of.options.scale }, {
        weight: false,
        bias: false,
      }),
    weight,
  },
  layers: {
    BatchNorm1d: batchOf,
    BatchNorm2d: batchOf,
    BatchNorm3d: batchOf,
    InstanceNorm1d: instanceOf,
    InstanceNorm2d: instanceOf,
    InstanceNorm3d: instanceOf,
    LayerNorm(foreign) {
      const { normalized_shape, eps, elementwise_affine, bias } = fillIn(foreign, {
        normalized_shape: required<number | Shape>(),
        eps: EPSILON,
        elementwise_affine: true,
        bias: true,
      }, ...IMPLIED);
      return {
        norm: "layer",
        shape: foreign.shape,
        options: {
          axis: lastAxes(foreign, asShape(normalized_shape)),
          epsilon: eps,
          scale: elementwise_affine,
          center: elementwise_affine && bias,
        },
      };
    },
    GroupNorm(foreign) {
      const defaults = { num_groups: required<number>(), eps: EPSILON, affine: true };
      const { num_groups, eps, affine } = fillIn(foreign, defaults, "num_channels", ...IMPLIED);
      return {
        norm: "group",
        shape: foreign.shape,
        options: {
          axis: CHANNELS,
          groups: num_groups,
          epsilon: eps,
          scale: affine,
          center: affine,
        },
      };
    },
    RMSNorm(foreign) {
      const { normalized_shape, eps, elementwise_affine } = fillIn(foreign, {
        normalized_shape: required<number | Shape>(),
        // Left out, it is the machine epsilon of a dtype that nothing here names.
        eps: required<number>(),
        elementwise_affine: true,
      }, ...IMPLIED);
      const axis = lastAxes(foreign, asShape(normalized_shape));
      return {
        norm: "rms",
        shape: foreign.shape,
        options: { axis, epsilon: eps, scale: elementwise_affine },
      };
    },
    Linear(foreign) {
      const defaults = { out_features: required<number>(), bias: true };
      const { out_features, bias } = fillIn(foreign, defaults, "in_features", ...IMPLIED);
      return {
        norm: "weight",
        shape: foreign.shape,
        options: { units: out_features, useBias: bias },
      };
    },
    Conv2d(foreign) {
      const { out_channels, kernel_size, stride, padding, bias } = fillIn(
        foreign,
        {
          out_channels: required<number>(),
          kernel_size: required<number | readonly [number, number]>(),
          stride: 1 as number | readonly [number, number],
          padding: "valid" as string | number,
          bias: true,
        },
        "in_channels",
        ...IMPLIED,
      );
      if (padding !== 0 && padding !== "valid" && padding !== "same") {
        throw new RangeError(`padding ${padding} of Conv2d has no translation: pad the data`);
      }
      const pair = (of: number | readonly [number, number]) =>
        typeof of === "number" ? [of, of] as const : of;
      const strides = pair(stride);
      const [samples, channels, ...positions] = foreign.shape as [number, number, ...number[]];
      return {
        norm: "weight",
        shape: [samples, ...positions, channels],
        options: {
          units: out_channels,
          kernelSize: pair(kernel_size),
          ...(strides.some((each) => each !== 1) && { strides }),
          ...(padding === "same" && { padding }),
          useBias: bias,
        },
      };
    },
  },
};
