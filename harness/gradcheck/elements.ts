/**
 * Every partial derivative of a function: one element moves at a time.
 *
 * @module
 */
import { median, quantile } from "../../reports/statistics.ts";
import {
  CENTRAL,
  elementMovement,
  knownNoise,
  ONE_SIDED,
  SHORTENING,
  type Situation,
  type Slope,
  slopeAlong,
} from "./differences.ts";
import {
  excess,
  type Judged,
  judgeSlope,
  LARGEST_UNCERTAINTY,
  largestSlope,
  type Noise,
  share,
  TAIL,
} from "./judge.ts";

/** How often a step is shortened at the most. */
const MOST_SHORTENINGS = 24;

/** The least step, as a share of the element: some 16 of its last digits. */
const LEAST_STEP = 2 ** -20;

/** In multiples of the known noise: where slopes change by more, that may be something else than noise. */
const SUSPICIOUS = 8;

/** In medians: nine of ten of normal noise stay below 2.4. */
const FAR = 4;

/** Further steps, as shares of the best one, with which a wrong slope has to be wrong. */
const CONFIRMATIONS = [3 / 4, 1 / 2];

/** A slope that grows by more than this as the step shrinks, and never settles, has no limit. */
const DIVERGENCE = 2;

/** Why an element has no verdict. */
export interface Refusal {
  readonly element: number;
  readonly reason: string;
}

const REASONS = {
  output: "its gradient is not finite, and an output that is not finite may depend on it",
  edge: "the domain of the function ends there, and its gradient is not finite",
  island: "the function is not finite beside it",
  diverges:
    "the slope grows without limit as the step shrinks, as where a domain ends or values jump",
  unsettled: "the domain of the function ends too close to it for differences",
};

/** Slopes of these elements, and those that have none. */
export async function checkElements(
  situation: Situation,
  step: number,
  elements: readonly number[],
): Promise<{ readonly judged: readonly Judged[]; readonly refused: readonly Refusal[] }> {
  const { gradient } = situation;
  const slopesWith = async (step: number) => {
    const slopes = new Map<number, Slope>();
    for (const i of elements) {
      const slope = await slopeAlong(situation, elementMovement(situation, i), step);
      if (slope !== undefined) slopes.set(i, slope);
    }
    return slopes;
  };
  const slopes = await slopesWith(step);
  const noises = await noisesOf(situation, step, slopes, slopesWith);
  const doubtful: number[] = [];
  const usable: Judged[] = [];
  for (const i of elements) {
    const slope = slopes.get(i);
    if (slope === undefined || !Number.isFinite(gradient[i])) doubtful.push(i);
    else usable.push(judgeSlope(slope, gradient[i]!, noises.all, i));
  }
  const largest = largestSlope(usable);
  const isVague = ({ allowed }: Judged) => share(allowed, largest) > LARGEST_UNCERTAINTY;
  doubtful.push(...usable.filter(isVague).map(({ element }) => element!));

  const judged: Judged[] = [];
  const refused: Refusal[] = [];
  const refine = async (i: number) => {
    const result = await refineElement(situation, step, i, noises);
    if ("reason" in result) refused.push(result);
    else judged.push(result);
  };
  for (const i of doubtful) await refine(i);
  // Nothing is called wrong before other steps have said the same; one that is wrong is enough.
  const clear = usable.filter((each) => !isVague(each)).sort((a, b) => excess(b) - excess(a));
  const isWrong = () => judged.some((each) => excess(each) > 1);
  while (clear.length > 0 && excess(clear[0]!) > 1 && !isWrong()) {
    await refine(clear.shift()!.element!);
  }
  return { judged: [...judged, ...clear], refused };
}

interface Noises {
  /** What the rounding of the outputs makes. */
  readonly outputs: Noise;
  /** That, what the rounding of the gradient makes, and what is measured beyond that. */
  readonly all: Noise;
}

