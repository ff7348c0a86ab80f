/**
 * What every run ends with.
 *
 * @module
 */
import { formatRecord } from "./records_file.ts";
import type { RunFolder } from "./run_folder.ts";
import { summarize, writeReport } from "../report/render.ts";

/** Writes the report of a run, and prints its summary and where it is, or with `json` its records. */
export async function presentRun(run: RunFolder, json: boolean): Promise<void> {
  const { html } = await writeReport(run.records, run.path);
  if (json) run.records.forEach((record) => console.log(formatRecord(record)));
  else console.log(`${summarize(run.records)}\nRecords: ${run.path}\nReport: ${html}`);
}
