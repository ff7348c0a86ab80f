/**
 * A report as plain text, for the terminal.
 *
 * @module
 */
import type { ParityRunRecord } from "../record.ts";
import { type Finding, measurement, whereabouts } from "./findings.ts";
import { oneLine } from "../../../reports/format.ts";
import { textTable } from "../../../reports/table.ts";
import { modelParity } from "./model.ts";
import { summary } from "./tables.ts";

/** Length from which the text of an error is cut in the terminal. */
const LINE = 120;

/** The summary of a parity run for the terminal: norm by backend, findings, verdict. */
export function summaryTable(records: readonly ParityRunRecord[]): string {
  const report = modelParity(records);
  const { headline, missing, findings, sites } = report;
  const sections = [
    textTable(summary(report)),
    findings.map((finding) => findingLine(finding, sites.length)).join("\n"),
    missing.map(({ what, name, reason, remedy }) =>
      `missing: ${what} ${name}: ${oneLine(reason)}\n  remedy: ${oneLine(remedy)}`
    ).join("\n"),
    [headline.verdict, ...headline.remarks].join("\n"),
  ];
  return sections.filter((section) => section !== "").join("\n\n") + "\n";
}

/** A finding in a line: `reference wrong: tf.layers layer/axis-2-1: y off by 3.1e5 budgets, on cpu`. */
function findingLine(finding: Finding, sites: number): string {
  const { verdict, subjects, cases } = finding;
  const what = oneLine(measurement(finding), LINE);
  const where = whereabouts(finding, sites);
  return `${verdict}: ${subjects.join(", ")} ${cases.join(", ")}: ${what}, on ${where}`;
}
