/**
 * The tables of a replay report.
 *
 * @module
 */
import { PARTS, POWER } from "../agreement.ts";
import { accuracyName, PUBLIC_RUNS, PUBLISHED, RECORDED } from "../published.ts";
import {
  type DemonstrationRecord,
  NOTEBOOK,
  type PrintoutRecord,
  REPLAY_VERDICTS,
  type ReplayVerdict,
} from "../record.ts";
import { count, formatNumber } from "../../../reports/format.ts";
import type { Located } from "../../run/report.ts";
import { type Table, table } from "../../../reports/table.ts";
import { mean, median } from "../../../reports/statistics.ts";
import type { NetworkRuns, ReplayModel } from "./model.ts";

/** A verdict in words, with the number of digits or the range where it counts. */
export function verdictText({ verdict, digits, shared, range }: PrintoutRecord): string {
  if (verdict === "same to k digits") {
    return `same to ${count(digits, "digit")}${shared ? `; all orders share ${shared}` : ""}`;
  }
  if (range === undefined || verdict === "same digits" || verdict === "noise") return verdict;
  const same = verdict === "inside the spread" && digits > 0
    ? `${count(digits, "digit")} same, `
    : "";
  return `${same}${verdict}: ${bound(range[0])} to ${bound(range[1])}`;
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
      record.published.join(" "),
      measuredText(record),
      verdictText(record),
    ]),
  );
}

/** Accuracies of the further seeds against NumPy's. */
export function agreementTable(networks: readonly NetworkRuns[]): Table {
  return table(
    [
      ...["network", "images", "epoch#", "on", "seeds#", "mean#", "seeds in NumPy#", "mean#"],
      ...["difference#", "p#", `found with ${100 * POWER} %#`, "verdict"],
    ],
    networks.flatMap(({ site, agreements }) =>
      agreements.map(({ network, part, epoch, here, recorded, ...compared }) => [
        ...[network, part, String(epoch), site.label],
        ...[String(here.length), mean(here).toFixed(3)],
        ...[String(recorded.length), mean(recorded).toFixed(3)],
        ...[compared.difference.toFixed(3), formatNumber(compared.p, 2)],
        ...[
          compared.detectable.toFixed(3),
          compared.differs ? "differs" : "no difference detected",
        ],
      ])
    ),
  );
}

const SAMPLES = [
  ["seeds", "other seeds"],
  ["roundings", `seed ${NOTEBOOK.seed}, other orders of sums`],
  ["relu", "seed 231 and ReLU, other orders of sums"],
] as const;

/** The printed last accuracies among NumPy's. */
export function placementTable(): Table {
  const rows = (["batch norm", "plain"] as const).flatMap((network) =>
    PARTS.flatMap(([part]) => {
      const printed = PUBLISHED["N7"]![accuracyName(part, NOTEBOOK.epochs, network)]!.printed[0]!;
      return SAMPLES.map(([sample, words]) => {
        const values = RECORDED[sample][network][part].at(-1)!.toSorted((a, b) => a - b);
        const below = values.filter((value) => value < Number(printed)).length;
        const own = sample === "relu"
          ? [PUBLIC_RUNS[network][part], ""]
          : [printed, `${below} of ${values.length}`];
        return [
          ...[network, part, words, String(values.length)],
          ...[values[0]!, median(values), values.at(-1)!].map((value) => value.toFixed(3)),
          ...own,
        ];
      });
    })
  );
  return table(
    [
      ...["network", "images", "in NumPy", "runs#", "lowest#", "median#", "highest#"],
      ...["published#", "runs below it#"],
    ],
    rows,
  );
}

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

/** The measured numbers, with the same number of digits. */
export function measuredText({ published, measured }: PrintoutRecord): string {
  return measured.map((value, i) => alike(value, published[i]!)).join(" ");
}

/** `value`, formatted as `printed` is. */
function alike(value: number, printed: string): string {
  if (!Number.isFinite(value)) return String(value);
  const [mantissa = "", exponent] = printed.split("e");
  const decimals = mantissa.split(".")[1]?.length;
  if (exponent !== undefined) return pythonic(value.toExponential(decimals));
  // Integers, and arrays whose trailing zeros NumPy omitted.
  if (decimals === undefined) return String(value);
  return value.toFixed(decimals === 0 || decimals === 7 ? ARRAY_DECIMALS : decimals);
}

function bound(value: number): string {
  return pythonic(String(Number(value.toPrecision(4))));
}

/** An exponent as Python writes it, in two digits. */
function pythonic(text: string): string {
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}
