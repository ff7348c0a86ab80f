/**
 * Shapes and axes: plain arithmetic that tensors and oracle share.
 *
 * @module
 */

/** Lengths of a tensor's axes. */
export type Shape = readonly number[];

export function size(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/**
 * Turns `axis` into non-negative axes, in the order given.
 *
 * @throws {RangeError} if an axis is not an integer in `[-rank, rank)`, is named twice, or none is given.
 */
export function resolveAxes(axis: number | readonly number[], rank: number): number[] {
  const given = [axis].flat();
  if (rank === 0) throw new RangeError("a scalar has no axis to take statistics over");
  if (given.length === 0) {
    throw new RangeError("axis is empty: name at least one axis to take statistics over");
  }
  const axes = given.map((a) => {
    if (!Number.isInteger(a) || a < -rank || a >= rank) {
      throw new RangeError(
        `axis ${a} is out of range for an input of rank ${rank}: use an integer from ${-rank} to ${
          rank - 1
        }`,
      );
    }
    return a < 0 ? a + rank : a;
  });
  const repeated = axes.find((a, i) => axes.indexOf(a) !== i);
  if (repeated !== undefined) {
    throw new RangeError(`axis ${repeated} is named twice in [${given.join(", ")}]: name it once`);
  }
  return axes;
}

/** Axes by their names, or as the first of those up to the last; the last alone where both are left out. */
export interface NamedAxes {
  /** The axis or axes that share statistics, in any order; default the last. */
  readonly axis?: number | readonly number[];
  /** The first of the axes that share statistics, up to the last; in place of `axis`. */
  readonly fromAxis?: number;
}

/**
 * The axes that are named, not negative, in the order given.
 *
 * @throws {RangeError} as {@linkcode resolveAxes}.
 * @throws {TypeError} if both `axis` and `fromAxis` are given.
 */
export function namedAxes({ axis, fromAxis }: NamedAxes, rank: number): number[] {
  if (fromAxis === undefined) return resolveAxes(axis ?? -1, rank);
  if (axis !== undefined) {
    throw new TypeError("axis and fromAxis both say which axes share statistics: give one of them");
  }
  return range(rank).slice(onlyAxis(fromAxis, rank));
}

/**
 * The one axis that is named, not negative.
 *
 * @throws {RangeError} as {@linkcode resolveAxes}, and if several are named.
 */
export function onlyAxis(axis: number | readonly number[], rank: number): number {
  const [only, ...others] = resolveAxes(axis, rank);
  if (others.length === 0) return only!;
  throw new RangeError(`axes ${[axis].flat().join(", ")} are several: name one`);
}

/**
 * Refuses a single axis by its number, unless it is the last: some read it as that axis alone, some as all
 * from there on, and both give a tensor of the same shape.
 *
 * @throws {RangeError} if `axis` is such a number.
 */
export function checkMeaning({ axis }: NamedAxes, rank: number): void {
  if (typeof axis !== "number" || resolveAxes(axis, rank)[0] === rank - 1) return;
  throw new RangeError(
    `axis ${axis} of rank ${rank} has two meanings: write axis: [${axis}] for that axis alone, as in ` +
      `tf.layers, or fromAxis: ${axis} for all from there to the last, as in ONNX`,
  );
}

/** The axes from 0 to `rank - 1` that `axes` does not name. */
export function otherAxes(axes: readonly number[], rank: number): number[] {
  return range(rank).filter((axis) => !axes.includes(axis));
}

/** The integers from 0 to `length - 1`. */
export function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

/** `shape` with every axis outside `axes` set to 1: what broadcasts a parameter of those axes. */
export function keepAxes(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((length, axis) => axes.includes(axis) ? length : 1);
}

/** `shape` with every axis in `axes` set to 1: what a reduction over them leaves. */
export function dropAxes(shape: Shape, axes: readonly number[]): number[] {
  return keepAxes(shape, otherAxes(axes, shape.length));
}

/** The length of `axis`, which must exist. */
export function lengthOf(shape: Shape, axis: number): number {
  const length = shape[axis];
  if (length === undefined) {
    throw new RangeError(`axis ${axis} does not exist in shape [${shape.join(", ")}]`);
  }
  return length;
}

/** Number of elements over which a reduction of `axes` runs. */
export function reductionLength(shape: Shape, axes: readonly number[]): number {
  return size(keepAxes(shape, axes));
}

/** The index of the element at a row-major position. */
export function indexAt(position: number, shape: Shape): number[] {
  const index: number[] = [];
  for (const length of shape.toReversed()) {
    index.unshift(position % length);
    position = Math.floor(position / length);
  }
  return index;
}

/** The permutation that sorts `axes` ascending: `axes[permutation[0]]` is the smallest. */
export function sortPermutation(axes: readonly number[]): number[] {
  return range(axes.length).sort((i, j) => lengthOf(axes, i) - lengthOf(axes, j));
}

/** The axes over which a value of `shape` must be summed to undo its broadcast to `target`. */
export function broadcastAxes(shape: Shape, target: Shape): number[] {
  return range(target.length).filter((axis) => shape[axis] === 1 && target[axis] !== 1);
}

/** `shape` with as many axes as `rank`: ones are put in front, or taken from there; else undefined. */
function withRank(shape: Shape, rank: number): number[] | undefined {
  const missing = rank - shape.length;
  if (missing >= 0) return [...Array<number>(missing).fill(1), ...shape];
  return shape.slice(0, -missing).every((length) => length === 1)
    ? shape.slice(-missing)
    : undefined;
}

/**
 * The shapes, of the rank of a parameter, in which a tensor broadcasts to it: as it lies against the
 * parameter itself, and as it lies against the data. Where these agree, there is one.
 *
 * @param given Shape of the tensor.
 * @param parameter The parameter's shape.
 * @param axes The axes of the data that the parameter's own stand for.
 * @param data Shape of the data.
 */
export function broadcastReadings(
  given: Shape,
  parameter: Shape,
  axes: readonly number[],
  data: Shape,
): number[][] {
  const againstData = withRank(given, data.length);
  const readings = [
    withRank(given, parameter.length),
    againstData?.every((length, axis) => length === 1 || axes.includes(axis))
      ? axes.map((axis) => lengthOf(againstData, axis))
      : undefined,
  ].filter((reading) =>
    reading !== undefined &&
    reading.every((length, i) => length === 1 || length === parameter[i])
  ) as number[][];
  const isNew = (reading: number[], i: number) =>
    readings.findIndex((other) => other.join() === reading.join()) === i;
  return readings.filter(isNew);
}

/** For each element of shape `to`, the position in shape `from` that broadcasts onto it. */
export function broadcastIndex(from: Shape, to: Shape): Int32Array {
  const missing = to.length - from.length;
  // What the first elements point to is what all others do, shifted by their place along the axes before.
  let index = new Int32Array(1);
  let stride = 1;
  for (let axis = to.length - 1; axis >= 0; axis--) {
    const length = lengthOf(to, axis);
    const own = axis < missing ? 1 : lengthOf(from, axis - missing);
    const wider = new Int32Array(index.length * length);
    for (let k = 0; k < length; k++) {
      const shift = own === 1 ? 0 : k * stride;
      const start = k * index.length;
      for (let i = 0; i < index.length; i++) wider[start + i] = index[i]! + shift;
    }
    index = wider;
    stride *= own;
  }
  return index;
}
