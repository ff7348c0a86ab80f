/**
 * How a norm lays its input out: which elements share statistics, and which share a gamma and a beta.
 *
 * Batch, layer, group and instance norm are one computation, standardize then scale and shift, under
 * different arrangements. Tensors and oracle follow the same arrangement, each with its own reshape.
 *
 * @module
 */
import {
  dropAxes,
  keepAxes,
  lengthOf,
  type NamedAxes,
  namedAxes,
  onlyAxis,
  otherAxes,
  range,
  type Shape,
  sortPermutation,
} from "./shape.ts";

/** The layout of one standardization. */
export interface Arrangement {
  /** The shape that `x` is viewed in. */
  readonly shape: Shape;
  /** The axes of that view over which mean and variance are taken. */
  readonly axes: readonly number[];
  /** Shape of mean and deviation as the user gets them. */
  readonly statisticsShape: Shape;
  /** The axes of `x` that gamma and beta vary along, in the order in which the user holds them. */
  readonly parameterAxes: readonly number[];
  /** Shape of gamma and beta as the user holds them. */
  readonly parameterShape: Shape;
  /** Brings the axes of gamma and beta into ascending order. */
  readonly parameterPermutation: readonly number[];
  /** The shape in which a permuted gamma or beta broadcasts onto the view. */
  readonly parameterView: Shape;
}

/** How data are seen; parameters have their axes in ascending order. */
export type View = Pick<Arrangement, "shape" | "axes" | "parameterView">;

/** Neighbouring axes with the same role, as one. */
export interface Run {
  readonly length: number;
  /** Whether statistics are taken over them. */
  readonly reduced: boolean;
  /** Whether parameters vary along them. */
  readonly parameter: boolean;
}

/** The runs of a view, without axes of length 1. */
export function runsOf({ shape, axes, parameterView }: View): Run[] {
  const runs: Run[] = [];
  for (const axis of range(shape.length)) {
    const length = lengthOf(shape, axis);
    if (length === 1) continue;
    const run = { length, reduced: axes.includes(axis), parameter: parameterView[axis] !== 1 };
    const last = runs.at(-1);
    if (last?.reduced === run.reduced && last.parameter === run.parameter) {
      runs[runs.length - 1] = { ...last, length: last.length * length };
    } else {
      runs.push(run);
    }
  }
  return runs;
}

/** The same elements in the same groups, in as few axes as their order allows. */
export function mergeAxes(view: View): View {
  const runs = runsOf(view);
  // A reduction needs an axis.
  if (!runs.some(({ reduced }) => reduced)) {
    runs.push({ length: 1, reduced: true, parameter: false });
  }
  return {
    shape: runs.map(({ length }) => length),
    axes: range(runs.length).filter((axis) => runs[axis]!.reduced),
    parameterView: runs.map(({ length, parameter }) => parameter ? length : 1),
  };
}

/** Statistics over every axis but one, a parameter for each element of that one: batch norm. */
export function perFeature(shape: Shape, axis: number): Arrangement {
  const axes = [onlyAxis(axis, shape.length)];
  return {
    shape,
    axes: otherAxes(axes, shape.length),
    statisticsShape: axes.map((a) => lengthOf(shape, a)),
    parameterAxes: axes,
    parameterShape: axes.map((a) => lengthOf(shape, a)),
    parameterPermutation: [0],
    parameterView: keepAxes(shape, axes),
  };
}

/** Statistics over the axes named, a parameter for each of their elements, in that order: layer norm. */
export function perSample(shape: Shape, named: NamedAxes = {}): Arrangement {
  const axes = namedAxes(named, shape.length);
  return {
    shape,
    axes: [...axes].sort((a, b) => a - b),
    statisticsShape: dropAxes(shape, axes),
    parameterAxes: axes,
    parameterShape: axes.map((a) => lengthOf(shape, a)),
    parameterPermutation: sortPermutation(axes),
    parameterView: keepAxes(shape, axes),
  };
}

/**
 * Statistics over the positions and a group of channels of one sample, a parameter for each channel:
 * group norm, and instance norm with as many groups as channels.
 *
 * @throws {RangeError} if the channel axis is the batch axis, or `groups` does not divide its length.
 */
export function perGroup(shape: Shape, axis: number, groups: number): Arrangement {
  const channelAxis = onlyAxis(axis, shape.length);
  if (channelAxis === 0) {
    throw new RangeError("axis 0 holds the samples: name another axis for the channels");
  }
  const channels = lengthOf(shape, channelAxis);
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new RangeError(
      `groups ${groups} does not divide the ${channels} channels of axis ${channelAxis}: use a divisor`,
    );
  }
  const view = shape.toSpliced(channelAxis, 1, groups, channels / groups);
  const grouped = [channelAxis, channelAxis + 1];
  return {
    shape: view,
    axes: range(view.length).filter((a) => a !== 0 && a !== channelAxis),
    statisticsShape: [lengthOf(shape, 0), groups],
    parameterAxes: [channelAxis],
    parameterShape: [channels],
    parameterPermutation: [0],
    parameterView: keepAxes(view, grouped),
  };
}
