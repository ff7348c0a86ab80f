/**
 * How exactly hardware computes in float32, and what one operation or one sum may be off by.
 *
 * @module
 */

/** Unit roundoff of float32: half the distance from 1 to the next number. */
export const UNIT_ROUNDOFF: number = 2 ** -24;

/** Smallest normal float32: what is smaller may be flushed to zero. */
const SMALLEST_NORMAL = 2 ** -126;

/** Half the distance between two neighbouring subnormal numbers. */
const SUBNORMAL_ROUNDOFF = 2 ** -150;

/** Largest float32. */
export const LARGEST: number = (2 - 2 ** -23) * 2 ** 127;

/** Functions that no standard asks to be rounded correctly. */
export type ApproximatedFunction = "exp" | "log" | "tanh" | "erf" | "sigmoid" | "pow" | "rsqrt";

/** How far an approximated function may be off: `(roundings + growth s) 2^-24 |f(x)| + absolute`. */
export interface Accuracy {
  /** Relative to the result, in roundings. */
  readonly roundings: number;
  /** Roundings for every unit of the size s: |x|, for a power |log2(f(x))|. Default 0. */
  readonly growth?: number;
  /** In addition; default 0. */
  readonly absolute?: number;
}

/** How exactly float32 hardware computes, in roundings: 1 is correctly rounded, as IEEE 754 asks for. */
export interface Arithmetic {
  /** Roundings of an addition, a subtraction, a multiplication. */
  readonly basic: number;
  /** Roundings of a division. */
  readonly division: number;
  /** Roundings of a square root. */
  readonly squareRoot: number;
  /** Of functions that hardware or libraries approximate. */
  readonly functions: Readonly<Record<ApproximatedFunction, Accuracy>>;
  /** Whether inputs and results below 2^-126 may be taken for zero. */
  readonly flushes: boolean;
  /** Whether NaN and infinities come out as IEEE 754 has them. */
  readonly keepsNonFinite: boolean;
}

/**
 * What the functions of TensorFlow.js 4.22 keep to on `cpu`, `wasm` and native TensorFlow 2.21, where the
 * most that was measured is, in roundings, 2.0 for exp, 4.3 for log, 5.2 for tanh, 5.8 for erf, 7.8 for
 * sigmoid, 2.0 for pow and 3.5 for rsqrt, all of them on native TensorFlow; on `cpu` 1.0 (functions_test.ts tries them).
 * On `cpu`, erf is formula 7.1.26 of Abramowitz and Stegun, which is off by up to 1.5e-7.
 */
const LIBRARY_FUNCTIONS: Arithmetic["functions"] = {
  exp: { roundings: 3 },
  log: { roundings: 6 },
  tanh: { roundings: 7 },
  erf: { roundings: 8, absolute: 1.5e-7 },
  // On wasm it is 0 where it is below the smallest normal number.
  sigmoid: { roundings: 10, absolute: SMALLEST_NORMAL },
  pow: { roundings: 3 },
  rsqrt: { roundings: 5 },
};

/** IEEE 754: every operation is rounded once, and nothing is flushed. */
export const IEEE: Arithmetic = {
  basic: 1,
  division: 1,
  squareRoot: 1,
  functions: LIBRARY_FUNCTIONS,
  flushes: false,
  keepsNonFinite: true,
};

/** IEEE 754 on threads that flush subnormal numbers to zero, as native TensorFlow's do. */
export const IEEE_FLUSHING: Arithmetic = { ...IEEE, flushes: true };

/**
 * What the WebGPU Shading Language promises of functions: 3 + 2|x| ULP for exp; for log 3 ULP, and 2^-21
 * between 0.5 and 2; 2 ULP for 1 / sqrt(x); for tanh 1e-5 and that of sinh / cosh; for a power that of exp2(y log2(x)). Sigmoid is
 * 1 / (1 + exp(-x)) there, and erf the formula 7.1.26 of Abramowitz and Stegun, times exp(-x^2).
 */
