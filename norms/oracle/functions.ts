/**
 * Functions of one array, with error bounds: what a {@linkcode Bounded} array becomes under exp, log, tanh …
 *
 * The bound of a result is the most that the function changes within the argument's bound, and what the
 * function itself may be off by ({@linkcode Arithmetic.functions}).
 *
 * @module
 */
import {
  type Accuracy,
  type ApproximatedFunction,
  type Arithmetic,
  LARGEST,
  roundingError,
  scaled,
  UNIT_ROUNDOFF,
} from "./arithmetic.ts";
import { Bounded } from "./bounded.ts";

/** What a function of one variable is, and how it carries errors on. */
interface FunctionOf {
  value(x: number): number;
  /** The most that `z = value(x)` changes where x may be off by `e`, which is above 0. */
  inherited(x: number, e: number, z: number): number;
  /** What it may itself be off by, of one whose argument is exact. */
  own(x: number, z: number, arithmetic: Arithmetic): number;
}

/** Applies a function element by element. */
export function apply(a: Bounded, { value, inherited, own }: FunctionOf): Bounded {
  const { arithmetic } = a;
  const values = a.values.map(value);
  let { outOfRange } = a;
  const bound = (bounds: Float64Array) =>
    bounds.map((e, i) => {
      const [x, z] = [a.values[i]!, values[i]!];
      // A value beyond the range of float32 is infinite there, and what rounding decides is not known.
      if (!Number.isFinite(z)) {
        return e === Infinity || inherited(x, e, z) > 0 && e > 0 ? Infinity : 0;
      }
      const passed = e === 0 ? 0 : inherited(x, e, z);
      return Number.isNaN(passed)
        ? Infinity
        : passed + own(x, z, arithmetic) + roundingError(z, passed, 0, arithmetic.flushes);
    });
  values.forEach((z, i) => {
    if (Math.abs(z) <= LARGEST || !Number.isFinite(a.values[i]!)) return;
    if (outOfRange === a.outOfRange) {
      outOfRange = a.outOfRange?.slice() ?? new Uint8Array(values.length);
    }
    outOfRange![i] = 1;
  });
  const careful = bound(a.careful);
  const anyOrder = a.anyOrder === a.careful ? careful : bound(a.anyOrder);
  return new Bounded(a.shape, values, careful, { anyOrder, outOfRange, arithmetic });
}

/** What an approximated function of this size may be off by. */
function inaccuracy(
  z: number,
  size: number,
  { roundings, growth = 0, absolute = 0 }: Accuracy,
  { flushes }: Arithmetic,
): number {
  return roundingError(z, 0, roundings + growth * size, flushes) + absolute;
}

function approximated(
  name: ApproximatedFunction,
  value: (x: number) => number,
  inherited: FunctionOf["inherited"],
): FunctionOf {
  return {
    value,
    inherited,
    own: (x, z, arithmetic) => inaccuracy(z, Math.abs(x), arithmetic.functions[name], arithmetic),
  };
}

/** The least |x| of an argument within its bound. */
function nearestToZero(x: number, e: number): number {
  return Math.max(0, Math.abs(x) - e);
}

/** exp(x). */
export const EXP: FunctionOf = approximated(
  "exp",
  Math.exp,
  (_x, e, z) => scaled(Math.expm1(e), z),
);

/** log(x); the bound is infinite where x may be zero within its own bound. */
export const LOG: FunctionOf = approximated(
  "log",
  Math.log,
  (x, e) => e < x ? -Math.log1p(-e / x) : Infinity,
);

/** tanh(x). */
export const TANH: FunctionOf = approximated("tanh", Math.tanh, (x, e) => {
  const slope = 1 / Math.cosh(nearestToZero(x, e)) ** 2;
  return Math.min(2, e * slope);
});

/** erf(x). */
export const ERF: FunctionOf = approximated("erf", erf, (x, e) => {
  const slope = 2 / Math.sqrt(Math.PI) * Math.exp(-(nearestToZero(x, e) ** 2));
  return Math.min(2, e * slope);
});

/** 1 / (1 + exp(-x)). */
export const SIGMOID: FunctionOf = approximated("sigmoid", sigmoid, (x, e) => {
  const least = nearestToZero(x, e);
  return Math.min(1, e * sigmoid(least) * sigmoid(-least));
});

function sigmoid(x: number): number {
  return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
}

