/**
 * The tables of a replay report.
 *
 * @module
 */
import {
  type DemonstrationRecord,
  type EpochAccuracy,
  type PrintoutRecord,
  REPLAY_VERDICTS,
  type ReplayVerdict,
} from "../record.ts";
import { count, formatNumber } from "../../../reports/format.ts";
import type { Located } from "../../run/report.ts";
import { type Table, table } from "../../../reports/table.ts";
import { median } from "../../../reports/statistics.ts";
import type { NetworkRuns, ReplayModel } from "./model.ts";

/** A verdict in words, with the number of digits where it counts. */
export function verdictText({ verdict, digits, published }: PrintoutRecord): string {
  if (verdict === undefined) return "";
  if (verdict === "same to k digits") return `same to ${count(digits ?? 0, "digit")}`;
  // Nothing was printed, but the correct value is known.
  if (verdict === "inside the published spread" && published.length === 0) return "as expected";
  return verdict;
}

/** Number of each verdict, a row for each experiment and site. */
export function summaryTable({ experiments }: ReplayModel): Table {
  const rows = experiments.flatMap(({ name, printouts }) =>
    [...Map.groupBy(printouts, ({ site }) => site.label)].map(([label, group]) => [
      name,
      label,
      ...SUMMARIZED.map((verdict) => countOf(group, verdict)),
    ])
  );
  return table(["experiment", "on", ...SUMMARIZED.map((verdict) => `${verdict}#`)], rows);
}

/** The verdicts, best first. */
const SUMMARIZED = REPLAY_VERDICTS.toReversed();

function countOf(printouts: readonly Located<PrintoutRecord>[], verdict: ReplayVerdict): string {
  const number = printouts.filter(({ record }) => record.verdict === verdict).length;
  return number === 0 ? "" : String(number);
}

/** Every replayed value beside the published one. */
export function printoutsTable(printouts: readonly Located<PrintoutRecord>[]): Table {
  return table(
    ["value", "on", "published#", "here#", "verdict"],
    printouts.map(({ record, site }) => [
      record.figure,
      site.label,
      publishedText(record),
      measuredText(record),
      verdictText(record),
    ]),
  );
}

/** Final accuracies over further seeds beside the published median: lowest, median, highest. */
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
      ...["network", "images", "on", "seeds#", "lowest#", "median#", "highest#", "seed 220#"],
      ...["published median#", "published range#"],
    ],
    rows,
  );
}

/** The published median over runs, and its range where known. */
function publishedSpread({ printouts }: NetworkRuns, part: string): string[] {
  const record = printouts.find(({ figure }) => figure.startsWith(`median ${part}`));
  return [record?.published[0] ?? "", record?.range?.join(" to ") ?? ""];
}

const PARTS: readonly (readonly [string, Exclude<keyof EpochAccuracy, "epoch">])[] = [
  ["training", "train"],
  ["validation", "validation"],
];

/** The numbers of a demonstration; `heading` is that of the labels of its rows. */
export function demonstrationTable(
  { columns, rows }: DemonstrationRecord,
  heading: string,
): Table {
  return table(
    [heading, ...columns.map((column) => `${column}#`)],
    rows.map(({ label, values }) => [label, ...values.map((value) => formatNumber(value))]),
  );
}

/** Decimals that NumPy prints of an array; it omits trailing zeros. */
const ARRAY_DECIMALS = 8;

/** Digits of a number where none was printed. */
const UNPRINTED_DIGITS = 9;

/** Magnitude below which such a number is written with an exponent. */
const SMALL = 1e-4;

/** The published numbers, or the expected range. */
export function publishedText({ published, range }: PrintoutRecord): string {
  if (published.length > 0) return published.join(" ");
  return range === undefined ? "not printed" : `${bound(range[0])} to ${bound(range[1])}`;
}

/** The measured numbers, with the same number of digits. */
export function measuredText({ published, measured }: PrintoutRecord): string {
  return measured.map((value, i) => alike(value, published[i])).join(" ");
}

/** `value`, formatted as `printed` is. */
function alike(value: number, printed: string | undefined): string {
  if (!Number.isFinite(value)) return String(value);
  if (printed === undefined) return own(value);
  const [mantissa = "", exponent] = printed.split("e");
  const decimals = mantissa.split(".")[1]?.length;
  if (exponent !== undefined) return shorten(value.toExponential(decimals));
  // Integers, and arrays whose trailing zeros NumPy omitted.
  if (decimals === undefined) return String(value);
  return value.toFixed(decimals === 0 || decimals >= 7 ? ARRAY_DECIMALS : decimals);
}

function own(value: number): string {
  return value !== 0 && Math.abs(value) < SMALL
    ? shorten(value.toExponential(2))
    : String(Number(value.toPrecision(UNPRINTED_DIGITS)));
}

function bound(value: number): string {
  return shorten(String(Number(value.toPrecision(7))));
}

function shorten(text: string): string {
  return text.replace("e+", "e");
}
