/**
 * What a bench report says first.
 *
 * @module
 */
import type { Headline } from "../../../reports/document.ts";
import { count, formatNumber } from "../../../reports/format.ts";
import { geometricMean } from "../../../reports/statistics.ts";
import { type BenchReport, type Group, judge, placeOf, timingsOf } from "./model.ts";
import { formatShare } from "./tables.ts";

export function writeHeadline({ groups, changes }: BenchReport): Headline {
  if (groups.length === 0) {
    return { tone: "incomplete", verdict: "Nothing was timed.", remarks: [] };
  }
  const remarks = [...nearestToCopy(groups), ...driftRemark(groups)];
  const customs = groups.flatMap(({ record }) =>
    record.contenders.filter(({ role }) => role === "custom")
  );
  if (customs.every((each) => "error" in each)) {
    return {
      tone: "failed",
      verdict: `None of ${count(customs.length, "custom norm")} could be timed.`,
      remarks,
    };
  }
  if (changes.length === 0) {
    return { tone: "neutral", verdict: againstLayers(groups), remarks };
  }
  const slower = changes.filter(({ record }) => record.verdict === "slower");
  const baselines = [...new Set(changes.map(({ record }) => record.baseline))].join(", ");
  const names = new Set(slower.map(({ record }) => `${record.norm} (${record.contender})`));
  return {
    tone: slower.length > 0 ? "failed" : "passed",
    verdict: slower.length > 0
      ? `Slower than the baseline ${baselines} in ${slower.length} of ${
        count(changes.length, "comparison")
      }: ${[...names].join(", ")}.`
      : `Nothing is slower than in the baseline ${baselines}, in ${
        count(changes.length, "comparison")
      }.`,
    remarks: [againstLayers(groups), ...remarks],
  };
}

function againstLayers(groups: readonly Group[]): string {
  const ratios = groups.flatMap(({ record }) =>
    record.ratios.filter(({ against }) => against === "tf.layers")
  );
  if (ratios.length === 0) {
    return "Custom norms were timed, with no tf.layers to compare them with.";
  }
  const times = (verdict: ReturnType<typeof judge>) =>
    ratios.filter((ratio) => judge(ratio) === verdict).length;
  return `Custom norms are faster than tf.layers in ${times("faster")} of ${
    count(ratios.length, "comparison")
  }, slower in ${times("slower")}; typically they take ${
    formatNumber(geometricMean(ratios.map(({ ratio }) => ratio)), 2)
  } times as long.`;
}

/** The contender that comes nearest to the copy on data that does not fit a cache. */
function nearestToCopy(groups: readonly Group[]): string[] {
  const shares = groups.filter(({ record }) => record.cache === "cold").flatMap((group) =>
    timingsOf(group).filter(({ role, copyShare }) => role !== "copy" && copyShare !== null)
      .map(({ name, copyShare }) => ({ ...group, name, share: copyShare! }))
  );
  if (shares.length === 0) return [];
  const { record, site, name, share } = shares.reduce((best, other) =>
    other.share > best.share ? other : best
  );
  return [
    `Nearest to the speed of a copy: ${name}, ${record.norm} norm, ${record.workload} of ${
      placeOf(record)
    } on ${site.label}, with ${formatShare(share)}.`,
  ];
}

function driftRemark(groups: readonly Group[]): string[] {
  const drifted = groups.filter(({ record }) => record.calibration?.drifted).length;
  return drifted === 0 ? [] : [
    `The speed of the machine changed during ${drifted} of ${
      count(groups.length, "group")
    }; these are marked with ~.`,
  ];
}
