/**
 * The tables of a bench report.
 *
 * @module
 */
import { type BenchRecord, type RatioRecord, WITHOUT_NORM } from "../record.ts";
import { oneLine } from "../../../reports/format.ts";
import { type Table, table } from "../../../reports/table.ts";
import { type BenchReport, type Group, judge, placeOf, timingsOf } from "./model.ts";
import { formatInterval, formatRate, formatSeconds, formatShare, NOTHING } from "./units.ts";

/** Stands behind a place during which the machine changed its speed. */
const DRIFTED = "~";

/** What stands behind a ratio, so that nobody has to compare its interval with 1. */
const MARKS = { faster: "▼", slower: "▲", "no difference": "≈" } as const;

/** What each implementation takes in units of what others take: a row an implementation. */
export function ratioTable(groups: readonly Group[]): Table {
  const others = [
    ...new Set(groups.flatMap(({ record }) => record.ratios.map(({ against }) => against))),
  ];
  return table(
    [
      ...["norm", "of", "on", "backend", "implementation"],
      ...others.map((against) => `against ${against}#`),
    ],
    groups.flatMap((group) => {
      const { record, site } = group;
      const drifted = record.calibration?.drifted ? ` ${DRIFTED}` : "";
      const customs = timingsOf(group).filter(({ role }) => role === "custom");
      return customs.map(({ name }) => [
        record.norm,
        record.workload,
        placeOf(record) + drifted,
        site.label,
        name,
        ...others.map((against) => ratioCell(ratioOf(record, name, against))),
      ]);
    }),
  );
}

function ratioOf({ ratios }: BenchRecord, contender: string, against: string) {
  return ratios.find((ratio) => ratio.contender === contender && ratio.against === against);
}

function ratioCell(ratio: RatioRecord | undefined): string {
  if (ratio === undefined) return "";
  return `${formatInterval(ratio.ratio, ratio.low, ratio.high)} ${MARKS[judge(ratio)]}`;
}

/** Every figure of every contender. */
export function timingTable(groups: readonly Group[]): Table {
  return table(
    [
      ...["of", "on", "backend", "contender", "median#", "p25#", "p75#", "p99#", "device#"],
      ...[
        "elements/s#",
        "images/s#",
        "traffic#",
        "of the copy#",
        "memory#",
        "tensors#",
        "samples#",
      ],
    ],
    groups.flatMap((group) =>
      timingsOf(group).map((timing) => [
        group.record.workload,
        placeOf(group.record),
        group.site.label,
        timing.name,
        formatSeconds(timing.seconds.median),
        formatSeconds(timing.seconds.p25),
        formatSeconds(timing.seconds.p75),
        formatSeconds(timing.seconds.p99),
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

/** What a whole training step costs, with and without the norm. */
export function trainingTable(groups: readonly Group[]): Table {
  return table(
    [
      ...["norm", "network", "backend", "contender", "step#", "images/s#", "tensors#"],
      `against ${WITHOUT_NORM}#`,
    ],
    groups.filter(({ record }) => record.workload === "training step").flatMap((group) =>
      timingsOf(group).map(({ name, seconds, imagesPerSecond, peakTensors }) => [
        group.record.norm,
        group.record.network ?? "",
        group.site.label,
        name,
        formatSeconds(seconds.median),
        formatRate(imagesPerSecond),
        peakTensors === null ? NOTHING : String(peakTensors),
        ratioCell(ratioOf(group.record, name, WITHOUT_NORM)),
      ])
    ),
  );
}

/** How fast each backend copies, and what an empty completion costs there. */
export function bandwidthTable({ bandwidths }: BenchReport): Table {
  const sizes = [
    ...new Set(bandwidths.flatMap(({ record }) => record.points.map(({ elements }) => elements))),
  ];
  return table(
    [
      ...["backend", "operation"],
      ...sizes.map((elements) => `${formatRate(elements)} elements#`),
      "empty completion#",
    ],
    bandwidths.map(({ record, site }) => [
      site.label,
      record.operation,
      ...sizes.map((elements) =>
        formatRate(
          record.points.find((point) => point.elements === elements)?.bytesPerSecond ?? null,
          "B/s",
        )
      ),
      formatSeconds(record.completion.median),
    ]),
  );
}

/** What became slower or faster; all that was compared, or only what changed. */
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

/** What could not run, and why; alike ones once. */
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
