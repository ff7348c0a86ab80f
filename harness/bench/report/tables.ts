/**
 * The tables of a bench report, and how they write times and rates.
 *
 * @module
 */
import type { BenchRecord, ContenderRole } from "../record.ts";
import { formatNumber, oneLine } from "../../../reports/format.ts";
import { type Table, table } from "../../../reports/table.ts";
import { type BenchReport, type Group, judge, placeOf, timingsOf, unsteadyIn } from "./model.ts";

/** Marks for ratios: which side of 1 the interval is on. */
const MARKS = { faster: "▼", slower: "▲", "no difference": "≈" } as const;

/**
 * Time ratios of each implementation against the others: a row an implementation, and columns for
 * references, peers and the first implementation, in this order.
 */
export function ratioTable(groups: readonly Group[]): Table {
  const compared = groups.flatMap(({ record: { ratios, contenders } }) =>
    ratios.map(({ against }) => ({
      against,
      role: contenders.find(({ name }) => name === against)!.role,
    }))
  );
  const others = [
    ...new Set(
      COLUMNS.flatMap((role) => compared.filter((each) => each.role === role))
        .map(({ against }) => against),
    ),
  ];
  return table(
    [
      ...["norm", "of", "on", "backend", "implementation"],
      ...others.map((against) => `against ${against}#`),
    ],
    groups.flatMap((group) => {
      const { record, site } = group;
      const drifted = record.calibration?.drifted ? " ~" : "";
      const customs = timingsOf(group).filter(({ role }) => role === "custom");
      return customs.map(({ name }) => [
        record.norm,
        record.workload,
        placeOf(record) + drifted,
        site.label,
        name,
        ...others.map((against) => ratioCell(record, name, against)),
      ]);
    }),
  );
}

const COLUMNS: readonly ContenderRole[] = ["reference", "peer", "custom"];

function ratioCell(record: BenchRecord, contender: string, against: string): string {
  const ratio = record.ratios.find((each) =>
    each.contender === contender && each.against === against
  );
  if (ratio === undefined) return "";
  const unsteady = unsteadyIn(record);
  const mark = unsteady.has(contender) || unsteady.has(against) ? "~" : MARKS[judge(ratio)];
  return `${formatInterval(ratio.ratio, ratio.low, ratio.high)} ${mark}`;
}

export function timingTable(groups: readonly Group[]): Table {
  return table(
    [
      ...["of", "on", "backend", "contender", "median#", "p25#", "p75#", "p99#", "device#"],
      ...["elements/s#", "images/s#", "traffic#", "of the bandwidth#", "memory#", "tensors#"],
      "samples#",
    ],
    groups.flatMap((group) =>
      timingsOf(group).map((timing) => [
        group.record.workload,
        placeOf(group.record),
        group.site.label,
        timing.role === "copy" ? `${timing.name} (plain operation)` : timing.name,
        ...(["median", "p25", "p75", "p99"] as const).map((q) => formatSeconds(timing.seconds[q])),
        timing.device === undefined ? NOTHING : formatSeconds(timing.device.median),
        formatRate(timing.elementsPerSecond),
        formatRate(timing.imagesPerSecond),
        formatRate(timing.bytesPerSecond, "B/s"),
        formatShare(timing.copyShare),
        formatRate(timing.peakBytes, "B"),
        timing.peakTensors === null ? NOTHING : String(timing.peakTensors),
        `${timing.samples.length} x ${timing.batch}`,
      ])
    ),
  );
}

/** Times of training steps: a row a contender. */
export function stepTable(groups: readonly Group[]): Table {
  return table(
    [
      "norm",
      "network",
      "backend",
      "contender",
      "as",
      "step#",
      "p25#",
      "p75#",
      "images/s#",
      "tensors#",
    ],
    groups.flatMap((group) =>
      timingsOf(group).map(({ name, mode, seconds, imagesPerSecond, peakTensors }) => [
        group.record.norm,
        placeOf(group.record),
        group.site.label,
        name,
        mode ?? NOTHING,
        ...[seconds.median, seconds.p25, seconds.p75].map(formatSeconds),
        formatRate(imagesPerSecond),
        peakTensors === null ? NOTHING : String(peakTensors),
      ])
    ),
  );
}

