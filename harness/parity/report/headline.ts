/**
 * The verdict of a whole report, in a few sentences.
 *
 * @module
 */
import { blamesCustom } from "../record.ts";
import type { Headline } from "../../../reports/document.ts";
import { count } from "../../../reports/format.ts";
import type { Tally } from "./tally.ts";

/** Sums up a report of which `missing` things were not found. */
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

/** What is to be said of each reference that was wrong or could not run. */
function referenceSentences({ comparisons }: Tally): string[] {
  return [...Map.groupBy(comparisons, ({ record }) => record.reference)].flatMap(
    ([reference, members]) => {
      const times = (verdict: string) =>
        members.filter(({ record }) => record.verdict === verdict).length;
      const [wrong, cannot] = [times("reference wrong"), times("reference cannot")];
      const faults = [
        ...(wrong > 0 ? [`is itself wrong in ${wrong}`] : []),
        ...(cannot > 0 ? [`cannot run ${cannot}`] : []),
      ];
      return faults.length > 0
        ? [`${reference} ${faults.join(" and ")} of ${count(members.length, "comparison")}.`]
        : [];
    },
  );
}
