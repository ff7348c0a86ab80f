/**
 * What a bench report says first.
 *
 * @module
 */
import type { Headline } from "../../../reports/document.ts";
import { count, formatNumber } from "../../../reports/format.ts";
import { geometricMean } from "../../../reports/statistics.ts";
import { type RatioRecord, WITHOUT_NORM } from "../record.ts";
import {
  type BenchReport,
  type Group,
  isAlone,
  judge,
  placeOf,
  timingsOf,
  unsteadyIn,
} from "./model.ts";
import { formatShare } from "./tables.ts";
import { traceSentences } from "./trace.ts";

export function writeHeadline({ groups, changes, traces }: BenchReport): Headline {
  const [traced, ...more] = traceSentences(traces);
  if (groups.length === 0 && traced !== undefined) {
    return { tone: "neutral", verdict: traced, remarks: more };
  }
  if (groups.length === 0) {
    return { tone: "incomplete", verdict: "Nothing was timed.", remarks: [] };
  }
  const [found, ...others] = [
    ...againstLayers(groups.filter(isAlone)),
    ...ofSteps(groups.filter((group) => !isAlone(group))),
  ];
  const remarks = [
    ...others,
    ...nearestToBandwidth(groups),
    ...peersRemark(groups),
    ...driftRemark(groups),
    ...unsteadyRemark(groups),
    ...traceSentences(traces),
  ];
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
    return { tone: "neutral", verdict: found!, remarks };
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
    remarks: [found!, ...remarks],
  };
}

function againstLayers(groups: readonly Group[]): string[] {
  if (groups.length === 0) return [];
  const ratios = groups.flatMap(({ record }) =>
    record.ratios.filter(({ against }) => against === "tf.layers")
  );
  if (ratios.length === 0) {
    return ["Custom norms were timed, with no tf.layers to compare them with."];
  }
  const times = (verdict: ReturnType<typeof judge>) =>
    ratios.filter((ratio) => judge(ratio) === verdict).length;
  return [
    `Custom norms are faster than tf.layers in ${times("faster")} of ${
      count(ratios.length, "comparison")
    }, slower in ${times("slower")}; typically they take ${typical(ratios)} times as long.`,
  ];
}

function typical(ratios: readonly RatioRecord[]): string {
  return formatNumber(geometricMean(ratios.map(({ ratio }) => ratio)), 2);
}

/** How our usual training step compares with each other contender: a sentence for each backend. */
function ofSteps(groups: readonly Group[]): string[] {
  const sites = Map.groupBy(groups, ({ site }) => site.label);
  return [...sites].map(([site, members]) => {
    const ratios = members.flatMap(({ record }) => {
      const ours = record.contenders.find(({ role }) => role === "custom")?.name;
      const unsteady = unsteadyIn(record);
      return record.ratios.filter(({ contender, against }) =>
        contender === ours && against !== WITHOUT_NORM &&
        !unsteady.has(contender) && !unsteady.has(against)
      );
    });
    if (ratios.length === 0) {
      return `Training steps on ${site} had nothing to compare with that kept its speed.`;
    }
    const clauses = [...Map.groupBy(ratios, ({ against }) => against)].map(([against, each]) => {
      const faster = each.filter((ratio) => judge(ratio) === "faster").length;
      return `${
        typical(each)
      } times as long as with ${against} (faster in ${faster} of ${each.length})`;
    });
    return `Our training step (${ratios[0]!.contender}) on ${site} typically takes ${
      clauses.join(", ")
    }.`;
  });
}

/** The contender that comes nearest to the bandwidth on data that does not fit a cache. */
function nearestToBandwidth(groups: readonly Group[]): string[] {
  const shares = groups.filter(({ record }) => record.cache === "cold").flatMap((group) => {
    const unsteady = unsteadyIn(group.record);
    const timings = timingsOf(group).filter(({ name }) => !unsteady.has(name));
    if (!timings.some(({ role }) => role === "copy")) return [];
    return timings.filter(({ role, copyShare }) => role !== "copy" && copyShare !== null)
      .map(({ name, copyShare }) => ({ ...group, name, share: copyShare! }));
  });
  if (shares.length === 0) return [];
  const { record, site, name, share } = shares.reduce((best, other) =>
    other.share > best.share ? other : best
  );
  return [
    `Nearest to the bandwidth: ${name}, ${record.norm} norm, ${record.workload} of ${
      placeOf(record)
    } on ${site.label}, with ${formatShare(share)}.`,
  ];
}

/** Without rivals, our steps would look better than they may be. */
function peersRemark(groups: readonly Group[]): string[] {
  const steps = groups.filter((group) => !isAlone(group));
  const hasPeers = steps.some(({ record }) =>
    record.contenders.some(({ role }) => role === "peer")
  );
  return steps.length === 0 || hasPeers
    ? []
    : ["No other framework took part: add --peers pytorch,keras."];
}

function unsteadyRemark(groups: readonly Group[]): string[] {
  const unsteady = new Set(groups.flatMap(({ record }) => [...unsteadyIn(record)]));
  return unsteady.size === 0 ? [] : [
    `The machine was too busy for ${
      [...unsteady].join(", ")
    } in some groups: ratios with ~ say nothing.`,
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