/** How fast each backend moves data, by which operation, and the cost of an empty completion. */
export function bandwidthTable({ bandwidths }: BenchReport): Table {
  const sizes = [
    ...new Set(bandwidths.flatMap(({ record }) => record.points.map(({ elements }) => elements))),
  ];
  return table(
    [
      "backend",
      ...sizes.map((elements) => `${formatRate(elements)} elements#`),
      "empty completion#",
    ],
    bandwidths.map(({ record, site }) => [
      site.label,
      ...sizes.map((elements) => {
        const point = record.points.find((point) => point.elements === elements);
        return point === undefined
          ? NOTHING
          : `${formatRate(point.bytesPerSecond, "B/s")} (${point.operation ?? record.operation})`;
      }),
      formatSeconds(record.completion.median),
    ]),
  );
}

/** What became slower or faster; with `onlyChanged`, nothing else. */
export function changeTable({ changes }: BenchReport, onlyChanged: boolean): Table {
  return table(
    ["norm", "of", "on", "backend", "implementation", "now / then#", "noise#", ""],
    changes.filter(({ record }) => !onlyChanged || record.verdict !== "same").map((
      { record, site },
    ) => [
      record.norm,
      record.workload,
      record.network ?? (record.shape.join("x") || "all"),
      site.label,
      record.contender,
      formatInterval(record.change, record.low, record.high),
      record.noise.toFixed(2),
      record.verdict,
    ]),
  );
}

/** What could not run, and why; equal failures in one row. */
export function failureTable(groups: readonly Group[]): Table {
  const failures = groups.flatMap(({ record, site }) =>
    record.contenders.flatMap((contender) =>
      "error" in contender
        ? [{ record, site, name: contender.name, error: oneLine(contender.error) }]
        : []
    )
  );
  const alike = Map.groupBy(
    failures,
    ({ record, site, name, error }) => JSON.stringify([record.norm, site.label, name, error]),
  );
  return table(
    ["norm", "backend", "contender", "on", "reason"],
    [...alike.values()].map((members) => {
      const { record, site, name, error } = members[0]!;
      const places = [...new Set(members.map(({ record }) => placeOf(record)))];
      return [record.norm, site.label, name, places.join(", "), error];
    }),
  );
}

const LARGE = [["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e3], ["", 1]] as const;
const SMALL = [["s", 1], ["ms", 1e-3], ["µs", 1e-6], ["ns", 1e-9]] as const;

const NOTHING = "–";

/** Seconds with a suitable unit: `1.23 ms`. */
export function formatSeconds(seconds: number): string {
  const [unit, size] = SMALL.find(([, size]) => seconds >= size) ?? SMALL.at(-1)!;
  return `${formatNumber(seconds / size)} ${unit}`;
}

/** A rate with a suitable prefix: `3.21 G`. */
export function formatRate(value: number | null, unit = ""): string {
  if (value === null) return NOTHING;
  const [prefix, size] = LARGE.find(([, size]) => value >= size) ?? LARGE.at(-1)!;
  return `${formatNumber(value / size)} ${prefix}${unit}`.trim();
}

/** A share as a percentage: `12 %`. */
export function formatShare(share: number | null): string {
  return share === null ? NOTHING : `${formatNumber(100 * share, 2)} %`;
}

/** A ratio with its interval: `0.72 [0.68, 0.75]`. */
export function formatInterval(value: number, low: number, high: number): string {
  return `${formatNumber(value)} [${formatNumber(low)}, ${formatNumber(high)}]`;
}
