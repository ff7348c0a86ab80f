/**
 * The gradient check of one input of a function.
 *
 * @module
 */
import { breathe } from "../../norms/basics/event_loop.ts";
import { standardNormal, uniformStream } from "../../norms/basics/random.ts";
import { indexAt, type Shape } from "../../norms/basics/shape.ts";
import { median, quantile } from "../../reports/statistics.ts";
import { UNIT_ROUNDOFF } from "../../norms/oracle/bounded.ts";

/** The noise of the worst of some thousand slopes, in multiples of what nine of ten stay below. */
const TAIL = 4;

/** The share of the largest slope that may be uncertain before a comparison means nothing. */
const LARGEST_UNCERTAINTY = 0.1;

type Shares = Readonly<Record<"noise" | "verdict", number>>;

/** A wrong element shows in one slope only: the worst decides. */
const ELEMENTS_SHARES: Shares = { noise: 0.9, verdict: 1 };

/** A wrong element shows along every direction, a kink only along some: the median decides. */
const DIRECTIONS_SHARES: Shares = { noise: 0.5, verdict: 0.5 };

/**
 * - `right`: within what the differences may be off by.
 * - `wrong`: outside, or not a number.
 * - `unclear`: within, but so might a wrong gradient be.
 */
export type GradientVerdict = "right" | "wrong" | "unclear";

/** The slope that decided: where the two gradients differ most, relative to what is allowed. */
export interface WorstSlope {
  /** Index of the element; absent in fast mode, where it is the median of the directions. */
  readonly index?: readonly number[];
  /** From the tape. */
  readonly analytic: number;
  /** From central differences. */
  readonly numeric: number;
  /** By how much the two may differ. */
  readonly allowed: number;
}

/** The result for one input. */
export interface InputCheck {
  /** Name of the input. */
  readonly name: string;
  /** Whether its gradient is right. */
  readonly verdict: GradientVerdict;
  /** |analytic - numeric| where it is worst, as a share of the largest slope. */
  readonly error: number;
  /** The error of the differences as the same share, for the median slope: smaller errors are not detected. */
  readonly resolution: number;
  /** Slopes for which the differences are too inexact, as at a kink of the function. */
  readonly kinks: number;
  /** The slope that decided. */
  readonly worst: WorstSlope;
}

export interface Situation {
  readonly name: string;
  readonly shape: Shape;
  readonly x: Float32Array;
  /** The tape's gradient of sum(y dy). */
  readonly gradient: Float32Array;
  readonly y: Float32Array;
  readonly dy: Float32Array;
  /** The function's values with `x` replaced. */
  evaluate(x: Float32Array): Promise<Float32Array>;
}

interface CheckSettings {
  readonly step: number;
  readonly fast: boolean;
  readonly directions: number;
  readonly seed: number;
}

interface Probe {
  /** Index of the element that moves; absent where all of them do. */
  readonly index?: readonly number[];
  /** The movement of each element, in units of the step. */
  readonly direction: Float64Array;
}

/** A slope, and how it changes with twice the step. */
interface Slope {
  readonly probe: Probe;
  readonly analytic: number;
  readonly numeric: number;
  /** By how much the difference from the analytic slope changes with the step. */
  readonly change: number;
  /** By how much the slopes ahead and behind differ, beyond what grows with the step: a kink, or noise. */
  readonly kink: number;
}

export async function checkInput(
  situation: Situation,
  { step, fast, directions, seed }: CheckSettings,
): Promise<InputCheck> {
  const { name, shape, x } = situation;
  const h = step * spread(x, name);
  const probes = fast
    ? randomProbes(directions, x.length, `${seed}/${name}`)
    : elementProbes(shape, x.length);
  const slopes: Slope[] = [];
  for (const probe of probes) {
    slopes.push(await slopeAlong(probe, h, situation));
    await breathe();
  }
  return judge(name, slopes, knownNoise(situation, h), fast ? DIRECTIONS_SHARES : ELEMENTS_SHARES);
}

/** Standard deviation of the elements, or their size where they are nearly the same. */
function spread(x: Float32Array, name: string): number {
  const mean = x.reduce((total, value) => total + value, 0) / x.length;
  const variance = x.reduce((total, value) => total + (value - mean) ** 2, 0) / x.length;
  if (!Number.isFinite(variance)) {
    throw new RangeError(`input ${name} holds a number that is not finite`);
  }
  const deviation = Math.sqrt(variance);
  return deviation > 1e-3 * Math.abs(mean) ? deviation : Math.abs(mean) || 1;
}

