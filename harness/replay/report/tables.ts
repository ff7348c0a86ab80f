/**
 * The tables of a replay report.
 *
 * @module
 */
import {
  type DemonstrationRecord,
  type EpochAccuracy,
  type FigureRecord,
  REPLAY_VERDICTS,
  type ReplayVerdict,
} from "../record.ts";
import { count, formatNumber } from "../../../reports/format.ts";
import type { Located } from "../../run/report_sections.ts";
import { type Table, table } from "../../../reports/table.ts";
import { median } from "../../../reports/statistics.ts";
import type { NetworkRuns, ReplayReport } from "./model.ts";
import { measuredText, publishedText } from "./numbers.ts";

/** A verdict in words: with the digits, where they count. */
export function verdictText({ verdict, digits, published }: FigureRecord): string {
  if (verdict === undefined) return "";
  if (verdict === "same to k digits") return `same to ${count(digits ?? 0, "digit")}`;
  // Of some figures no print is known, but what they have to be.
  if (verdict === "inside the published spread" && published.length === 0) return "as expected";
  return verdict;
}

/** How many figures came out how, an experiment and a site a line. */
export function summaryTable({ experiments }: ReplayReport): Table {
  const rows = experiments.flatMap(({ name, figures }) =>
    [...Map.groupBy(figures, ({ site }) => site.label)].map(([label, group]) => [
      name,
      label,
      ...SUMMARIZED.map((verdict) => countOf(group, verdict)),
    ])
  );
  return table(["experiment", "on", ...SUMMARIZED.map((verdict) => `${verdict}#`)], rows);
}

/** The verdicts, best first. */
const SUMMARIZED = REPLAY_VERDICTS.toReversed();

function countOf(figures: readonly Located<FigureRecord>[], verdict: ReplayVerdict): string {
  const number = figures.filter(({ record }) => record.verdict === verdict).length;
  return number === 0 ? "" : String(number);
}

/** Every figure beside the published one. */
export function figuresTable(figures: readonly Located<FigureRecord>[]): Table {
  return table(
    ["figure", "on", "published#", "here#", "verdict"],
    figures.map(({ record, site }) => [
      record.figure,
      site.label,
      publishedText(record),
      measuredText(record),
      verdictText(record),
    ]),
  );
}

/** Final accuracies over seeds beside the published one: smallest, median, largest. */
export function spreadTable(networks: readonly NetworkRuns[]): Table {
  const rows = networks.filter(({ further }) => further.length > 0).flatMap((runs) =>
    PARTS.map(([part, key]) => {
      const last = runs.further.map(({ accuracies }) => accuracies.at(-1)![key]);
      const sorted = last.sort((a, b) => a - b);
      return [
        runs.network,
        part,
        runs.site.label,
        String(sorted.length),
        formatNumber(sorted[0]!),
        formatNumber(median(sorted)),
        formatNumber(sorted.at(-1)!),
        formatNumber(runs.own?.accuracies.at(-1)?.[key] ?? NaN),
        ...publishedSpread(runs, part),
      ];
    })
  );
  return table(
    [
      ...["network", "images", "on", "seeds#", "least#", "median#", "most#", "seed 220#"],
      ...["published median#", "published range#"],
    ],
    rows,
  );
}

/** The published median over runs, and its range where that is known. */
function publishedSpread({ figures }: NetworkRuns, part: string): string[] {
  const record = figures.find(({ figure }) => figure.startsWith(`median ${part}`));
  return [record?.published[0] ?? "", record?.range?.join(" to ") ?? ""];
}

const PARTS: readonly (readonly [string, Exclude<keyof EpochAccuracy, "epoch">])[] = [
  ["training", "train"],
  ["validation", "validation"],
];

/** The numbers of a demonstration; `heading` says what tells its rows apart. */
export function demonstrationTable(
  { columns, rows }: DemonstrationRecord,
  heading: string,
): Table {
  return table(
    [heading, ...columns.map((column) => `${column}#`)],
    rows.map(({ label, values }) => [label, ...values.map((value) => formatNumber(value))]),
  );
}
