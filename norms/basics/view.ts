/**
 * Data, gamma and beta in the view that statistics are taken in, of few enough axes for every backend.
 *
 * @module
 */
import * as tf from "./tf.ts";
import { type Arrangement, mergeAxes } from "./arrangement.ts";
import { lengthOf, otherAxes, range, type Shape, size } from "./shape.ts";
import { sumTo } from "./statistics.ts";

/** The tensor in another shape; itself where it has that shape, since every operation costs time. */
export function view(tensor: tf.Tensor, shape: Shape): tf.Tensor {
  return tf.util.arraysEqual(tensor.shape, [...shape]) ? tensor : tf.reshape(tensor, [...shape]);
}

/**
 * The most axes that every operation takes on every backend.
 *
 * With more, wasm computes wrong results without an error (sums and products from 7 axes on), webgpu
 * refuses 7, and TensorFlow a broadcast along 6 that alternate.
 */
export const MOST_AXES = 5;

/** Brings axes into this order, of any number. */
export function permute(tensor: tf.Tensor, order: readonly number[]): tf.Tensor {
  if (order.every((axis, i) => axis === i)) return tensor;
  if (tensor.rank <= MOST_AXES) return tf.transpose(tensor, [...order]);
  let moved = tensor;
  const axes = range(tensor.rank);
  for (const [to, axis] of order.entries()) {
    const from = axes.indexOf(axis);
    if (from === to) continue;
    const count = (start: number, end?: number) =>
      size(axes.slice(start, end).map((axis) => lengthOf(tensor.shape, axis)));
    const around = [count(0, to), count(to, from), count(from, from + 1), count(from + 1)];
    moved = tf.transpose(tf.reshape(moved, around), [0, 2, 1, 3]);
    axes.splice(to, 0, ...axes.splice(from, 1));
  }
  return tf.reshape(moved, order.map((axis) => lengthOf(tensor.shape, axis)));
}

/**
 * Repeats a tensor, seen in the shape `from`, along the axes that are 1 there, of any number.
 *
 * The gradient is summed in blocks, as all sums here are, and has the shape of the tensor.
 */
export function broadcastTo(tensor: tf.Tensor, from: Shape, to: Shape): tf.Tensor {
  return tf.customGrad(() => {
    const value = range(to.length).reduce((partial, axis) => {
      if (from[axis] === to[axis]) return partial;
      const outer = size(to.slice(0, axis));
      const repeated = [outer, lengthOf(to, axis), size(from.slice(axis + 1))];
      return tf.broadcastTo(tf.reshape(partial, [outer, 1, -1]), repeated);
    }, tensor);
    return {
      value: tf.reshape(value, [...to]),
      gradFunc: (dy: tf.Tensor) => tf.reshape(sumTo(dy, from), tensor.shape),
    };
  })(tensor);
}

/** Brings the axes of a parameter into ascending order. */
export function sorted(
  parameter: tf.Tensor | undefined,
  { parameterPermutation }: Arrangement,
): tf.Tensor | undefined {
  return parameter && permute(parameter, parameterPermutation);
}

/** Brings a parameter into the shape that broadcasts onto the arrangement's view of `x`. */
export function arrange(
  parameter: tf.Tensor | undefined,
  arrangement: Arrangement,
): tf.Tensor | undefined {
  return parameter && view(sorted(parameter, arrangement)!, arrangement.parameterView);
}

/** Data in a view that every backend can compute with. */
interface Viewed {
  readonly x: tf.Tensor;
  /** Ascending axes of the view that share statistics. */
  readonly axes: readonly number[];
  /** Brings a parameter into a shape that broadcasts onto the view. */
  parameter(tensor: tf.Tensor | undefined): tf.Tensor | undefined;
  /** Brings a tensor of the view's shape back into that of the data. */
  restore(y: tf.Tensor): tf.Tensor;
}

/** Sees data as the arrangement has them, and those of many axes with neighbours merged. */
export function viewed(x: tf.Tensor, arrangement: Arrangement): Viewed {
  const { shape, axes, parameterView } = x.rank > MOST_AXES ? mergeAxes(arrangement) : arrangement;
  const parameter: Viewed["parameter"] = (tensor) =>
    arrange(tensor, { ...arrangement, parameterView });
  const restore = (y: tf.Tensor) => view(y, x.shape);
  if (x.rank <= MOST_AXES || shape.length <= MOST_AXES) {
    return { x: view(x, shape), axes, parameter, restore };
  }
  // Merging is not enough for scattered axes: those that share statistics go to the end.
  const order = [...otherAxes(axes, shape.length), ...axes];
  const inOrder = (lengths: Shape) => order.map((axis) => lengthOf(lengths, axis));
  const few = mergeAxes({
    shape: inOrder(shape),
    axes: range(shape.length).slice(-axes.length),
    parameterView: inOrder(parameterView),
  });
  return {
    x: view(permute(view(x, shape), order), few.shape),
    axes: few.axes,
    parameter: (tensor) => tensor && view(permute(parameter(tensor)!, order), few.parameterView),
    restore: (y) =>
      restore(permute(view(y, inOrder(shape)), order.map((_, axis) => order.indexOf(axis)))),
  };
}
