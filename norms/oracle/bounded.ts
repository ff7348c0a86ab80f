/**
 * Float64 arrays that carry an error bound: the arithmetic of every oracle.
 *
 * Each element is a value, computed in float64, and a bound on how far a *careful float32* computation
 * of the same formula may be from it: every operation rounds once to float32, and a sum of n terms is
 * added pairwise. This is the running error analysis of Wilkinson (Higham, *Accuracy and Stability of
 * Numerical Algorithms*, 2nd ed., sections 3.3 and 4.2): the tolerance of a case is derived from its own
 * numbers, so that operation count, reduction length and conditioning enter by themselves.
 * docs/numerics.md explains the rules and what they give for each norm.
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

/** Unit roundoff of float32: half the distance from 1 to the next number. */
export const UNIT_ROUNDOFF: number = 2 ** -24;

/** Smallest normal float32: results below it may be flushed to zero. */
const SMALLEST_NORMAL = 2 ** -126;

/**
 * How exactly float32 hardware computes, in roundings: 1 is correctly rounded, as IEEE 754 asks for.
 * Addition and multiplication are correctly rounded everywhere.
 */
export interface Arithmetic {
  /** Roundings of a division. */
  readonly division: number;
  /** Roundings of a square root. */
  readonly squareRoot: number;
}

/** IEEE 754: every operation is rounded once. */
export const IEEE: Arithmetic = { division: 1, squareRoot: 1 };

/**
 * What the WebGPU Shading Language promises (section "Floating point accuracy"): 2.5 ULP for a division,
 * and for a square root that of 1 / inverseSqrt, 2 ULP more. One ULP is up to two roundings.
 */
export const WGSL: Arithmetic = { division: 5, squareRoot: 9 };

/** The less exact of two. */
function coarser(a: Arithmetic, b: Arithmetic): Arithmetic {
  return a.division >= b.division ? a : b;
}

/** An array of float64 values, each with the absolute error that float32 may make on the way to it. */
export class Bounded {
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
    /** Row-major absolute error bounds, none negative. */
    readonly bounds: Float64Array,
    /** What computes with it; results inherit the coarser of their operands'. */
    readonly arithmetic: Arithmetic = IEEE,
  ) {
    if (values.length !== size(shape) || bounds.length !== values.length) {
      throw new RangeError(
        `shape [${
          shape.join(", ")
        }] does not hold ${values.length} values and ${bounds.length} bounds`,
      );
    }
  }

  /** Values that float32 holds exactly, such as the elements of an input tensor. */
  static exact(values: ArrayLike<number>, shape: Shape, arithmetic: Arithmetic = IEEE): Bounded {
    const bounds = new Float64Array(values.length);
    return new Bounded(shape, Float64Array.from(values), bounds, arithmetic);
  }

  /** A constant of the formula, such as epsilon, which float32 rounds once. */
  static constant(value: number): Bounded {
    return new Bounded([], Float64Array.of(value), Float64Array.of(rounding(value)));
  }
}

/** Error of rounding `value` to float32. */
function rounding(value: number): number {
  const magnitude = Math.abs(value);
  return magnitude < SMALLEST_NORMAL ? magnitude : UNIT_ROUNDOFF * magnitude;
}

/** What float32 memory keeps of `a`: elements beyond its range become infinite, and are exactly that. */
export function store(a: Bounded): Bounded {
  const overflows = (i: number) => !Number.isFinite(Math.fround(a.values[i]!));
  return new Bounded(
    a.shape,
    a.values.map((value, i) => overflows(i) ? Math.fround(value) : value),
    a.bounds.map((bound, i) => overflows(i) ? 0 : bound),
    a.arithmetic,
  );
}

/** The shape that two operands broadcast to. */
function broadcastShape(a: Shape, b: Shape): number[] {
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
  roundings = 1,
): Bounded {
  const shape = broadcastShape(a.shape, b.shape);
  const values = new Float64Array(size(shape));
  const bounds = new Float64Array(values.length);
  const ia = a.values.length === values.length ? null : broadcastIndex(a.shape, shape);
  const ib = b.values.length === values.length ? null : broadcastIndex(b.shape, shape);
  for (let i = 0; i < values.length; i++) {
    const j = ia === null ? i : ia[i]!;
    const k = ib === null ? i : ib[i]!;
    const x = a.values[j]!;
    const y = b.values[k]!;
    const result = value(x, y);
    values[i] = result;
    bounds[i] = inherited(x, a.bounds[j]!, y, b.bounds[k]!) + roundings * rounding(result);
  }
  return new Bounded(shape, values, bounds, coarser(a.arithmetic, b.arithmetic));
}

