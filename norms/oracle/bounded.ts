/**
 * Float64 arrays that carry error bounds: the arithmetic of every oracle.
 *
 * Each element is a value, computed in float64, and two bounds on how far a float32 computation of the
 * same formula may be from it. `careful` holds where sums are added in blocks of 64 and pairwise beyond,
 * `anyOrder` where they are added in any order, and where other algorithms compute the same. This is the
 * running error analysis of Wilkinson (Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed.,
 * sections 3.3 and 4.2): the tolerance of a case is derived from its own numbers, so that operation count,
 * reduction length and conditioning enter by themselves. docs/numerics.md explains the rules and what they
 * give for each norm.
 *
 * @module
 */
import {
  broadcastIndex,
  dropAxes,
  lengthOf,
  reductionLength,
  type Shape,
  size,
} from "../basics/shape.ts";
import {
  anyDepth,
  type Arithmetic,
  carefulDepth,
  coarser,
  flushError,
  IEEE,
  LARGEST,
  quantum,
  roundingError,
  scaled,
  UNIT_ROUNDOFF,
} from "./arithmetic.ts";

export {
  type Arithmetic,
  IEEE,
  IEEE_FLUSHING,
  LARGEST,
  UNIT_ROUNDOFF,
  WGSL,
} from "./arithmetic.ts";

/** What is known of an array beside its values and `careful`. */
export interface BoundedOptions {
  /** Default `careful`. */
  readonly anyOrder?: Float64Array;
  /** Default: nothing leaves the range. */
  readonly outOfRange?: Uint8Array | undefined;
  /** Default {@linkcode IEEE}. */
  readonly arithmetic?: Arithmetic;
}

/** An array of float64 values, each with the absolute errors that float32 may make on the way to it. */
export class Bounded {
  /** Row-major absolute error bounds of a legitimate computation in any order; never below `careful`. */
  readonly anyOrder: Float64Array;
  /**
   * 1 where an intermediate result of the plain formula leaves the range of float32, so that a plain
   * implementation may overflow or lose everything; undefined where none does.
   */
  readonly outOfRange: Uint8Array | undefined;
  /** What computes with it; results inherit the coarser of their operands'. */
  readonly arithmetic: Arithmetic;

  /**
   * An array of given values and bounds.
   *
   * @throws {RangeError} if the shape does not hold as many elements.
   */
  constructor(
    /** Lengths of the axes. */
    readonly shape: Shape,
    /** Row-major values. */
    readonly values: Float64Array,
    /**
     * Row-major absolute error bounds of a careful computation, none negative. Where a value is not finite,
     * 0 says that float32 has the same infinity, or a NaN, there, and infinity that nothing is known.
     */
    readonly careful: Float64Array,
    { anyOrder = careful, outOfRange, arithmetic = IEEE }: BoundedOptions = {},
  ) {
    this.anyOrder = anyOrder;
    this.outOfRange = outOfRange;
    this.arithmetic = arithmetic;
    if (
      values.length !== size(shape) || careful.length !== values.length ||
      anyOrder.length !== values.length
    ) {
      throw new RangeError(
        `shape [${
          shape.join(", ")
        }] does not hold ${values.length} values and ${careful.length} bounds`,
      );
    }
  }

  /** Values that float32 holds exactly, such as the elements of an input tensor. */
  static exact(values: ArrayLike<number>, shape: Shape, arithmetic: Arithmetic = IEEE): Bounded {
    const exact = Float64Array.from(values);
    const bounds = arithmetic.flushes
      ? exact.map((value) => flushError(value, arithmetic))
      : new Float64Array(exact.length);
    return new Bounded(shape, exact, bounds, { arithmetic });
  }

  /** A constant of the formula, such as epsilon, which float32 rounds once. */
  static constant(value: number): Bounded {
    return new Bounded(
      [],
      Float64Array.of(value),
      Float64Array.of(roundingError(value, 0, 1, true)),
    );
  }
}

/** Results of an operation, filled in one by one; the two bounds are one array where they are equal. */
class Result {
  readonly values: Float64Array;
  readonly careful: Float64Array;
  readonly anyOrder: Float64Array;
  outOfRange: Uint8Array | undefined;

  constructor(readonly shape: Shape, sameBounds: boolean, readonly arithmetic: Arithmetic) {
    this.values = new Float64Array(size(shape));
    this.careful = new Float64Array(this.values.length);
    this.anyOrder = sameBounds ? this.careful : new Float64Array(this.values.length);
  }

  flag(i: number): void {
    this.outOfRange ??= new Uint8Array(this.values.length);
    this.outOfRange[i] = 1;
  }

  get bounded(): Bounded {
    return new Bounded(this.shape, this.values, this.careful, this);
  }
}

/** Applies `change` to both bounds, once where they are one array. */
function mapBounds(a: Bounded, change: (bound: number, i: number) => number) {
  const careful = a.careful.map(change);
  return { careful, anyOrder: a.anyOrder === a.careful ? careful : a.anyOrder.map(change) };
}

