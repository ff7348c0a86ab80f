/**
 * The numbers of Adam.
 *
 * @module
 */

/** What the first moment keeps; as float32 has it, so that 1 - beta is exact in both places. */
export const BETA1 = Math.fround(0.9);

/** What the second moment keeps. */
export const BETA2 = Math.fround(0.999);

const EPSILON = 1e-8;

/**
 * Step size and epsilon that stand for both bias corrections:
 *
 *     rate m / (sqrt(v) + epsilon) = learningRate mhat / (sqrt(vhat) + 1e-8)
 *
 * Taken here in float64, as 1 - beta^t in float32 would be off by 1e-5.
 *
 * @param step t, from 1.
 */
export function corrected(learningRate: number, step: number): { rate: number; epsilon: number } {
  const root = Math.sqrt(1 - BETA2 ** step);
  return { rate: learningRate * root / (1 - BETA1 ** step), epsilon: EPSILON * root };
}
