/**
 * The directions along which a gradient is compared with differences.
 *
 * @module
 */
import { standardNormal, uniformStream } from "../../norms/basics/random.ts";
import type { Shape } from "../../norms/basics/shape.ts";

/** A direction in the space of one input. */
export interface Probe {
  /** Index of the element that alone moves; undefined where all of them do. */
  readonly index?: readonly number[];
  /** How far each element moves, in units of the step. */
  readonly direction: Float64Array;
}

/** Moves each element on its own: every partial derivative is seen, at four evaluations an element. */
export function* elementProbes(shape: Shape, size: number): Iterable<Probe> {
  for (let i = 0; i < size; i++) {
    const direction = new Float64Array(size);
    direction[i] = 1;
    yield { index: indexOf(i, shape), direction };
  }
}

/** Moves all elements at once, each by a normal number, `count` times. */
export function* randomProbes(count: number, size: number, seed: string): Iterable<Probe> {
  const uniform = uniformStream(seed);
  for (let i = 0; i < count; i++) yield { direction: standardNormal(size, uniform) };
}

/** The multi-dimensional index of element `i` in row-major order. */
function indexOf(i: number, shape: Shape): number[] {
  const index: number[] = [];
  let rest = i;
  for (const length of shape.toReversed()) {
    index.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return index;
}