const WGSL_FUNCTIONS: Arithmetic["functions"] = {
  exp: { roundings: 6, growth: 4 },
  log: { roundings: 6, absolute: 2 ** -21 },
  tanh: { roundings: 20, growth: 8, absolute: 1e-5 },
  erf: { roundings: 20, absolute: 2e-6 },
  sigmoid: { roundings: 16, growth: 4 },
  pow: { roundings: 20, growth: 10 },
  rsqrt: { roundings: 4 },
};

/**
 * What the WebGPU Shading Language promises (section "Floating point evaluation"): the rounding mode is
 * open, so that a correctly rounded result may be one whole ULP off, which is two roundings; 2.5 ULP for
 * a division; for a square root that of 1 / inverseSqrt, 2 ULP more. It may assume that there are no NaN
 * and no infinities.
 */
export const WGSL: Arithmetic = {
  basic: 2,
  division: 5,
  squareRoot: 9,
  functions: WGSL_FUNCTIONS,
  flushes: true,
  keepsNonFinite: false,
};

/** An arithmetic that allows for as much as either of two. */
export function coarser(a: Arithmetic, b: Arithmetic): Arithmetic {
  if (a === b) return a;
  if (a.division !== b.division) return a.division > b.division ? a : b;
  return a.flushes ? a : b;
}

/** Distance from |x| to the next float32. */
export function unitInLastPlace(x: number): number {
  const magnitude = Math.abs(Math.fround(x));
  if (magnitude < SMALLEST_NORMAL) return 2 ** -149;
  return 2 ** (Math.floor(Math.log2(magnitude)) - 23);
}

/** Error of rounding `value`, whose own error is `inherited`, `roundings` times. */
export function roundingError(
  value: number,
  inherited: number,
  roundings: number,
  flushes: boolean,
): number {
  const magnitude = Math.abs(value);
  if (flushes && magnitude - inherited < SMALLEST_NORMAL) {
    return magnitude < SMALLEST_NORMAL
      ? magnitude
      : SMALLEST_NORMAL + roundings * UNIT_ROUNDOFF * magnitude;
  }
  return roundings *
    (magnitude < SMALLEST_NORMAL
      ? Math.min(magnitude, SUBNORMAL_ROUNDOFF)
      : UNIT_ROUNDOFF * magnitude);
}

/** Error of an input that may be flushed to zero. */
export function flushError(value: number, { flushes }: Arithmetic): number {
  const magnitude = Math.abs(value);
  return flushes && magnitude < SMALLEST_NORMAL ? magnitude : 0;
}

/** The most that a result may lose by underflow. */
export function quantum({ flushes }: Arithmetic): number {
  return flushes ? SMALLEST_NORMAL : 2 * SUBNORMAL_ROUNDOFF;
}

/** Relative error of `roundings` in a row; none where there are so many that nothing is left. */
export function gamma(roundings: number): number {
  const first = roundings * UNIT_ROUNDOFF;
  return first < 1 ? first / (1 - first) : Infinity;
}

/** Terms that careful code adds one after the other. */
const BLOCK = 64;

/**
 * Additions that a term passes through at most in a careful sum of n: in blocks of 64, whose sums are
 * added pairwise.
 */
export function carefulDepth(n: number): number {
  return n <= BLOCK ? Math.max(0, n - 1) : BLOCK - 1 + Math.ceil(Math.log2(n / BLOCK));
}

/** Additions that a term passes through at most in a sum of n in any order. */
export function anyDepth(n: number): number {
  return Math.max(0, n - 1);
}

/** bound |factor|; a factor of 0 gives 0, however large the bound. */
export function scaled(bound: number, factor: number): number {
  return factor === 0 ? 0 : bound * Math.abs(factor);
}

/** The bound, or infinity where it is NaN, as of zero times infinity. */
export function orInfinity(bound: number): number {
  return Number.isNaN(bound) ? Infinity : bound;
}