async function noisesOf(
  situation: Situation,
  step: number,
  slopes: ReadonlyMap<number, Slope>,
  slopesWith: (step: number) => Promise<ReadonlyMap<number, Slope>>,
): Promise<Noises> {
  const largest = situation.gradient.reduce(
    (most, g) => Number.isFinite(g) ? Math.max(most, Math.abs(g)) : most,
    0,
  );
  const [outputs, known] = [knownNoise(situation, 0), knownNoise(situation, largest)];
  let measured = typical([...slopes.values()].map(({ change }) => change));
  if (measured > SUSPICIOUS * known(step)) {
    // Slopes change by more than rounding where the function is steep. A shorter step tells: noise grows
    // with its inverse, all else shrinks.
    const shorter = await slopesWith(step / SHORTENING);
    const noise = [...slopes].map(([i, { change }]) =>
      Math.min(change, (shorter.get(i)?.change ?? Infinity) / SHORTENING)
    );
    measured = typical(noise);
  }
  return {
    outputs: (shorter) => TAIL * outputs(shorter),
    all: (shorter) => TAIL * (known(shorter) + measured * step / shorter),
  };
}

/** What nine of ten slopes change by, unless that is far from what most do: some may be beside a pole. */
function typical(changes: readonly number[]): number {
  const nonzero = changes.filter((change) => change > 0);
  return nonzero.length === 0 ? 0 : Math.min(quantile(changes, 0.9), FAR * median(nonzero));
}

/** Takes the step at which the slope is most exact, one-sided where the function ends. */
async function refineElement(
  situation: Situation,
  step: number,
  element: number,
  noises: Noises,
): Promise<Judged | Refusal> {
  const analytic = situation.gradient[element]!;
  const leastStep = LEAST_STEP * Math.abs(situation.x[element]!);
  const movement = elementMovement(situation, element);
  if (!Number.isFinite(analytic) && situation.dy.includes(0)) {
    return { element, reason: REASONS.output };
  }
  for (const stencil of [CENTRAL, ...ONE_SIDED]) {
    const slopeWith = async (shorter: number, noise = noises.all) => {
      const slope = await slopeAlong(situation, movement, shorter, stencil);
      return slope && judgeSlope(slope, analytic, noise, element);
    };
    const tried: Judged[] = [];
    for (let level = 0; level <= MOST_SHORTENINGS; level++) {
      const shorter = step / SHORTENING ** level;
      const last = tried.at(-1);
      // Where rounding alone is more than what a slope may be off by, the next one is not more exact.
      if (shorter < leastStep || (last && noises.all(shorter) >= last.allowed)) break;
      const each = await slopeWith(shorter);
      if (each !== undefined) tried.push(each);
    }
    if (tried.length === 0) continue;
    const best = mostExact(tried);
    const isEndless = diverges(tried, noises.all);
    if (!isEndless && excess(best) <= 1) return best;
    // The step may reach beyond a pole: a shorter one that leaves less open is believed.
    const { error, slope } = isEndless ? tried[0]! : best;
    for (let level = 1; level <= MOST_SHORTENINGS; level++) {
      const shorter = slope.step / SHORTENING ** level;
      if (shorter < leastStep || !(noises.outputs(shorter) < error / 4)) break;
      const again = await slopeWith(shorter, noises.outputs);
      if (again && excess(again) <= 1 && again.allowed <= error / 2) return again;
    }
    if (isEndless) return { element, reason: REASONS.diverges };
    if (stencil !== CENTRAL) {
      // Beside an edge, functions may be as steep as they like: only a slope that settles says something.
      if (!Number.isFinite(analytic)) return { element, reason: REASONS.edge };
      if (!settles(best)) return { element, reason: REASONS.unsettled };
    }
    for (const share of CONFIRMATIONS) {
      const again = await slopeWith(share * best.slope.step);
      if (again !== undefined && excess(again) <= 1) return again;
    }
    return best;
  }
  return { element, reason: REASONS.island };
}

function settles({ allowed, slope }: Judged): boolean {
  return allowed <= LARGEST_UNCERTAINTY * Math.abs(slope.numeric);
}

/** One that settles, if there is one: a step that reaches beyond a pole can look exact without. */
function mostExact(tried: readonly Judged[]): Judged {
  const settled = tried.filter(settles);
  return (settled.length > 0 ? settled : tried)
    .reduce((best, each) => each.allowed < best.allowed ? each : best);
}

function diverges(tried: readonly Judged[], noise: Noise): boolean {
  const [first, last] = [tried[0]!.slope, tried.at(-1)!.slope];
  const [before, after] = [Math.abs(first.numeric), Math.abs(last.numeric)];
  return !tried.some(settles) && after > DIVERGENCE * before && after > noise(last.step);
}
