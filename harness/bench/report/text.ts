/**
 * A bench report as plain text, for the terminal.
 *
 * @module
 */
import type { BenchRunRecord } from "../record.ts";
import { textTable } from "../../../reports/table.ts";
import { writeHeadline } from "./headline.ts";
import { modelBench } from "./model.ts";
import { bandwidthTable, changeTable, failureTable, ratioTable } from "./tables.ts";

/** Ratios, changes, what could not run, and the verdict. */
export function benchText(records: readonly BenchRunRecord[]): string {
  const report = modelBench(records);
  const { verdict, remarks } = writeHeadline(report);
  const sections = [
    textTable(ratioTable(report.groups)),
    textTable(failureTable(report.groups)),
    textTable(bandwidthTable(report)),
    textTable(changeTable(report, true)),
    [verdict, ...remarks].join("\n"),
  ];
  return sections.filter((section) => section !== "").join("\n\n") + "\n";
}
