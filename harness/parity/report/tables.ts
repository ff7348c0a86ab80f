/**
 * The tables of a report, and its summary for the terminal.
 *
 * @module
 */
import { count, formatOptions, oneLine } from "../../../reports/format.ts";
import { summaryText } from "../../run/report.ts";
import { type Table, table, textTable } from "../../../reports/table.ts";
import { type ParityRunRecord, VERDICTS } from "../record.ts";
import { type Finding, measurement, sitesOf } from "./findings.ts";
import { type CaseTally, modelParity, type NormTally, type ParityReport } from "./model.ts";
import type { Tally } from "./tally.ts";
import { formatRatio, formatVerdict } from "./verdicts.ts";

/** Length from which the text of an error is cut in the terminal. */
const LINE = 120;

/** Norm by backend: the worst error in budgets, how many comparisons, how often each verdict. */
export function summaryTable(report: ParityReport): Table {
  return table(
    ["norm", "backend", "worst / budget#", "comparisons#", ...VERDICTS.map((each) => `${each}#`)],
    report.cells.map((cell) => [
      cell.norm,
      cell.site.label,
      formatRatio(cell.custom),
      String(cell.comparisons.length),
      // A dot leaves the eye free for the counts that are there.
      ...VERDICTS.map((verdict) => String(cell.counts[verdict] || "·")),
    ]),
  );
}

export function findingsTable({ findings, sites }: ParityReport): Table {
  return table(
    ["verdict", "who", "case", "how far", "where"],
    findings.map((finding) => [
      formatVerdict(finding.verdict),
      finding.subjects.join(", "),
      finding.cases.join(", "),
      measurement(finding),
      sitesOf(finding, sites.length),
    ]),
  );
}

/** The cases of a norm, each with the worst over implementations and backends. */
export function casesTable({ cases }: NormTally): Table {
  return table(
    ["case", "shows", "custom / budget#", "reference / budget#", "verdict"],
    cases.map((each) => [
      each.label,
      oneLine(each.case.about),
      formatRatio(each.custom),
      formatReference(each),
      formatVerdict(each.verdict),
    ]),
  );
}

/** The worst error of the reference in budgets, or that it could not run. */
export function formatReference({ reference }: Tally): string {
  return reference === null ? "cannot" : formatRatio(reference);
}

/** The inputs and options of a case, in a line. */
export function caseLine({ case: { shape, options, input, steps, seed }, comparisons }: CaseTally) {
  const { reductionLength, kappa } = comparisons[0]!.record;
  return [
    `shape [${shape.join(", ")}]`,
    formatOptions(options) || "default options",
    `input ${oneLine(input)}`,
    count(steps, "step"),
    `seed ${seed}`,
    `statistics over ${count(reductionLength, "element")}`,
    `condition number ${formatRatio(kappa)}`,
  ].join(" · ");
}

/** The summary of a parity run for the terminal: norm by backend, findings, verdict. */
export function terminalSummary(records: readonly ParityRunRecord[]): string {
  const report = modelParity(records);
  const { headline, runs, findings, sites } = report;
  const parts = [
    textTable(summaryTable(report)),
    findings.map((finding) => findingLine(finding, sites.length)).join("\n"),
  ];
  return summaryText(parts, runs, headline);
}

/** `reference wrong: tf.layers layer/axis-2-1: y off by 3.1e5 budgets, on cpu`. */
function findingLine(finding: Finding, sites: number): string {
  const { verdict, subjects, cases } = finding;
  const what = oneLine(measurement(finding), LINE);
  const where = sitesOf(finding, sites);
  return `${verdict}: ${subjects.join(", ")} ${cases.join(", ")}: ${what}, on ${where}`;
}
