/**
 * Slopes of a function of one input by differences, beside those that its gradient claims.
 *
 * @module
 */
import { breathe } from "../../norms/basics/event_loop.ts";
import { standardNormal, type Uniform } from "../../norms/basics/random.ts";
import type { Shape } from "../../norms/basics/shape.ts";
import { UNIT_ROUNDOFF } from "../../norms/oracle/bounded.ts";

/** By how much a step is shortened where it is too long. */
export const SHORTENING = 4;

/** A function of one input, where it is checked. */
export interface Situation {
  readonly name: string;
  readonly shape: Shape;
  readonly x: Float32Array;
  /** The tape's gradient of sum(y dy). */
  readonly gradient: Float32Array;
  readonly y: Float32Array;
  /** Zero where `y` is not finite, so that those outputs do not count. */
  readonly dy: Float32Array;
  /** The function's values with `x` replaced. */
  evaluate(x: Float32Array): Promise<Float32Array>;
}

/** Moves `x`; `along` is what the gradient says of how sum(y dy) changes by that. */
export type Movement = (amount: number) => { readonly x: Float32Array; readonly along: number };

/** Moves one element; the gradient counts as zero where it is not finite. */
export function elementMovement({ x, gradient }: Situation, i: number): Movement {
  return (amount) => {
    const moved = x.slice();
    moved[i]! += amount;
    // Float32 rounded the moved element: the gradient is taken along the same rounded step.
    const distance = moved[i]! - x[i]!;
    return { x: moved, along: Number.isFinite(gradient[i]) ? gradient[i]! * distance : 0 };
  };
}

/**
 * Moves all elements along a random direction of length 1.
 *
 * Each goes by a normal random share of its own size, or of `spread` where that is less or the element is
 * zero: so none crosses zero, where many functions have a kink or end. Elements whose gradient is not
 * finite stay.
 *
 * @returns The movement; how far it goes if the elements go by one spread; and the deviation of the slope
 * if every element of the gradient were off by its own size.
 */
export function randomMovement(
  { x, gradient }: Situation,
  spread: number,
  uniform: Uniform,
): { readonly movement: Movement; readonly reach: number; readonly size: number } {
  const direction = standardNormal(x.length, uniform);
  let squares = 0;
  let slopes = 0;
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(gradient[i])) {
      direction[i] = 0;
      continue;
    }
    direction[i]! *= Math.min(spread, Math.abs(x[i]!) || spread);
    squares += direction[i]! ** 2;
    slopes += (direction[i]! * gradient[i]!) ** 2;
  }
  const reach = Math.sqrt(squares);
  const movement: Movement = (amount) => {
    const share = amount / reach;
    const moved = new Float32Array(x.length);
    let along = 0;
    for (let i = 0; i < x.length; i++) {
      moved[i] = x[i]! + share * direction[i]!;
      if (direction[i] !== 0) along += gradient[i]! * (moved[i]! - x[i]!);
    }
    return { x: moved, along };
  };
  return { movement, reach, size: Math.sqrt(slopes) / reach };
}

/** Where a function is evaluated, in steps, and what weighs its values. */
interface Stencil {
  readonly points: readonly number[];
  /** First derivative, of second order in the step. */
  readonly slope: readonly number[];
}

/** (f(x + h) - f(x - h)) / 2h. */
export const CENTRAL: Stencil = { points: [-1, 0, 1], slope: [-1 / 2, 0, 1 / 2] };

/** (-3 f(x) + 4 f(x + h) - f(x + 2h)) / 2h, and the same backward. */
export const ONE_SIDED: readonly Stencil[] = [
  { points: [0, 1, 2], slope: [-3 / 2, 2, -1 / 2] },
  { points: [0, -1, -2], slope: [3 / 2, -2, 1 / 2] },
];

/** f(a) - 2 f(b) + f(c) over points of the same distance: the step squared times the second derivative. */
const BEND = [1, -2, 1];

/** A slope, and how it changes with twice the step. */
export interface Slope {
  readonly step: number;
  /** From the gradient. */
  readonly analytic: number;
  /** From differences. */
  readonly numeric: number;
  /** By how much the difference from the analytic slope changes with the step. */
  readonly change: number;
  /** By how much the slopes on both sides differ, beyond what grows with the step: a kink, or noise. */
  readonly kink: number;
  /** How steep the function becomes within the step: of use where the slope is zero. */
  readonly bend: number;
  /** Whether no output changed by a single bit. */
  readonly isFlat: boolean;
}

/** The slope along a movement; undefined where an output is no longer finite on the way. */
export async function slopeAlong(
  situation: Situation,
  movement: Movement,
  step: number,
  stencil: Stencil = CENTRAL,
): Promise<Slope | undefined> {
  await breathe();
  const steps = new Map<number, Change>([[0, { loss: 0, along: 0, isFlat: true }]]);
  for (const point of stencil.points.flatMap((point) => [point, 2 * point])) {
    if (steps.has(point)) continue;
    const change = await changeBy(situation, movement(point * step));
    if (change === undefined) return undefined;
    steps.set(point, change);
  }
  const weigh = (reach: number, weights: readonly number[], of: "loss" | "along") =>
    stencil.points.reduce((sum, point, i) => sum + weights[i]! * steps.get(reach * point)![of], 0) /
    (reach * step);
  const at = (reach: number) => ({
    numeric: weigh(reach, stencil.slope, "loss"),
    analytic: weigh(reach, stencil.slope, "along"),
    bend: weigh(reach, BEND, "loss"),
  });
  const [near, far] = [at(1), at(2)];
  return {
    step,
    numeric: near.numeric,
    analytic: near.analytic,
    change: Math.abs((near.numeric - near.analytic) - (far.numeric - far.analytic)),
    // A smooth function bends twice as much over twice the step; at a kink the bend does not depend on it.
    kink: Math.abs(2 * near.bend - far.bend),
    bend: Math.abs(far.bend) / 2,
    isFlat: [...steps.values()].every(({ isFlat }) => isFlat),
  };
}

/** By how much sum(y dy) changed, and how much the gradient says. */
interface Change {
  readonly loss: number;
  readonly along: number;
  readonly isFlat: boolean;
}

async function changeBy(
  { y, dy, evaluate }: Situation,
  { x, along }: ReturnType<Movement>,
): Promise<Change | undefined> {
  const values = await evaluate(x);
  let loss = 0;
  let isFlat = true;
  for (let i = 0; i < y.length; i++) {
    if (dy[i] === 0) continue;
    if (!Number.isFinite(values[i])) return undefined;
    isFlat &&= values[i] === y[i];
    loss += (values[i]! - y[i]!) * dy[i]!;
  }
  return { loss, along, isFlat };
}

/**
 * The deviation of a slope if every output is rounded once and nothing else is, and the tape's gradient, a
 * sum over the outputs, once for each of them.
 *
 * @param size Deviation of the slope if every element of the gradient were off by its own size.
 */
export function knownNoise({ y, dy }: Situation, size: number): (step: number) => number {
  const squares = y.reduce((sum, value, i) => dy[i] === 0 ? sum : sum + (value * dy[i]!) ** 2, 0);
  const [outputs, gradient] = [Math.sqrt(squares), Math.sqrt(y.length) * size];
  return (step) => UNIT_ROUNDOFF * (outputs / step + gradient);
}
