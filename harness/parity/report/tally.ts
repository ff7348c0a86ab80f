/**
 * What several comparisons show together, down to the headline of all of them.
 *
 * @module
 */
import type { Headline } from "../../../reports/document.ts";
import { count } from "../../../reports/format.ts";
import type { Located } from "../../run/report.ts";
import {
  answered,
  blamesCustom,
  type ParityRecord,
  type Verdict,
  VERDICTS,
  worstVerdict,
} from "../record.ts";
import { finiteOrInfinite } from "./verdicts.ts";

export type Comparison = Located<ParityRecord>;

export interface Tally {
  readonly comparisons: readonly Comparison[];
  /** The largest custom error, in budgets. */
  readonly custom: number;
  /** The largest error of a reference, in budgets; `null` where none could run. */
  readonly reference: number | null;
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly verdict: Verdict;
}

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
    verdict: worstVerdict(records.map(({ verdict }) => verdict)),
  };
}

/** The errors of the reference in budgets, of each quantity for which it could run. */
export function referenceRatios(record: ParityRecord): number[] {
  return record.quantities.flatMap(({ reference }) => answered(reference) ? [reference.ratio] : []);
}

/** The largest ratio, where NaN counts as infinite; `null` of none. */
export function largest(ratios: readonly number[]): number | null {
  return ratios.reduce<number | null>(
    (most, ratio) => Math.max(most ?? 0, finiteOrInfinite(ratio)),
    null,
  );
}

/** The headline of a report on a run that lacked `missing` things. */
export function writeHeadline(total: Tally, missing: number): Headline {
  const { counts, comparisons } = total;
  const failed = counts["custom wrong"] + counts["both off"];
  const incomplete = missing > 0 || comparisons.length === 0;
  return {
    tone: failed > 0 ? "failed" : incomplete ? "incomplete" : "passed",
    verdict: verdictSentence(total, failed),
    remarks: [
      ...(missing > 0
        ? [
          `The run is not complete: ${
            missing === 1 ? "one thing it needs is" : `${missing} things it needs are`
          } missing.`,
        ]
        : []),
      ...referenceSentences(total),
    ],
  };
}

function verdictSentence({ comparisons }: Tally, failed: number): string {
  if (comparisons.length === 0) return "Nothing was compared.";
  if (failed === 0) {
    return comparisons.length === 1
      ? "The custom norm is within its error budget in the one comparison made."
      : `Every custom norm is within its error budget in all ${comparisons.length} comparisons.`;
  }
  const blamed = comparisons.map(({ record }) => record).filter(({ verdict }) =>
    blamesCustom(verdict)
  );
  const names = [...Map.groupBy(blamed, ({ norm }) => norm)].map(([norm, records]) =>
    `${norm} (${[...new Set(records.map(({ implementation }) => implementation))].join(", ")})`
  );
  const share = `${failed} of ${count(comparisons.length, "comparison")}`;
  return `Outside the error budget in ${share}: ${names.join(", ")}.`;
}

/** How often each reference was wrong or could not run. */
function referenceSentences({ comparisons }: Tally): string[] {
  return [...Map.groupBy(comparisons, ({ record }) => record.reference)].flatMap(
    ([reference, members]) => {
      const times = (verdict: string) =>
        members.filter(({ record }) => record.verdict === verdict).length;
      const [wrong, cannot] = [times("reference wrong"), times("reference cannot")];
      if (wrong + cannot === 0) return [];
      const faults = [
        ...(wrong > 0 ? [`is itself wrong in ${wrong}`] : []),
        ...(cannot > 0 ? [`cannot run ${cannot}`] : []),
      ];
      return [`${reference} ${faults.join(" and ")} of ${count(members.length, "comparison")}.`];
    },
  );
}
