/**
 * What a bench report is made from: groups of contenders, where each ran, and a colour a contender.
 *
 * @module
 */
import { INK } from "../../../reports/figure.ts";
import { CUSTOM_COLOURS, PEER_COLOURS, REFERENCE_COLOURS } from "../../../reports/palette.ts";
import { locate, type Located, type Site } from "../../run/report.ts";
import { type Run, splitRuns } from "../../run/runs.ts";
import {
  type BandwidthRecord,
  benchmarked,
  type BenchRecord,
  type BenchRunRecord,
  type ChangeRecord,
  type ContenderRole,
  hasTiming,
  type RatioRecord,
  type Timing,
  type TraceRecord,
} from "../record.ts";

export type Group = Located<BenchRecord>;

/** Colours by contender: the same in all figures of a report. */
export type Colours = ReadonlyMap<string, string>;

export interface BenchReport {
  readonly runs: readonly Run[];
  readonly sites: readonly Site[];
  /** The last pass of each. */
  readonly groups: readonly Group[];
  readonly bandwidths: readonly Located<BandwidthRecord>[];
  readonly changes: readonly Located<ChangeRecord>[];
  readonly traces: readonly Located<TraceRecord>[];
  readonly colours: Colours;
}

export function modelBench(records: readonly BenchRunRecord[]): BenchReport {
  const runs = splitRuns(records);
  const groups = lastPasses(locate(runs, "bench"));
  const traces = locate(runs, "trace");
  return {
    runs,
    sites: [...new Set([...groups, ...traces].map(({ site }) => site))],
    groups,
    bandwidths: locate(runs, "bandwidth"),
    changes: locate(runs, "change"),
    traces,
    colours: colour(groups),
  };
}

/** Keeps the last pass of what was measured in several. */
function lastPasses(groups: readonly Group[]): Group[] {
  const last = new Map<string, Group>();
  for (const group of groups) {
    const key = JSON.stringify([group.site.label, ...benchmarked(group.record)]);
    const before = last.get(key);
    if (before === undefined || before.record.pass < group.record.pass) last.set(key, group);
  }
  return [...last.values()];
}

const COLOURS: Readonly<Record<ContenderRole, readonly string[]>> = {
  custom: CUSTOM_COLOURS,
  reference: REFERENCE_COLOURS,
  peer: PEER_COLOURS,
  copy: [INK],
};

/** Its name in figures, where the plain operations of all sizes are one contender. */
export function labelOf({ name, role }: Timing): string {
  return role === "copy" ? "plain operation" : name;
}

/** Colours for all contenders that figures show: those of norms alone, by role. */
function colour(groups: readonly Group[]): Colours {
  const byRole = Map.groupBy(groups.filter(isAlone).flatMap(timingsOf), ({ role }) => role);
  return new Map(
    (Object.keys(COLOURS) as ContenderRole[]).flatMap((role) => {
      const names = new Set(byRole.get(role)?.map(labelOf));
      return [...names].map((name, i) => [name, COLOURS[role][i % COLOURS[role].length]!] as const);
    }),
  );
}

export function isAlone({ record }: Group): boolean {
  return record.workload !== "training step";
}

export function timingsOf({ record }: Group): Timing[] {
  return record.contenders.filter(hasTiming);
}

/** Which of two contenders is faster, where the interval is on one side of 1. */
export function judge({ low, high }: RatioRecord): "faster" | "slower" | "no difference" {
  if (high < 1) return "faster";
  return low > 1 ? "slower" : "no difference";
}

/** Samples of which the slower quarter takes so many times as long as the faster quarter say little. */
const UNSTEADY = 2;

/** The contenders that a busy machine hit so hard that ratios with them say nothing. */
export function unsteadyIn(record: BenchRecord): ReadonlySet<string> {
  const unsteady = record.contenders.filter(hasTiming).filter(({ seconds: { p25, p75 } }) =>
    p75 > UNSTEADY * p25
  );
  return new Set(unsteady.map(({ name }) => name));
}

/** What a group runs on: a network, or a shape and whether caches hold it. */
export function placeOf({ shape, network, cache }: BenchRecord): string {
  return network ?? `${shape.join("x")} ${cache}`;
}
