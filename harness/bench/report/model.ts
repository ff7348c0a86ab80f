/**
 * The bench report before it is written: groups of contenders with their sites, and what follows.
 *
 * @module
 */
import { benchmarked } from "../record.ts";
import {
  type BandwidthRecord,
  type BenchRecord,
  type ChangeRecord,
  hasTiming,
  type RatioRecord,
  type Timing,
} from "../record.ts";
import type { BenchRunRecord } from "../record.ts";
import { type Run, splitRuns } from "../../run/runs.ts";
import { locate, type Located, type Site } from "../../run/report_sections.ts";

/** A group of contenders, and where it ran. */
export type Group = Located<BenchRecord>;

/** Everything that a bench report says. */
export interface BenchReport {
  readonly runs: readonly Run[];
  readonly sites: readonly Site[];
  /** The last pass of each. */
  readonly groups: readonly Group[];
  readonly bandwidths: readonly Located<BandwidthRecord>[];
  readonly changes: readonly Located<ChangeRecord>[];
}

/** Sorts records out. */
export function modelBench(records: readonly BenchRunRecord[]): BenchReport {
  const runs = splitRuns(records);
  const groups = lastPasses(locate(runs, "bench"));
  return {
    runs,
    sites: [...new Set(groups.map(({ site }) => site))],
    groups,
    bandwidths: locate(runs, "bandwidth"),
    changes: locate(runs, "change"),
  };
}

/** Of what was measured in several passes, the last. */
function lastPasses(groups: readonly Group[]): Group[] {
  const last = new Map<string, Group>();
  for (const group of groups) {
    const key = JSON.stringify([group.site.label, ...benchmarked(group.record)]);
    const before = last.get(key);
    if (before === undefined || before.record.pass < group.record.pass) last.set(key, group);
  }
  return [...last.values()];
}

/** The contenders of a group that ran. */
export function timingsOf({ record }: Group): Timing[] {
  return record.contenders.filter(hasTiming);
}

/** Which of two is faster, as far as one can be sure. */
export function judge({ low, high }: RatioRecord): "faster" | "slower" | "no difference" {
  if (high < 1) return "faster";
  return low > 1 ? "slower" : "no difference";
}

/** What a group is run on: a shape and how it sits in caches, or a network. */
export function placeOf({ shape, network, cache }: BenchRecord): string {
  return network ?? `${shape.join("x")} ${cache}`;
}
