/**
 * How many roundings the steps of a norm may take: in careful algorithms, and in any legitimate one.
 *
 * @module
 */
import { anyDepth, type Arithmetic, carefulDepth } from "./arithmetic.ts";

/** The two bounds of every array. */
export type BoundKind = "careful" | "anyOrder";

/** How many roundings the steps of an algorithm may take. */
interface Algorithm {
  /** Additions that a term of a sum passes through. */
  depth(n: number): number;
  /** Of a mean. */
  mean(n: number, arithmetic: Arithmetic): number;
  /** Of one element of xhat, apart from its mean and deviation. */
  own(arithmetic: Arithmetic): number;
  /** Of 1 / deviation, apart from the variance. */
  root(arithmetic: Arithmetic): number;
  /** Of each of the three terms of dx. */
  terms(arithmetic: Arithmetic): number;
}

export const ALGORITHMS: Readonly<Record<BoundKind, Algorithm>> = {
  // Data may be shifted and scaled first, and the mean put together from the shift and what is left.
  careful: {
    depth: carefulDepth,
    mean: (n, { basic, division }) => (carefulDepth(n) + 1) * basic + division,
    own: ({ basic, division }) => 2 * basic + 2 * division,
    root: ({ basic, division, squareRoot }) => 2 * basic + division + squareRoot,
    terms: ({ basic, division }) => 6 * basic + 2 * division,
  },
  // Updates by Welford divide at every step; 1 + 1/2 + ... + 1/n is at most 1 + log(n).
  anyOrder: {
    depth: anyDepth,
    mean: (n, { basic, division }) => (n + 2 + Math.log(n)) * basic + (2 + Math.log(n)) * division,
    own: ({ basic, division }) => 4 * basic + 2 * division,
    root: ({ basic, division, squareRoot }) => 4 * basic + 2 * division + squareRoot,
    terms: ({ basic, division }) => 8 * basic + 4 * division,
  },
};
