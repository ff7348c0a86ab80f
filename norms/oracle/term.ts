/**
 * Terms: {@linkcode Bounded} arrays that remember how they were computed, so that gradients can be taken.
 *
 * They have the methods of a tensor of TensorFlow.js, and the gradients its tape has, operation by
 * operation. A gradient is computed with bounds as a value is.
 *
 * @module
 */
import { broadcastIndex, dropAxes, range, resolveAxes, type Shape, size } from "../basics/shape.ts";
import {
  add,
  Bounded,
  broadcastShape,
  divide,
  gather,
  matMul,
  multiply,
  reshape,
  squareRoot,
  subtract,
  sum,
  transpose,
} from "./bounded.ts";
import type { Axes } from "./formula.ts";
import {
  ABS,
  apply,
  type Choice,
  ERF,
  EXP,
  largerOf,
  LOG,
  NEGATIVE,
  power,
  route,
  RSQRT,
  SIGMOID,
  TANH,
} from "./functions.ts";

/** Gradients of the operands, in their shapes or in those they were broadcast to. */
type Backward = (dy: Bounded) => readonly Bounded[];

/** The terms of one formula, in the order in which they were computed. */
export class Tape {
  readonly terms: Term[] = [];

  /** An array that the formula is given. */
  input(bounded: Bounded, isDifferentiable: boolean): Term {
    return this.record(bounded, [], undefined, isDifferentiable);
  }

  record(
    bounded: Bounded,
    operands: readonly Term[],
    backward?: Backward,
    isDifferentiable: boolean = operands.some((operand) => operand.isDifferentiable),
  ): Term {
    const term = new Term(this, this.terms.length, bounded, operands, backward, isDifferentiable);
    this.terms.push(term);
    return term;
  }

  /** Gradients of `sum(y dy)` with respect to `inputs`. */
  gradients(y: Term, dy: Bounded, inputs: readonly Term[]): Bounded[] {
    const parts: Bounded[][] = this.terms.map(() => []);
    parts[y.position]!.push(dy);
    for (const { position, operands, backward } of this.terms.toReversed()) {
      const gradient = total(parts[position]!);
      if (gradient === undefined) continue;
      parts[position] = [gradient];
      if (backward === undefined || !this.terms[position]!.isDifferentiable) continue;
      backward(gradient).forEach((part, i) => {
        const operand = operands[i]!;
        if (operand.isDifferentiable) parts[operand.position]!.push(reduceTo(part, operand.shape));
      });
    }
    return inputs.map(({ position, bounded }) =>
      parts[position]![0] ?? filled(0, bounded.shape, bounded)
    );
  }
}

/** The sum of gradients that reach a term, in any order. */
function total(parts: readonly Bounded[]): Bounded | undefined {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first;
  const stacked = concatenate(parts.map((part) => reshape(part, [1, ...part.shape])), 0);
  return reshape(sum(stacked, [0]), first.shape);
}

/** An array of the same number, computed with by what computes with `like`. */
function filled(value: number, shape: Shape, { arithmetic }: Bounded): Bounded {
  return Bounded.exact(new Float64Array(size(shape)).fill(value), shape, arithmetic);
}

function broadcast(a: Bounded, shape: Shape): Bounded {
  return a.shape.join() === shape.join() ? a : gather(a, broadcastIndex(a.shape, shape), shape);
}

/** Sums over what was broadcast. */
function reduceTo(a: Bounded, shape: Shape): Bounded {
  if (a.shape.join() === shape.join()) return a;
  const missing = a.shape.length - shape.length;
  const axes = range(a.shape.length).filter((axis) =>
    axis < missing || shape[axis - missing] !== a.shape[axis]
  );
  return reshape(axes.length === 0 ? a : sum(a, axes), shape);
}

/** Positions in an array of `shape` of the elements of its part from `begin`, of shape `part`. */
function positionsOf(shape: Shape, begin: readonly number[], part: Shape): Int32Array {
  let positions = Int32Array.of(0);
  let stride = size(shape);
  shape.forEach((length, axis) => {
    stride /= length;
    const along = range(part[axis]!).map((k) => (begin[axis]! + k) * stride);
    positions = Int32Array.from(
      { length: positions.length * along.length },
      (_, i) => positions[Math.floor(i / along.length)]! + along[i % along.length]!,
    );
  });
  return positions;
}

function slice(a: Bounded, begin: readonly number[], part: Shape): Bounded {
  return gather(a, positionsOf(a.shape, begin, part), part);
}

/** An array of zeros of this shape, with `a` in it from `begin`. */
function placed(a: Bounded, begin: readonly number[], shape: Shape): Bounded {
  const index = new Int32Array(size(shape)).fill(-1);
  positionsOf(shape, begin, a.shape).forEach((position, i) => index[position] = i);
  return gather(a, index, shape);
}

