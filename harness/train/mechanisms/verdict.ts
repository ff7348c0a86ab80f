/** Whether measured values support a claim: one declared comparison, with its interval. */
import { difference, type Interval, type Numbered } from "../../../reports/statistics.ts";
import type { MechanismClaim } from "./mechanism.ts";

export type ClaimVerdict = "supported" | "contradicted" | "undecided";

export interface JudgedClaim {
  readonly verdict: ClaimVerdict;
  /** Difference, or ratio, of the means over trials; NaN where there is nothing to compare. */
  readonly effect: number;
  /** Its 95 % interval; null of fewer than two trials. */
  readonly interval: Interval | null;
  readonly trials: number;
  /** Trials that would decide an undecided claim with a power of 0.8, at the spread seen here. */
  readonly needed?: number;
}

/** Quantiles of the normal distribution for 95 % confidence and a power of 0.8. */
const [CONFIDENCE, POWER] = [1.96, 0.842];

/**
 * Judges a claim by the values of arm and base, by the number of their trial.
 *
 * A claim that one is higher is supported if the whole interval is above 0 and the effect is at least
 * the least one of interest; contradicted if the whole interval is below that. Equality is supported
 * if the whole interval is within the least effect.
 */
export function judgeClaim(claim: MechanismClaim, arm: Numbered, base: Numbered): JudgedClaim {
  const { byRatio = false, least, expects } = claim;
  const scale = byRatio ? logarithms : (values: Numbered) => values;
  const found = difference(scale(arm), scale(base));
  const back = byRatio ? Math.exp : (value: number) => value;
  if (found === null) return { verdict: "undecided", effect: NaN, interval: null, trials: 0 };
  const margin = byRatio ? Math.log(least) : least;
  // Values that do not vary have no interval, and need none.
  const interval = found.interval ?? (found.size > 1 ? [found.mean, found.mean] as const : null);
  const verdict = interval === null
    ? "undecided"
    : verdictOf(expects, found.mean, interval, margin);
  return {
    verdict,
    effect: back(found.mean),
    interval: interval && [back(interval[0]), back(interval[1])],
    trials: found.size,
    ...(verdict === "undecided" && interval !== null &&
      { needed: trialsNeeded(found.mean, interval, found.size, margin) }),
  };
}

function logarithms(values: Numbered): Numbered {
  return new Map([...values].map(([number, value]) => [number, Math.log(value)]));
}

function verdictOf(
  expects: MechanismClaim["expects"],
  effect: number,
  [low, high]: Interval,
  least: number,
): ClaimVerdict {
  if (expects === "lower") return verdictOf("higher", -effect, [-high, -low], least);
  if (expects === "higher") {
    if (low > 0 && effect >= least) return "supported";
    return high < least ? "contradicted" : "undecided";
  }
  if (high < least && (expects === "not higher" || low > -least)) return "supported";
  return low > least || (expects === "equal" && high < -least) ? "contradicted" : "undecided";
}

/** From the spread that the interval shows; the distance to tell is that to the nearer border. */
function trialsNeeded(effect: number, [low, high]: Interval, size: number, least: number): number {
  // Half the interval is about 1.96 standard errors.
  const deviation = (high - low) / (2 * CONFIDENCE) * Math.sqrt(size);
  const distance = Math.max(Math.min(Math.abs(effect), Math.abs(Math.abs(effect) - least)), 1e-12);
  return Math.max(size + 1, Math.ceil(((CONFIDENCE + POWER) * deviation / distance) ** 2));
}
