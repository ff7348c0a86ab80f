/**
 * The norms of Keras 3.
 *
 * Sources: keras.io/api/layers/normalization_layers; that Keras sorts axes is in the `build` of its
 * `LayerNormalization` and `RMSNormalization`.
 *
 * @module
 */
import { resolveAxes, type Shape, sortPermutation } from "../basics/shape.ts";
import {
  axesLast,
  type Conventions,
  type FilledCase,
  fillIn,
  type ForeignLayer,
  type Place,
  reordered,
  type Spelling,
  statisticsWarning,
} from "./conventions.ts";

const STANDARDIZATION = { axis: -1 as number | number[], epsilon: 1e-3, scale: true, center: true };

const DATA: Readonly<Record<string, Place>> = { x: { name: "x" }, y: { name: "y" } };

/** One axis as a number, the last as -1, since some layers know that alone; several in ascending order. */
export function ascending(axes: readonly number[], { length: rank }: Shape): number | number[] {
  if (axes.length > 1) return axes.toSorted((a, b) => a - b);
  return axes[0] === rank - 1 ? -1 : axes[0]!;
}

/** Where a parameter is whose axes Normbench has in the order named, and the framework sorted. */
export function sorted(name: string, axes: readonly number[]): Place {
  const order = sortPermutation(axes);
  if (order.every((axis, i) => axis === i)) return { name };
  return { name, axes: order.map((_, axis) => order.indexOf(axis)) };
}

function affine({ options, axes }: FilledCase): Readonly<Record<string, Place>> {
  return {
    ...DATA,
    ...(options.scale && { gamma: sorted("gamma", axes) }),
    ...(options.center && { beta: sorted("beta", axes) }),
  };
}

function perSample(layer: string, of: FilledCase, more: Spelling["options"] = {}): Spelling {
  const { axes, shape, options: { epsilon, scale, center } } = of;
  return {
    layer,
    options: { ...more, axis: ascending(axes, shape), epsilon, scale, center },
    call: "layer(x)",
    places: affine(of),
    warnings: statisticsWarning(layer, of),
  };
}

function batch(of: FilledCase): Spelling {
  const { axes, shape, options } = of;
  const { epsilon, scale, center, momentum, unbiasedVariance, training, trainable } = options;
  return {
    layer: "BatchNormalization",
    options: {
      ...{ axis: ascending(axes, shape), momentum, epsilon, scale, center },
      ...(!trainable && { trainable }),
    },
    call: `layer(x, training=${training ? "True" : "False"})`,
    places: {
      ...affine(of),
      movingMean: { name: "moving_mean" },
      movingVariance: { name: "moving_variance" },
    },
    running: { momentum: "kept", variance: "biased" },
    warnings: unbiasedVariance
      ? [
        "Keras follows the biased variance: unbiasedVariance: true has no equal. What a training " +
        "has gathered can be carried over; further steps differ by n/(n-1)",
      ]
      : [],
  };
}

function rms(of: FilledCase): Spelling {
  const { axes, shape, options: { epsilon, scale } } = of;
  const layer = "RMSNormalization";
  const ordered = axes.toSorted((a, b) => a - b);
  const order = axesLast(shape.length, ordered);
  const isLast = order.every((axis, i) => axis === i);
  const axis = ordered.map((_, i) => shape.length - ordered.length + i);
  const like = ordered.map((each) => shape[each]!);
  return {
    layer,
    options: { axis: ascending(axis, shape), epsilon },
    call: "layer(x)",
    places: {
      x: reordered("x", order),
      y: reordered("y", order),
      ...(scale && { gamma: sorted("scale", axes) }),
    },
    ...(!scale && { constants: { scale: { value: 1, like } } }),
    warnings: [
      ...(isLast ? [] : [
        "RMSNormalization lays its scale along the last axes, whatever axis it normalizes: transpose " +
        "the data, as the places of x and y say",
      ]),
      ...(scale ? [] : ["RMSNormalization always has a scale: keep it 1, and do not train it"]),
      ...statisticsWarning(layer, of),
    ],
  };
}

/** The options that layers have in common, and what the program that uses them names besides. */
const COMMON = ["name", "dtype"];

function grouped(foreign: ForeignLayer) {
  const { shape } = foreign;
  const { groups, ...options } = fillIn(foreign, { groups: 32, ...STANDARDIZATION }, ...COMMON);
  const isInstance = groups === -1;
  return isInstance
    ? { norm: "instance", shape, options }
    : { norm: "group", shape, options: { groups, ...options } };
}

/** Keras 3. */
export const KERAS: Conventions = {
  title: "Keras 3",
  norms: {
    batch,
    layer: (of) => perSample("LayerNormalization", of),
    group: (of) => perSample("GroupNormalization", of, { groups: of.options.groups }),
    instance: (of) => perSample("GroupNormalization", of, { groups: -1 }),
    rms,
  },
  layers: {
    BatchNormalization(foreign) {
      const defaults = { momentum: 0.99, ...STANDARDIZATION, trainable: true };
      const { trainable, ...options } = fillIn(foreign, defaults, ...COMMON);
      return {
        norm: "batch",
        shape: foreign.shape,
        options: { ...options, ...(!trainable && { trainable }) },
      };
    },
    LayerNormalization: (foreign) => ({
      norm: "layer",
      shape: foreign.shape,
      options: listed(fillIn(foreign, STANDARDIZATION, ...COMMON), foreign.shape),
    }),
    GroupNormalization: grouped,
    RMSNormalization(foreign) {
      const { shape } = foreign;
      const defaults = { axis: -1 as number | number[], epsilon: 1e-6 };
      const { axis, epsilon } = fillIn(foreign, defaults, ...COMMON);
      const axes = resolveAxes(axis, shape.length);
      if (axes.some((each) => each < shape.length - axes.length)) {
        throw new RangeError(
          `RMSNormalization with axis ${axis} lays its scale along the last axes: no norm does that`,
        );
      }
      return { norm: "rms", shape, options: { axis, epsilon } };
    },
  },
};

/** A single axis before the last as a list, since its number alone has two meanings. */
export function listed<O extends { readonly axis: number | number[] }>(
  { axis, ...options }: O,
  { length: rank }: Shape,
): Omit<O, "axis"> & { readonly axis: number | number[] } {
  const isPlain = Array.isArray(axis) || resolveAxes(axis, rank)[0] === rank - 1;
  return { axis: isPlain ? axis : [axis], ...options };
}
