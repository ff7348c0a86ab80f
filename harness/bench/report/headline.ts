/**
 * What a bench report says first.
 *
 * @module
 */
import type { RatioRecord } from "../record.ts";
import type { Headline } from "../../../reports/document.ts";
import { count, formatNumber } from "../../../reports/format.ts";
import { type BenchReport, type Group, judge, placeOf, timingsOf } from "./model.ts";
import { formatShare } from "./units.ts";

/** Sums up a report. */
export function writeHeadline(report: BenchReport): Headline {
  const { groups, changes } = report;
  if (groups.length === 0) {
    return { tone: "incomplete", verdict: "Nothing was timed.", remarks: [] };
  }
  const slower = changes.filter(({ record }) => record.verdict === "slower");
  const remarks = [...nearestToCopy(groups), ...driftRemark(groups)];
  if (changes.length === 0) {
    return { tone: "neutral", verdict: againstLayers(groups), remarks };
  }
  const names = [...new Set(changes.map(({ record }) => record.baseline))].join(", ");
  return {
    tone: slower.length > 0 ? "failed" : "passed",
    verdict: slower.length > 0
      ? `Slower than the baseline ${names} in ${slower.length} of ${
        count(changes.length, "comparison")
      }: ${
        [...new Set(slower.map(({ record }) => `${record.norm} (${record.contender})`))].join(", ")
      }.`
      : `Nothing is slower than in the baseline ${names}, in ${
        count(changes.length, "comparison")
      }.`,
    remarks: [againstLayers(groups), ...remarks],
  };
}

/** How the custom norms stand against `tf.layers`. */
function againstLayers(groups: readonly Group[]): string {
  const ratios = groups.flatMap(({ record }) =>
    record.ratios.filter(({ against }) => against === "tf.layers")
  );
  if (ratios.length === 0) return "Custom norms were timed; tf.layers has none of them.";
  const times = (verdict: ReturnType<typeof judge>) =>
    ratios.filter((ratio) => judge(ratio) === verdict).length;
  return `Custom norms are faster than tf.layers in ${times("faster")} of ${
    count(ratios.length, "comparison")
  }, slower in ${times("slower")}; typically they take ${
    formatNumber(geometricMean(ratios), 2)
  } times as long.`;
}

function geometricMean(ratios: readonly RatioRecord[]): number {
  return Math.exp(ratios.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / ratios.length);
}

/** The contender that comes nearest to the copy on data that no cache holds. */
function nearestToCopy(groups: readonly Group[]): string[] {
  const shares = groups.filter(({ record }) => record.cache === "cold").flatMap((group) =>
    timingsOf(group).filter(({ role, copyShare }) => role !== "copy" && copyShare !== null)
      .map((timing) => ({ group, timing, share: timing.copyShare! }))
  );
  if (shares.length === 0) return [];
  const { group, timing, share } = shares.reduce((best, other) =>
    other.share > best.share ? other : best
  );
  const { record, site } = group;
  return [
    `Nearest to the speed of a copy: ${timing.name}, ${record.norm} norm, ${record.workload} of ${
      placeOf(record)
    } on ${site.label}, with ${formatShare(share)}.`,
  ];
}

function driftRemark(groups: readonly Group[]): string[] {
  const drifted = groups.filter(({ record }) => record.calibration?.drifted).length;
  return drifted === 0 ? [] : [
    `The machine changed its speed during ${drifted} of ${
      count(groups.length, "group")
    }; these are marked with ~.`,
  ];
}