async function slopeAlong(
  probe: Probe,
  h: number,
  { x, y, dy, gradient, evaluate }: Situation,
): Promise<Slope> {
  const along = async (step: number) => {
    const ahead = x.map((value, i) => value + step * probe.direction[i]!);
    const behind = x.map((value, i) => value - step * probe.direction[i]!);
    const [later, earlier] = [await evaluate(ahead), await evaluate(behind)];
    const sum = (term: (i: number) => number) => dy.reduce((total, d, i) => total + term(i) * d, 0);
    // Float32 rounded the moved elements: the analytic slope is taken along the same rounded step.
    const analytic = gradient.reduce((total, g, i) => total + g * (ahead[i]! - behind[i]!), 0);
    return {
      numeric: sum((i) => later[i]! - earlier[i]!) / (2 * step),
      analytic: analytic / (2 * step),
      bend: sum((i) => later[i]! + earlier[i]! - 2 * y[i]!) / step,
    };
  };
  const [near, far] = [await along(h), await along(2 * h)];
  return {
    probe,
    numeric: near.numeric,
    analytic: near.analytic,
    change: Math.abs((near.numeric - near.analytic) - (far.numeric - far.analytic)),
    // A smooth function bends twice as much over twice the step; at a kink the bend does not depend on it.
    kink: Math.abs(2 * near.bend - far.bend),
  };
}

/**
 * The deviation of a slope if every output is rounded once and nothing else is, and the tape's gradient,
 * a sum over the outputs, once for each of them.
 */
function knownNoise({ y, dy, gradient }: Situation, h: number): number {
  const outputs = Math.sqrt(y.reduce((sum, value, i) => sum + (value * dy[i]!) ** 2, 0)) / h;
  const largest = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
  return UNIT_ROUNDOFF * (outputs + Math.sqrt(y.length) * largest);
}

function judge(
  name: string,
  slopes: readonly Slope[],
  known: number,
  shares: Shares,
): InputCheck {
  const noise = TAIL * (quantile(slopes.map(({ change }) => change), shares.noise) + known);
  const judged = slopes.map(({ probe: { index }, analytic, numeric, change, kink }) => {
    const allowed = noise + change + kink;
    const error = Math.abs(analytic - numeric);
    const multiple = share(error, allowed);
    const excess = Number.isNaN(multiple) ? Infinity : multiple;
    const worst: WorstSlope = { ...(index && { index }), analytic, numeric, allowed };
    return { worst, error, excess };
  });
  const byExcess = judged.toSorted((a, b) => a.excess - b.excess);
  const { excess, worst, error } = at(byExcess, shares.verdict);
  const largest = slopes.reduce(
    (most, { analytic, numeric }) => Math.max(most, Math.abs(analytic), Math.abs(numeric)),
    0,
  );
  const uncertainties = judged.map(({ worst: { allowed } }) => share(allowed, largest));
  const resolution = median(uncertainties);
  return {
    name,
    verdict: verdictOf(excess, resolution),
    error: share(error, largest),
    resolution,
    kinks: uncertainties.filter((each) => each > LARGEST_UNCERTAINTY).length,
    worst,
  };
}

/** part / whole, with 0 / 0 = 0. */
function share(part: number, whole: number): number {
  return part === 0 ? 0 : part / whole;
}

/** The element of a sorted list at this share of its length. */
function at<T>(sorted: readonly T[], share: number): T {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

function verdictOf(excess: number, resolution: number): GradientVerdict {
  if (excess > 1) return "wrong";
  return resolution <= LARGEST_UNCERTAINTY ? "right" : "unclear";
}

/** Moves one element at a time: every partial derivative is checked, at four evaluations each. */
function* elementProbes(shape: Shape, size: number): Iterable<Probe> {
  for (let i = 0; i < size; i++) {
    const direction = new Float64Array(size);
    direction[i] = 1;
    yield { index: indexAt(i, shape), direction };
  }
}

/** Moves all elements at once, by normal random numbers, `count` times. */
function* randomProbes(count: number, size: number, seed: string): Iterable<Probe> {
  const uniform = uniformStream(seed);
  for (let i = 0; i < count; i++) yield { direction: standardNormal(size, uniform) };
}