function concatenate(parts: readonly Bounded[], axis: number): Bounded {
  const shape = parts[0]!.shape.with(axis, parts.reduce((n, each) => n + each.shape[axis]!, 0));
  const begins = beginsOf(parts.map((part) => part.shape), axis);
  return parts.map((part, i) => placed(part, begins[i]!, shape)).reduce(overlay);
}

/** Where each of the shapes begins along the axis. */
function beginsOf(shapes: readonly Shape[], axis: number): number[][] {
  let begin = 0;
  return shapes.map((shape) => {
    const index = shape.map((_, i) => i === axis ? begin : 0);
    begin += shape[axis]!;
    return index;
  });
}

/** The sum of two arrays of which one is an exact zero wherever the other is not: nothing is rounded. */
function overlay(a: Bounded, b: Bounded): Bounded {
  const plus = (x: Float64Array, y: Float64Array) => x.map((each, i) => each + y[i]!);
  const outOfRange = a.outOfRange || b.outOfRange
    ? Uint8Array.from(a.values, (_, i) => (a.outOfRange?.[i] ?? 0) | (b.outOfRange?.[i] ?? 0))
    : undefined;
  return new Bounded(a.shape, plus(a.values, b.values), plus(a.careful, b.careful), {
    anyOrder: plus(a.anyOrder, b.anyOrder),
    outOfRange,
    arithmetic: a.arithmetic,
  });
}

/** The largest element over `axes`, which stay as axes of length 1. */
function largest(a: Bounded, axes: readonly number[]): Bounded {
  const shape = dropAxes(a.shape, axes);
  const groups = broadcastIndex(shape, a.shape);
  const best = new Int32Array(size(shape)).fill(-1);
  groups.forEach((g, i) => {
    if (best[g]! < 0 || a.values[i]! > a.values[best[g]!]!) best[g] = i;
  });
  const found = gather(a, best, shape);
  const widest = (bounds: Float64Array) => {
    const most = new Float64Array(best.length);
    groups.forEach((g, i) => most[g] = Math.max(most[g]!, bounds[i]!));
    return most;
  };
  const careful = widest(a.careful);
  const anyOrder = a.anyOrder === a.careful ? careful : widest(a.anyOrder);
  return new Bounded(shape, found.values, careful, { ...found, anyOrder });
}

/** Whether an element is the largest of its group: undecided among those that rounding, or a tie, may order. */
function isLargest(a: Bounded, axes: readonly number[]): (i: number) => Choice {
  const shape = dropAxes(a.shape, axes);
  const groups = broadcastIndex(shape, a.shape);
  const best = new Float64Array(size(shape)).fill(-Infinity);
  groups.forEach((g, i) => best[g] = Math.max(best[g]!, a.values[i]! - a.anyOrder[i]!));
  const rivals = new Int32Array(best.length);
  const mayBe = (i: number) => a.values[i]! + a.anyOrder[i]! >= best[groups[i]!]!;
  groups.forEach((g, i) => rivals[g]! += mayBe(i) ? 1 : 0);
  return (i) => !mayBe(i) ? 0 : rivals[groups[i]!] === 1 ? 1 : undefined;
}

/** Whether an element is above 0: undecided where rounding decides, and at 0 itself. */
function isAbove(a: Bounded): (i: number) => Choice {
  return (i) => Math.abs(a.values[i]!) <= a.anyOrder[i]! ? undefined : a.values[i]! > 0 ? 1 : 0;
}

function not(choice: (i: number) => Choice): (i: number) => Choice {
  return (i) => {
    const chosen = choice(i);
    return chosen === undefined ? undefined : chosen === 1 ? 0 : 1;
  };
}

/** A term of a formula; its methods are those of a tensor of TensorFlow.js. */
export class Term {
  constructor(
    readonly tape: Tape,
    readonly position: number,
    readonly bounded: Bounded,
    readonly operands: readonly Term[],
    readonly backward: Backward | undefined,
    readonly isDifferentiable: boolean,
  ) {}

  get shape(): number[] {
    return [...this.bounded.shape];
  }

  get rank(): number {
    return this.bounded.shape.length;
  }

