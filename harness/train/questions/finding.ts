/**
 * Findings: a question, what the records say, what the papers say, and whether the two agree.
 *
 * Every sentence about the records is computed from them. What a paper says is fixed; whether the records
 * support it is not.
 *
 * @module
 */
import { count } from "../../../reports/format.ts";
import { type Contrast, winner } from "../report/contrast.ts";
import type { Panel, TrainReport } from "../report/model.ts";
import { listOf } from "../report/words.ts";

/** An answer to a question of the assignments. */
export interface Finding {
  readonly question: string;
  /** What these records show; without it the question stays open. */
  readonly measured: readonly string[];
  /** What the papers say, in our words, and reasoning that needs no record. */
  readonly papers: readonly string[];
  /** The papers' claims held against the records. */
  readonly verdicts: readonly string[];
}

/** A question, and how records answer it. */
export interface Question {
  readonly question: string;
  /** Suites that bear on it; without any of them it is not asked. */
  readonly suites: readonly string[];
  answer(report: TrainReport): Omit<Finding, "question">;
}

/** Something a paper reports that comparisons can support or not. */
export interface Claim {
  /** A sentence that names the paper. */
  readonly says: string;
  /** What each comparison should come to if it holds here too. */
  readonly expects: "gain" | "loss" | "no loss";
  readonly contrasts: readonly Contrast[];
}

/** The panels of a suite; none where it was not run. */
export function panelsOf({ suites }: TrainReport, suite: string): readonly Panel[] {
  return suites.find(({ name }) => name === suite)?.panels ?? [];
}

/** Comparisons above this number are counted and not named. */
const NAMED = 4;

/** Holds a claim against the records; silent where nothing bears on it. */
export function verdictOn({ says, expects, contrasts }: Claim): string[] {
  if (contrasts.length === 0) return [];
  const parts = Map.groupBy(contrasts, (each) => bearing(each, expects));
  const part = (name: Bearing) => parts.get(name) ?? [];
  const [held, against, open] = [part("for"), part("against"), part("open")];
  const whole = contrasts.length;
  const share = (some: readonly Contrast[]) =>
    some.length === whole
      ? ["the one comparison made", "both comparisons"][whole - 1] ?? `all ${whole} comparisons`
      : `${some.length} of ${count(whole, "comparison")}${named(some)}`;
  const sentences = [
    ...(held.length > 0 ? [`these records agree in ${share(held)}`] : []),
    ...(against.length > 0 ? [`they speak against it in ${share(against)}`] : []),
    ...(open.length > 0
      ? [`they do not support it in ${share(open)}, where the data leave it open`]
      : []),
  ].join("; ");
  const meaning = expects === "no loss"
    ? " (where its 95\u00a0% interval must exclude a loss of more than a point)"
    : "";
  return [`${says} Here, by ${contrasts[0]!.measure.name}${meaning}: ${sentences}.`];
}

/** A loss of accuracy that counts as none. */
const TOLERATED = 0.01;

type Bearing = "for" | "against" | "open";

function bearing(each: Contrast, expects: Claim["expects"]): Bearing {
  const side = winner(each);
  if (expects === "no loss") {
    // That no loss was found is no proof that there is none: the interval must exclude one of any size.
    const [low, high] = each.found?.interval ?? [-Infinity, Infinity];
    const worst = each.measure.better === "higher" ? low : -high;
    if (worst > -TOLERATED) return "for";
    return side < 0 ? "against" : "open";
  }
  if (side === 0) return "open";
  return (side > 0) === (expects === "gain") ? "for" : "against";
}

function named(contrasts: readonly Contrast[]): string {
  if (contrasts.length > NAMED) return "";
  return ` (${
    listOf(contrasts.map(({ panel, arm, base }) =>
      `${panel.label}: ${arm.label} against ${base.label}`
    ))
  })`;
}