/** a + b. */
export function add(a: Bounded, b: Bounded): Bounded {
  return elementwise(a, b, (x, y) => x + y, (_x, ex, _y, ey) => ex + ey);
}

/** a - b. */
export function subtract(a: Bounded, b: Bounded): Bounded {
  return elementwise(a, b, (x, y) => x - y, (_x, ex, _y, ey) => ex + ey);
}

/** bound |factor|, where nothing of no size is infinite, however large the bound. */
function scaled(bound: number, factor: number): number {
  return factor === 0 ? 0 : bound * Math.abs(factor);
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
  const { division } = coarser(a.arithmetic, b.arithmetic);
  return elementwise(a, b, (x, y) => x / y, inherited, division);
}

/** sqrt(a), for a that is not negative. */
export function squareRoot(a: Bounded): Bounded {
  const values = a.values.map(Math.sqrt);
  const bounds = a.bounds.map((bound, i) => {
    const root = values[i]!;
    const inherited = bound === 0
      ? 0
      : Math.min(bound / (root + Math.sqrt(Math.max(0, a.values[i]! - bound))), Math.sqrt(bound));
    return inherited + a.arithmetic.squareRoot * rounding(root);
  });
  return new Bounded(a.shape, values, bounds, a.arithmetic);
}

/** Sum over `axes`, which stay as axes of length 1; n terms are added pairwise, ceil(log2 n) roundings deep. */
export function sum(a: Bounded, axes: readonly number[]): Bounded {
  const shape = dropAxes(a.shape, axes);
  const depth = Math.ceil(Math.log2(reductionLength(a.shape, axes)));
  const target = broadcastIndex(shape, a.shape);
  const values = new Float64Array(size(shape));
  const bounds = new Float64Array(values.length);
  for (let i = 0; i < target.length; i++) {
    const j = target[i]!;
    const value = a.values[i]!;
    values[j]! += value;
    bounds[j]! += a.bounds[i]! + depth * UNIT_ROUNDOFF * Math.abs(value);
  }
  return new Bounded(shape, values, bounds, a.arithmetic);
}

/** Mean over `axes`, which stay as axes of length 1. */
export function mean(a: Bounded, axes: readonly number[]): Bounded {
  const count = reductionLength(a.shape, axes);
  return divide(sum(a, axes), Bounded.exact([count], []));
}

/**
 * Mean of `centred`^2 over `axes`, where `centred` is a group less its own mean.
 *
 * The error of that mean, `shift`, is the same for a whole group, whose deviations sum to zero: its
 * products with them cancel, and only its square is left. Treating it as independent from element to
 * element, as `multiply` has to, would lose all power at large offsets.
 */
export function meanSquareOfCentred(
  centred: Bounded,
  shift: Bounded,
  axes: readonly number[],
): Bounded {
  const own = new Bounded(
    centred.shape,
    centred.values,
    centred.values.map(rounding),
    centred.arithmetic,
  );
  const { shape, values, bounds, arithmetic } = mean(multiply(own, own), axes);
  const widened = bounds.map((bound, i) => bound + shift.bounds[i]! ** 2);
  return new Bounded(shape, values, widened, arithmetic);
}

/** The same elements in another shape. */
export function reshape(a: Bounded, shape: Shape): Bounded {
  return new Bounded(shape, a.values, a.bounds, a.arithmetic);
}

/** Axis i of the result is axis `permutation[i]` of `a`. */
export function transpose(a: Bounded, permutation: readonly number[]): Bounded {
  const shape = permutation.map((axis) => lengthOf(a.shape, axis));
  const strides = permutation.map((axis) => size(a.shape.slice(axis + 1)));
  const values = new Float64Array(a.values.length);
  const bounds = new Float64Array(values.length);
  const index = permutation.map(() => 0);
  let position = 0;
  for (let i = 0; i < values.length; i++) {
    values[i] = a.values[position]!;
    bounds[i] = a.bounds[position]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      position -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return new Bounded(shape, values, bounds, a.arithmetic);
}

/** Product of [..., m, k] and [..., k, n]; each element is a pairwise sum of k rounded products. */
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
