/**
 * The report of a run: how the records of a task become pages.
 *
 * @module
 */
import type { ReportDocument } from "../../reports/document.ts";
import { plainRecords } from "../../reports/escape.ts";
import { renderDocuments, type RenderedReport } from "../../reports/render.ts";
import type { ResultRecord, RunRecord } from "./record.ts";

/** How the records of a task become a report. */
export interface Report<R extends ResultRecord = ResultRecord> {
  /** The pages, the first one named `report`. */
  pages(records: readonly RunRecord<R>[]): Promise<ReadonlyMap<string, ReportDocument>>;
  /** What the terminal shows. */
  text(records: readonly RunRecord<R>[]): string;
}

/** Renders records as their task does; equal records give equal bytes. */
export async function renderRecords<R extends ResultRecord>(
  report: Report<R>,
  records: readonly RunRecord<R>[],
): Promise<RenderedReport> {
  return renderDocuments(await report.pages(plainRecords(records)));
}

/** What the terminal shows of records. */
export function textOf<R extends ResultRecord>(
  report: Report<R>,
  records: readonly RunRecord<R>[],
): string {
  return report.text(plainRecords(records));
}
