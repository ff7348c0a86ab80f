/**
 * The training report as pages: an index with the findings, and one a suite.
 *
 * @module
 */
import type { NormbenchRecord } from "../../run/record.ts";
import type { ReportDocument } from "../../../reports/document.ts";
import { indexDocument } from "./index_document.ts";
import { modelTraining } from "./model.ts";
import { suiteDocument } from "./suite_document.ts";

/** Works out the pages of the records' report, and draws their figures. */
export async function trainDocuments(
  records: readonly NormbenchRecord[],
): Promise<Map<string, ReportDocument>> {
  const report = modelTraining(records);
  const pages = new Map([["report", indexDocument(report)]]);
  for (const suite of report.suites) pages.set(suite.slug, await suiteDocument(suite, report));
  return pages;
}