/** What float32 memory keeps of `a`: elements beyond its range become infinite, and are exactly that. */
export function store(a: Bounded): Bounded {
  const overflows = (i: number) => !Number.isFinite(Math.fround(a.values[i]!));
  const { careful, anyOrder } = mapBounds(a, (bound, i) => overflows(i) ? 0 : bound);
  const values = a.values.map((value, i) => overflows(i) ? Math.fround(value) : value);
  return new Bounded(a.shape, values, careful, { ...a, anyOrder });
}

/** The shape that two operands broadcast to. */
export function broadcastShape(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const m = a[a.length - rank + i] ?? 1;
    const n = b[b.length - rank + i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new RangeError(`shapes [${a.join(", ")}] and [${b.join(", ")}] do not broadcast`);
    }
    return m === 1 ? n : m;
  });
}

/** Applies `value` and `inherited` (the bound before the result is rounded) element by element. */
function elementwise(
  a: Bounded,
  b: Bounded,
  value: (a: number, b: number) => number,
  inherited: (a: number, ea: number, b: number, eb: number) => number,
  operation: "basic" | "division" = "basic",
): Bounded {
  const arithmetic = coarser(a.arithmetic, b.arithmetic);
  const { [operation]: roundings, flushes } = arithmetic;
  const sameBounds = a.anyOrder === a.careful && b.anyOrder === b.careful;
  const result = new Result(broadcastShape(a.shape, b.shape), sameBounds, arithmetic);
  const { values, careful, anyOrder } = result;
  const flagged = a.outOfRange !== undefined || b.outOfRange !== undefined;
  const ia = a.values.length === values.length ? null : broadcastIndex(a.shape, result.shape);
  const ib = b.values.length === values.length ? null : broadcastIndex(b.shape, result.shape);
  for (let i = 0; i < values.length; i++) {
    const j = ia === null ? i : ia[i]!;
    const k = ib === null ? i : ib[i]!;
    const x = a.values[j]!;
    const y = b.values[k]!;
    const z = value(x, y);
    values[i] = z;
    if (flagged && (a.outOfRange?.[j] || b.outOfRange?.[k])) result.flag(i);
    if (!Number.isFinite(z)) {
      careful[i] = boundOfNotFinite(a.careful[j]!, y, b.careful[k]!, operation);
      if (!sameBounds) anyOrder[i] = boundOfNotFinite(a.anyOrder[j]!, y, b.anyOrder[k]!, operation);
      continue;
    }
    if (Math.abs(z) > LARGEST) result.flag(i);
    const e = inherited(x, a.careful[j]!, y, b.careful[k]!);
    careful[i] = e + roundingError(z, e, roundings, flushes);
    if (sameBounds) continue;
    const any = inherited(x, a.anyOrder[j]!, y, b.anyOrder[k]!);
    anyOrder[i] = any + roundingError(z, any, roundings, flushes);
  }
  return result.bounded;
}

/** Bound of an infinity or a NaN: infinite where rounding may decide whether it is one, else 0. */
function boundOfNotFinite(
  ex: number,
  y: number,
  ey: number,
  operation: "basic" | "division",
): number {
  const perhapsZero = operation === "division" && ey > 0 && Math.abs(y) <= ey;
  return ex === Infinity || ey === Infinity || perhapsZero ? Infinity : 0;
}

/** a + b. */
export function add(a: Bounded, b: Bounded): Bounded {
  return elementwise(a, b, (x, y) => x + y, (_x, ex, _y, ey) => ex + ey);
}

/** a - b. */
export function subtract(a: Bounded, b: Bounded): Bounded {
  return elementwise(a, b, (x, y) => x - y, (_x, ex, _y, ey) => ex + ey);
}

/** a b. */
export function multiply(a: Bounded, b: Bounded): Bounded {
  return elementwise(
    a,
    b,
    (x, y) => x * y,
    (x, ex, y, ey) => scaled(ey, x) + scaled(ex, y) + scaled(ex, ey),
  );
}

/** a / b; the bound is infinite where b may be zero within its own bound. */
export function divide(a: Bounded, b: Bounded): Bounded {
  const inherited = (x: number, ex: number, y: number, ey: number): number => {
    const least = Math.abs(y) - ey;
    return least > 0 ? (ex + scaled(ey, x / y)) / least : Infinity;
  };
  return elementwise(a, b, (x, y) => x / y, inherited, "division");
}

/** sqrt(a), for a that is not negative. */
export function squareRoot(a: Bounded): Bounded {
  const { squareRoot: roundings, flushes } = a.arithmetic;
  const values = a.values.map(Math.sqrt);
  const { careful, anyOrder } = mapBounds(a, (bound, i) => {
    const root = values[i]!;
    if (!Number.isFinite(root)) return bound === Infinity ? Infinity : 0;
    const inherited = bound === 0
      ? 0
      : Math.min(bound / (root + Math.sqrt(Math.max(0, a.values[i]! - bound))), Math.sqrt(bound));
    return inherited + roundingError(root, inherited, roundings, flushes);
  });
  return new Bounded(a.shape, values, careful, { ...a, anyOrder });
}

