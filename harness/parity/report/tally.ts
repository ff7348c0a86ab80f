/**
 * Comparisons and what is found of several of them together.
 *
 * @module
 */
import { hasFigures, type ParityRecord, type Verdict, VERDICTS } from "../record.ts";
import { finiteOrInfinite } from "../../../reports/format.ts";
import type { Located } from "../../run/report_sections.ts";

/** A comparison, and where it was made. */
export type Comparison = Located<ParityRecord>;

/** What was found of some comparisons together. */
export interface Tally {
  readonly comparisons: readonly Comparison[];
  /** The largest custom error, in budgets. */
  readonly custom: number;
  /** The largest error of a reference, in budgets; `null` where none could run. */
  readonly reference: number | null;
  /** How often each verdict was given. */
  readonly counts: Readonly<Record<Verdict, number>>;
  /** The gravest verdict. */
  readonly verdict: Verdict;
}

/** Sums up comparisons. */
export function tally(comparisons: readonly Comparison[]): Tally {
  const records = comparisons.map(({ record }) => record);
  const counts = Object.fromEntries(
    VERDICTS.map((verdict) => [verdict, records.filter((each) => each.verdict === verdict).length]),
  ) as Record<Verdict, number>;
  return {
    comparisons,
    custom: largest(records.map(({ ratio }) => ratio)) ?? 0,
    reference: largest(records.flatMap(referenceRatios)),
    counts,
    verdict: VERDICTS.find((verdict) => counts[verdict] > 0) ?? "agree",
  };
}

/** The errors of the reference in budgets, of each quantity for which it could run. */
export function referenceRatios(record: ParityRecord): number[] {
  return record.quantities.flatMap(({ reference }) =>
    hasFigures(reference) ? [reference.ratio] : []
  );
}

/** The largest ratio, where NaN counts as infinite; `null` of none. */
export function largest(ratios: readonly number[]): number | null {
  return ratios.reduce<number | null>(
    (most, ratio) => Math.max(most ?? 0, finiteOrInfinite(ratio)),
    null,
  );
}
