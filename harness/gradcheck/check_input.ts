/**
 * The gradient check of one input of a function.
 *
 * @module
 */
import { indexAt, type Shape } from "../../norms/basics/shape.ts";
import type { Situation } from "./differences.ts";
import { checkDirections } from "./directions.ts";
import { checkElements, type Refusal } from "./elements.ts";
import { type GradientVerdict, type Judged, type Outcome, summarize } from "./judge.ts";

/**
 * - `full`: every element moves alone.
 * - `directional`: all elements move at once, along random directions.
 */
export type GradcheckMode = "full" | "directional";

/** The slope that decided: where the two gradients differ most, relative to what is allowed. */
export interface WorstSlope {
  /** Index of the element; absent in directional mode, where it is the median of the directions. */
  readonly index?: readonly number[];
  /** From the tape. */
  readonly analytic: number;
  /** From differences. */
  readonly numeric: number;
  /** By how much the two may differ. */
  readonly allowed: number;
}

/** Elements for which there is no verdict. */
export interface NotJudged {
  /** Why. */
  readonly reason: string;
  /** How many. */
  readonly count: number;
  /** Index of the first. */
  readonly index: readonly number[];
}

/** The result for one input. */
export interface InputCheck {
  /** Name of the input. */
  readonly name: string;
  /** Of {@linkcode gradgradcheck}: name of the input whose gradient is differentiated. */
  readonly of?: string;
  /** Whether the tape finds a path from the input to the output; its gradient counts as zero otherwise. */
  readonly isConnected: boolean;
  /** How the elements moved. */
  readonly mode: GradcheckMode;
  /** Whether its gradient is right. */
  readonly verdict: GradientVerdict;
  /** |analytic - numeric| where it is worst, as a share of the largest slope; NaN of a gradient that is not finite. */
  readonly error: number;
  /** The error of the differences as the same share, for the median slope: smaller errors are not detected. */
  readonly resolution: number;
  /** Slopes for which the differences are too inexact, as at a kink of the function. */
  readonly kinks: number;
  /** Elements without a verdict, by reason. */
  readonly notJudged: readonly NotJudged[];
  /** The slope that decided; absent where none could be judged. */
  readonly worst?: WorstSlope;
}

export interface CheckSettings {
  /** In units of the input's spread; undefined leaves it to the mode. */
  readonly step: number | undefined;
  readonly mode: GradcheckMode;
  readonly directions: number;
  readonly seed: number;
}

/** The step in units of an input's spread: the cube root of float32's roundoff, 2^-24. */
const STEP = 2 ** -8;

/** The step where all elements move: slopes are larger, and more kinks lie on the way. */
const DIRECTIONAL_STEP = 2 ** -10;

/** A wrong element shows in one slope only: the worst decides. */
const WORST = 0;

export async function checkInput(
  situation: Situation,
  { step, mode, directions, seed }: CheckSettings,
): Promise<Omit<InputCheck, "isConnected">> {
  const { name, x, shape, gradient } = situation;
  const deviation = spread(x);
  const ofElements = async (elements: readonly number[]) => {
    const { judged, refused } = await checkElements(
      situation,
      (step ?? STEP) * deviation,
      elements,
    );
    return { refused, outcome: summarize(judged, WORST, refused.length) };
  };
  const result = (outcome: Outcome, notJudged: readonly NotJudged[]) => {
    const { decisive, ...rest } = outcome;
    return { name, mode, ...rest, notJudged, ...worstOf(decisive, shape) };
  };
  if (mode === "full") {
    const { outcome, refused } = await ofElements([...x.keys()]);
    return result(outcome, grouped(refused, shape));
  }
  const along = await checkDirections(situation, {
    count: directions,
    seed: `${seed}/${name}`,
    step: step ?? DIRECTIONAL_STEP,
    spread: deviation,
  });
  // Elements whose gradient is not finite do not move with the others: some of them are looked at alone.
  const infinite: number[] = [];
  gradient.forEach((g, i) => Number.isFinite(g) || infinite.push(i));
  if (infinite.length === 0) return result(along, []);
  const { outcome, refused } = await ofElements(infinite.slice(0, directions));
  if (outcome.verdict === "wrong") return result(outcome, grouped(refused, shape));
  const notJudged = grouped(refused, shape);
  const unseen = infinite[directions];
  if (unseen !== undefined) {
    const count = infinite.length - directions;
    notJudged.push({ reason: UNSEEN, count, index: indexAt(unseen, shape) });
  }
  return result(along, notJudged);
}

const UNSEEN =
  "its gradient is not finite, and only some of those are looked at in directional mode";

/** Standard deviation of the elements, or their size where they are nearly the same. */
function spread(x: Float32Array): number {
  const mean = x.reduce((total, value) => total + value, 0) / x.length;
  const variance = x.reduce((total, value) => total + (value - mean) ** 2, 0) / x.length;
  const deviation = Math.sqrt(variance);
  return deviation > 1e-3 * Math.abs(mean) ? deviation : Math.abs(mean) || 1;
}

function worstOf(decisive: Judged | undefined, shape: Shape): { worst?: WorstSlope } {
  if (decisive === undefined) return {};
  const { element, analytic, slope: { numeric }, allowed } = decisive;
  const index = element === undefined ? {} : { index: indexAt(element, shape) };
  return { worst: { ...index, analytic, numeric, allowed } };
}

function grouped(refused: readonly Refusal[], shape: Shape): NotJudged[] {
  const groups = new Map<string, { count: number; first: number }>();
  for (const { reason, element } of refused) {
    const { count, first } = groups.get(reason) ?? { count: 0, first: element };
    groups.set(reason, { count: count + 1, first: Math.min(first, element) });
  }
  return [...groups].map(([reason, { count, first }]) => ({
    reason,
    count,
    index: indexAt(first, shape),
  }));
}
