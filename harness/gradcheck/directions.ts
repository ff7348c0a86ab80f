/**
 * Directional derivatives of a function: all elements move at once.
 *
 * @module
 */
import { uniformStream } from "../../norms/basics/random.ts";
import { median } from "../../reports/statistics.ts";
import {
  knownNoise,
  randomMovement,
  SHORTENING,
  type Situation,
  type Slope,
  slopeAlong,
} from "./differences.ts";
import { type Judged, judgeSlope, type Outcome, summarize, TAIL } from "./judge.ts";

/** How often a step is shortened at the most. */
const MOST_SHORTENINGS = 3;

/** A wrong element shows along every direction, a kink only along some: the median decides. */
const DECISIVE = 0.5;

interface Directions {
  readonly count: number;
  readonly seed: string;
  /** The size of the elements' movements. */
  readonly step: number;
  /** The input's. */
  readonly spread: number;
}

/**
 * Compares the slopes along random directions, with the step at which they are most exact.
 *
 * One direction is in memory at a time: all takes a constant number of arrays of the input's size.
 */
export async function checkDirections(
  situation: Situation,
  directions: Directions,
): Promise<Outcome> {
  let best: Outcome | undefined;
  for (let level = 0; level <= MOST_SHORTENINGS; level++) {
    const step = directions.step / SHORTENING ** level;
    const judged = await slopesAlong(situation, { ...directions, step });
    const outcome = summarize(judged, DECISIVE, directions.count - judged.length);
    // A shorter step crosses fewer kinks, and rounds more: the more exact of the two is believed.
    if (best === undefined || outcome.resolution < best.resolution) best = outcome;
    if (best.verdict === "right") break;
  }
  return best!;
}

async function slopesAlong(
  situation: Situation,
  { count, seed, step, spread }: Directions,
): Promise<Judged[]> {
  const uniform = uniformStream(seed);
  const slopes: Slope[] = [];
  let known = 0;
  for (let i = 0; i < count; i++) {
    const { movement, reach, size } = randomMovement(situation, spread, uniform);
    // No element of the gradient is finite, so that none may move.
    if (reach === 0) return [];
    const slope = await slopeAlong(situation, movement, step * reach);
    if (slope === undefined) continue;
    slopes.push(slope);
    known = Math.max(known, knownNoise(situation, size)(step * reach));
  }
  if (slopes.length === 0) return [];
  const noise = TAIL * (median(slopes.map(({ change }) => change)) + known);
  return slopes.map((slope) => judgeSlope(slope, slope.analytic, () => noise));
}