/** Sum over `axes`, which stay as axes of length 1. */
export function sum(a: Bounded, axes: readonly number[]): Bounded {
  const n = reductionLength(a.shape, axes);
  const shape = dropAxes(a.shape, axes);
  return addUp(a, broadcastIndex(shape, a.shape), shape, n);
}

/** Adds every element of `a` to element `target[i]` of the result, at most `n` to one; -1 goes nowhere. */
export function addUp(a: Bounded, target: ArrayLike<number>, shape: Shape, n: number): Bounded {
  const { basic, flushes } = a.arithmetic;
  const depths = [carefulDepth(n), anyDepth(n)] as const;
  const sameBounds = a.anyOrder === a.careful && depths[0] === depths[1];
  const result = new Result(shape, sameBounds, a.arithmetic);
  const { values, careful, anyOrder } = result;
  const magnitudes = new Float64Array(values.length);
  for (let i = 0; i < target.length; i++) {
    const j = target[i]!;
    if (j < 0) continue;
    const value = a.values[i]!;
    values[j]! += value;
    magnitudes[j]! += Math.abs(value);
    careful[j]! += a.careful[i]!;
    if (!sameBounds) anyOrder[j]! += a.anyOrder[i]!;
    if (a.outOfRange?.[i]) result.flag(j);
  }
  for (let j = 0; j < values.length; j++) {
    if (Number.isFinite(values[j])) {
      if (magnitudes[j]! > LARGEST) result.flag(j);
      // Every partial sum may be flushed to zero, and takes with it what it held.
      const flushed = flushes ? Math.min(magnitudes[j]!, (n - 1) * quantum(a.arithmetic)) : 0;
      careful[j]! += flushed;
      if (!sameBounds) anyOrder[j]! += flushed;
      careful[j]! += accumulated(magnitudes[j]! + careful[j]!, depths[0] * basic);
      if (!sameBounds) {
        anyOrder[j]! += accumulated(magnitudes[j]! + anyOrder[j]!, depths[1] * basic);
      }
    } else {
      if (careful[j] !== Infinity) careful[j] = 0;
      if (anyOrder[j] !== Infinity) anyOrder[j] = 0;
    }
  }
  return result.bounded;
}

/** What `roundings` add to terms of this magnitude; none of them adds nothing. */
function accumulated(magnitude: number, roundings: number): number {
  return roundings === 0 ? 0 : roundings * UNIT_ROUNDOFF * magnitude;
}

/** Mean over `axes`, which stay as axes of length 1. */
export function mean(a: Bounded, axes: readonly number[]): Bounded {
  const count = reductionLength(a.shape, axes);
  return divide(sum(a, axes), Bounded.exact([count], []));
}

/** The same elements in another shape. */
export function reshape(a: Bounded, shape: Shape): Bounded {
  return new Bounded(shape, a.values, a.careful, a);
}

/** Element i of the result is element `index[i]` of `a`, or an exact zero where that is -1. */
export function gather(a: Bounded, index: ArrayLike<number>, shape: Shape): Bounded {
  const sameBounds = a.anyOrder === a.careful;
  const result = new Result(shape, sameBounds, a.arithmetic);
  for (let i = 0; i < index.length; i++) {
    const j = index[i]!;
    if (j < 0) continue;
    result.values[i] = a.values[j]!;
    result.careful[i] = a.careful[j]!;
    if (!sameBounds) result.anyOrder[i] = a.anyOrder[j]!;
    if (a.outOfRange?.[j]) result.flag(i);
  }
  return result.bounded;
}

/** Axis i of the result is axis `permutation[i]` of `a`. */
export function transpose(a: Bounded, permutation: readonly number[]): Bounded {
  const shape = permutation.map((axis) => lengthOf(a.shape, axis));
  const strides = permutation.map((axis) => size(a.shape.slice(axis + 1)));
  const positions = new Int32Array(a.values.length);
  const index = permutation.map(() => 0);
  let position = 0;
  for (let i = 0; i < positions.length; i++) {
    positions[i] = position;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      position -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return gather(a, positions, shape);
}

/** Product of [..., m, k] and [..., k, n]; each element is a sum of k rounded products. */
export function matMul(a: Bounded, b: Bounded): Bounded {
  const outer = a.shape.slice(0, -2);
  const [m = 0, k = 0] = a.shape.slice(-2);
  const n = b.shape.at(-1) ?? 0;
  if (a.shape.length < 2 || b.shape.join() !== [...outer, k, n].join()) {
    throw new RangeError(
      `[${a.shape.join(", ")}] and [${b.shape.join(", ")}] are not factors of a matrix product`,
    );
  }
  const products = multiply(reshape(a, [...outer, m, k, 1]), reshape(b, [...outer, 1, k, n]));
  return reshape(sum(products, [outer.length + 1]), [...outer, m, n]);
}
