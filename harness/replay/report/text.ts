/**
 * A replay report as plain text, for the terminal.
 *
 * @module
 */
import type { ReplayRunRecord } from "../record.ts";
import { oneLine } from "../../../reports/format.ts";
import { textTable } from "../../../reports/table.ts";
import { replayHeadline } from "./headline.ts";
import { modelReplay } from "./model.ts";
import { figuresTable, spreadTable } from "./tables.ts";

/** Every figure beside the published one, an experiment after the other. */
export function replaySummary(records: readonly ReplayRunRecord[]): string {
  const report = modelReplay(records);
  const { verdict, remarks } = replayHeadline(report);
  const sections = [
    ...report.experiments.map(({ name, title, figures }) =>
      `${name}: ${title}\n${textTable(figuresTable(figures))}`
    ),
    textTable(spreadTable(report.networks)),
    report.missing.map(({ what, name, reason, remedy }) =>
      `missing: ${what} ${name}: ${oneLine(reason)}\n  remedy: ${oneLine(remedy)}`
    ).join("\n"),
    [verdict, ...remarks].join("\n"),
  ];
  return sections.filter((section) => section !== "").join("\n\n") + "\n";
}