/** 1 / sqrt(x); the bound is infinite where x may be zero within its own bound. */
export const RSQRT: FunctionOf = approximated(
  "rsqrt",
  (x) => 1 / Math.sqrt(x),
  (x, e) => e < x ? e / (2 * (x - e) ** 1.5) : Infinity,
);

/** x^p for a constant p; NaN where x is below 0 and p is no whole number. */
export function power(p: number): FunctionOf {
  return {
    value: (x) => x ** p,
    inherited(x, e, z) {
      if (p === 0) return 0;
      const [low, high] = [x - e, x + e];
      const isSmooth = low > 0 || high < 0 || (p > 0 && Number.isInteger(p));
      if (!isSmooth) return p > 0 && low >= 0 ? Math.max(high ** p - z, z - low ** p) : Infinity;
      const steepest = Math.max(Math.abs(low), Math.abs(high));
      const flattest = low > 0 || high < 0 ? Math.min(Math.abs(low), Math.abs(high)) : 0;
      return e * Math.abs(p) * Math.max(steepest ** (p - 1), p < 1 ? flattest ** (p - 1) : 0);
    },
    own: (x, z, arithmetic) =>
      x === 0 ? 0 : inaccuracy(
        z,
        Math.abs(p * Math.log2(Math.abs(x))),
        arithmetic.functions.pow,
        arithmetic,
      ),
  };
}

/** |x|. */
export const ABS: FunctionOf = { value: Math.abs, inherited: (_x, e) => e, own: () => 0 };

/** -x. */
export const NEGATIVE: FunctionOf = { value: (x) => -x, inherited: (_x, e) => e, own: () => 0 };

/** Terms of the series, enough below {@linkcode SWITCH}. */
const TERMS = 120;

/** Where erf goes from its series to its continued fraction: neither loses digits there. */
const SWITCH = 2.5;

/** The error function, in float64: 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x. */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude > 6) return Math.sign(x);
  const square = magnitude ** 2;
  if (magnitude < SWITCH) {
    // All terms of this series are positive (Abramowitz and Stegun, 7.1.6).
    let term = x;
    let sum = x;
    for (let n = 1; n < TERMS; n++) {
      term *= 2 * square / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-square) * sum;
  }
  // Abramowitz and Stegun, 7.1.14, from the inside.
  let fraction = magnitude;
  for (let k = 80; k > 0; k--) fraction = magnitude + k / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-square) / Math.sqrt(Math.PI) / fraction);
}

/** The larger of two elements, which is exact, with the larger of their bounds. */
export function largerOf(a: Bounded, b: Bounded): Bounded {
  const pick = (x: Float64Array, y: Float64Array) => x.map((each, i) => Math.max(each, y[i]!));
  const careful = pick(a.careful, b.careful);
  const sameBounds = a.anyOrder === a.careful && b.anyOrder === b.careful;
  const outOfRange = a.outOfRange || b.outOfRange
    ? a.values.map((x, i) => (x >= b.values[i]! ? a : b).outOfRange?.[i] ?? 0)
    : undefined;
  return new Bounded(a.shape, pick(a.values, b.values), careful, {
    anyOrder: sameBounds ? careful : pick(a.anyOrder, b.anyOrder),
    outOfRange: outOfRange && Uint8Array.from(outOfRange),
    arithmetic: a.arithmetic,
  });
}

/** Which element a gradient goes to: yes, no, or undecided, where rounding or a convention decides. */
export type Choice = 1 | 0 | undefined;

/**
 * A gradient that reaches the elements that were chosen; where that is undecided, all between nothing and
 * the whole gradient is right.
 */
export function route(gradient: Bounded, choiceAt: (i: number) => Choice): Bounded {
  const values = gradient.values.map((g, i) => {
    const choice = choiceAt(i);
    return choice === undefined ? g / 2 : choice === 0 ? 0 : g;
  });
  const bound = (bounds: Float64Array) =>
    bounds.map((e, i) => {
      const choice = choiceAt(i);
      // Rounding of g / 2 may make it a little more than half.
      if (choice === undefined) return Math.abs(gradient.values[i]!) * (0.5 + UNIT_ROUNDOFF) + e;
      return choice === 0 ? 0 : e;
    });
  const careful = bound(gradient.careful);
  const anyOrder = gradient.anyOrder === gradient.careful ? careful : bound(gradient.anyOrder);
  return new Bounded(gradient.shape, values, careful, { ...gradient, anyOrder });
}