  get #exact(): (value: number) => Bounded {
    return (value) => filled(value, [], this.bounded);
  }

  #term(other: Term | number): Term {
    if (typeof other !== "number") return other;
    return this.tape.input(Bounded.constant(other), false);
  }

  #one(bounded: Bounded, backward: (dy: Bounded) => Bounded): Term {
    return this.tape.record(bounded, [this], (dy) => [backward(dy)]);
  }

  #two(
    other: Term | number,
    compute: (a: Bounded, b: Bounded) => Bounded,
    backward: (dy: Bounded, a: Bounded, b: Bounded) => readonly [Bounded, Bounded],
  ): Term {
    const term = this.#term(other);
    const [a, b] = [this.bounded, term.bounded];
    return this.tape.record(compute(a, b), [this, term], (dy) => backward(dy, a, b));
  }

  add(b: Term | number): Term {
    return this.#two(b, add, (dy) => [dy, dy]);
  }

  sub(b: Term | number): Term {
    return this.#two(b, subtract, (dy) => [dy, apply(dy, NEGATIVE)]);
  }

  mul(b: Term | number): Term {
    return this.#two(b, multiply, (dy, a, b) => [multiply(dy, b), multiply(dy, a)]);
  }

  div(b: Term | number): Term {
    return this.#two(b, divide, (dy, a, b) => [
      divide(dy, b),
      apply(divide(reduceTo(multiply(dy, a), b.shape), multiply(b, b)), NEGATIVE),
    ]);
  }

  maximum(b: Term | number): Term {
    const both = (a: Bounded, b: Bounded) => {
      const shape = broadcastShape(a.shape, b.shape);
      return [broadcast(a, shape), broadcast(b, shape)] as const;
    };
    return this.#two(b, (a, b) => largerOf(...both(a, b)), (dy, a, b) => {
      const isFirst = isAbove(subtract(...both(a, b)));
      return [route(dy, isFirst), route(dy, not(isFirst))];
    });
  }

  minimum(b: Term | number): Term {
    return this.neg().maximum(typeof b === "number" ? -b : b.neg()).neg();
  }

  relu(): Term {
    return this.maximum(0);
  }

  neg(): Term {
    return this.#one(apply(this.bounded, NEGATIVE), (dy) => apply(dy, NEGATIVE));
  }

  abs(): Term {
    const isPositive = isAbove(this.bounded);
    return this.#one(
      apply(this.bounded, ABS),
      (dy) => overlayDifference(route(dy, isPositive), route(dy, not(isPositive))),
    );
  }

  square(): Term {
    const x = this.bounded;
    return this.#one(multiply(x, x), (dy) => multiply(dy, multiply(x, this.#exact(2))));
  }

  sqrt(): Term {
    const root = squareRoot(this.bounded);
    return this.#one(root, (dy) => divide(dy, multiply(root, this.#exact(2))));
  }

  rsqrt(): Term {
    const x = this.bounded;
    return this.#one(
      apply(x, RSQRT),
      (dy) => apply(divide(dy, multiply(apply(x, power(1.5)), this.#exact(2))), NEGATIVE),
    );
  }

  pow(exponent: number): Term {
    const x = this.bounded;
    return this.#one(apply(x, power(exponent)), (dy) => {
      const slope = multiply(apply(x, power(exponent - 1)), Bounded.constant(exponent));
      return multiply(dy, slope);
    });
  }

  exp(): Term {
    const y = apply(this.bounded, EXP);
    return this.#one(y, (dy) => multiply(dy, y));
  }

  log(): Term {
    return this.#one(apply(this.bounded, LOG), (dy) => divide(dy, this.bounded));
  }

  tanh(): Term {
    const y = apply(this.bounded, TANH);
    return this.#one(y, (dy) => multiply(subtract(this.#exact(1), multiply(y, y)), dy));
  }

  sigmoid(): Term {
    const y = apply(this.bounded, SIGMOID);
    return this.#one(y, (dy) => multiply(dy, multiply(y, subtract(this.#exact(1), y))));
  }

  erf(): Term {
    const x = this.bounded;
    return this.#one(apply(x, ERF), (dy) => {
      const bell = apply(apply(multiply(x, x), NEGATIVE), EXP);
      return multiply(dy, multiply(bell, Bounded.constant(2 / Math.sqrt(Math.PI))));
    });
  }

  #axes(axis: Axes | undefined): number[] {
    return axis === undefined || this.rank === 0
      ? range(this.rank)
      : resolveAxes(axis, this.rank).sort((a, b) => a - b);
  }

  /** What a reduction leaves, with or without its axes. */
  #reduce(
    axis: Axes | undefined,
    keepDims: boolean,
    compute: (a: Bounded, axes: readonly number[]) => Bounded,
    backward: (dy: Bounded, axes: readonly number[]) => Bounded,
  ): Term {
    const axes = this.#axes(axis);
    const kept = compute(this.bounded, axes);
    const shape = keepDims ? kept.shape : kept.shape.filter((_, i) => !axes.includes(i));
    return this.#one(reshape(kept, shape), (dy) => backward(reshape(dy, kept.shape), axes));
  }

  sum(axis?: Axes, keepDims = false): Term {
    return this.#reduce(axis, keepDims, sum, (dy) => broadcast(dy, this.shape));
  }

  mean(axis?: Axes, keepDims = false): Term {
    const count = (axes: readonly number[]) =>
      this.#exact(axes.reduce((n, i) => n * this.shape[i]!, 1));
    const compute = (a: Bounded, axes: readonly number[]) => {
      // Terms may be divided before they are added, which rounds each of them.
      const { careful, anyOrder, outOfRange, arithmetic } = sum(divide(a, count(axes)), axes);
      const { shape, values } = divide(sum(a, axes), count(axes));
      return new Bounded(shape, values, careful, { anyOrder, outOfRange, arithmetic });
    };
    return this.#reduce(
      axis,
      keepDims,
      compute,
      (dy, axes) => divide(broadcast(dy, this.shape), count(axes)),
    );
  }

  max(axis?: Axes, keepDims = false): Term {
    return this.#reduce(
      axis,
      keepDims,
      largest,
      (dy, axes) => route(broadcast(dy, this.shape), isLargest(this.bounded, axes)),
    );
  }

  softmax(axis = -1): Term {
    const axes = this.#axes(axis);
    const exponentials = apply(subtract(this.bounded, largest(this.bounded, axes)), EXP);
    const y = divide(exponentials, sum(exponentials, axes));
    return this.#one(y, (dy) => {
      const weighted = multiply(dy, y);
      return subtract(weighted, multiply(sum(weighted, axes), y));
    });
  }

  logSoftmax(axis = -1): Term {
    const axes = this.#axes(axis);
    const shifted = subtract(this.bounded, largest(this.bounded, axes));
    const y = subtract(shifted, apply(sum(apply(shifted, EXP), axes), LOG));
    return this.#one(y, (dy) => subtract(dy, multiply(sum(dy, axes), apply(y, EXP))));
  }

  matMul(other: Term, transposeA = false, transposeB = false): Term {
    const swapped = (a: Bounded) => transpose(a, [...range(a.shape.length - 2), ...lastTwo(a)]);
    const as = (a: Bounded, isSwapped: boolean) => isSwapped ? swapped(a) : a;
    const [a, b] = [as(this.bounded, transposeA), as(other.bounded, transposeB)];
    return this.tape.record(matMul(a, b), [this, other], (dy) => [
      as(matMul(dy, swapped(b)), transposeA),
      as(matMul(swapped(a), dy), transposeB),
    ]);
  }

  reshape(shape: readonly number[]): Term {
    const known = shape.reduce((n, length) => length === -1 ? n : n * length, 1);
    const full = shape.map((length) => length === -1 ? this.bounded.values.length / known : length);
    return this.#one(reshape(this.bounded, full), (dy) => reshape(dy, this.shape));
  }

  expandDims(axis = 0): Term {
    const position = axis < 0 ? axis + this.rank + 1 : axis;
    return this.reshape(this.shape.toSpliced(position, 0, 1));
  }

  transpose(permutation: readonly number[] = range(this.rank).reverse()): Term {
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    return this.#one(transpose(this.bounded, permutation), (dy) => transpose(dy, inverse));
  }

  broadcastTo(shape: readonly number[]): Term {
    return this.#one(broadcast(this.bounded, shape), (dy) => dy);
  }

  slice(begin: number | readonly number[], length?: number | readonly number[]): Term {
    const starts = this.shape.map((_, axis) => [begin].flat()[axis] ?? 0);
    const part = this.shape.map((all, axis) => {
      const given = length === undefined ? -1 : [length].flat()[axis] ?? -1;
      return given === -1 ? all - starts[axis]! : given;
    });
    return this.#one(
      slice(this.bounded, starts, part),
      (dy) => placed(dy, starts, this.shape),
    );
  }

  concat(others: Term | readonly Term[], axis = 0): Term {
    const terms = [this, ...[others].flat() as Term[]];
    const along = resolveAxes(axis, this.rank)[0]!;
    const shapes = terms.map((term) => term.shape);
    const begins = beginsOf(shapes, along);
    return this.tape.record(
      concatenate(terms.map(({ bounded }) => bounded), along),
      terms,
      (dy) => terms.map((term, i) => slice(dy, begins[i]!, term.shape)),
    );
  }
}

/** a - b of two arrays of which, apart from halves where neither was chosen, one is zero. */
function overlayDifference(a: Bounded, b: Bounded): Bounded {
  return overlay(a, apply(b, NEGATIVE));
}

function lastTwo({ shape }: Bounded): [number, number] {
  return [shape.length - 1, shape.length - 2];
}
