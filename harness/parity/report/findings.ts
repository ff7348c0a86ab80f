/**
 * Findings: everything that is not `agree`, grouped.
 *
 * A reference that is wrong is wrong for every implementation and often on every backend: that is one
 * finding. Cases that fail with the same error are one finding too.
 *
 * @module
 */
import { oneLine } from "../../../reports/format.ts";
import type { Failure } from "../../run/record.ts";
import {
  answered,
  blamesCustom,
  type ErrorSummary,
  type QuantityRecord,
  type Verdict,
  VERDICTS,
} from "../record.ts";
import { type Comparison, largest } from "./tally.ts";
import { finiteOrInfinite, formatRatio } from "./verdicts.ts";

export interface Finding {
  readonly verdict: Verdict;
  readonly norm: string;
  /** Who is to blame: implementations, references. */
  readonly subjects: readonly string[];
  /** Case ids; more than one where they fail with the same error. */
  readonly cases: readonly string[];
  /** What is off, the largest error first. */
  readonly quantities: readonly { readonly name: string; readonly ratio: number }[];
  readonly error: string | null;
  readonly sites: readonly string[];
  /** The largest error, in budgets. */
  readonly ratio: number;
}

interface Observation {
  readonly comparison: Comparison;
  readonly quantity: QuantityRecord;
  /** What the party to blame answered; of two, the answer that is further off. */
  readonly blamed: ErrorSummary | Failure;
}

/** Groups all that is not `agree`, the worst verdict and the largest error first. */
export function findFindings(comparisons: readonly Comparison[]): Finding[] {
  const observations = comparisons.flatMap((comparison) =>
    comparison.record.quantities.filter(({ verdict }) => verdict !== "agree")
      .map((quantity) => ({ comparison, quantity, blamed: blamedAnswer(quantity) }))
  );
  const rank = ({ verdict }: Finding) => VERDICTS.indexOf(verdict);
  return [...Map.groupBy(observations, findingKey).values()].map(summarize)
    .sort((a, b) => rank(a) - rank(b) || compareDescending(a.ratio, b.ratio));
}

/** What is off, in words: `y off by 41 budgets (dx 21)`, or the text of the error. */
export function measurement({ error, quantities: [first, ...others] }: Finding): string {
  if (error !== null) return oneLine(error);
  const rest = others.map(({ name, ratio }) => `${name} ${formatRatio(ratio)}`).join(", ");
  const most = `${first!.name} off by ${formatRatio(first!.ratio)} budgets`;
  return rest === "" ? most : `${most} (${rest})`;
}

/** Where a finding was made, of `total` sites in all. */
export function sitesOf({ sites }: Finding, total: number): string {
  return sites.length === total && total > 1 ? "every backend" : sites.join(", ");
}

function blamedAnswer({ verdict, custom, reference }: QuantityRecord): ErrorSummary | Failure {
  if (verdict === "both off") return ratioOf(custom) > ratioOf(reference) ? custom : reference;
  return blamesCustom(verdict) ? custom : reference;
}

function ratioOf(answer: ErrorSummary | Failure): number {
  return answered(answer) ? finiteOrInfinite(answer.ratio) : Infinity;
}

function findingKey(
  { comparison: { record }, quantity: { verdict }, blamed }: Observation,
): string {
  const reference = verdict === "custom wrong" ? null : record.reference;
  const what = answered(blamed) ? ["case", record.case.id] : ["error", blamed.error];
  return JSON.stringify([verdict, record.norm, reference, ...what]);
}

function summarize(observations: readonly Observation[]): Finding {
  const first = observations[0]!;
  const quantities = worstByQuantity(observations);
  return {
    verdict: first.quantity.verdict,
    norm: first.comparison.record.norm,
    subjects: unique(observations.flatMap(subjectsOf)),
    cases: unique(observations.map(({ comparison }) => comparison.record.case.id)),
    quantities,
    error: answered(first.blamed) ? null : first.blamed.error,
    sites: unique(observations.map(({ comparison }) => comparison.site.label)),
    ratio: quantities[0]!.ratio,
  };
}

function subjectsOf({ comparison: { record }, quantity: { verdict } }: Observation): string[] {
  if (verdict === "both off") return [record.implementation, record.reference];
  return [blamesCustom(verdict) ? record.implementation : record.reference];
}

function worstByQuantity(observations: readonly Observation[]): Finding["quantities"] {
  return [...Map.groupBy(observations, ({ quantity }) => quantity.name)]
    .map(([name, group]) => ({ name, ratio: largest(group.map((o) => ratioOf(o.blamed))) ?? 0 }))
    .sort((a, b) => compareDescending(a.ratio, b.ratio));
}

/** Orders numbers, the largest first; a plain difference of two infinities would be NaN. */
function compareDescending(a: number, b: number): number {
  return a === b ? 0 : a > b ? -1 : 1;
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
