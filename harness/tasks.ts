/**
 * The registry of tasks that record runs, for reading, merging and rendering records.
 *
 * @module
 */
import { UsageError } from "../norms/basics/errors.ts";
import type { RenderedReport } from "../reports/render.ts";
import { BENCH_REPORT } from "./bench/report/document.ts";
import { PARITY_REPORT } from "./parity/report/document.ts";
import { REPLAY_REPORT } from "./replay/report/document.ts";
import { isHeader, type RecordKind, type RecordOf, type RunRecord } from "./run/record.ts";
import { renderRecords, type Report, textOf } from "./run/report.ts";
import { mergeRecords as merge, parseRecords as parseText } from "./run/runs.ts";
import { TRAIN_REPORT } from "./train/report/document.ts";

/** Each task that records runs: a line here, and its folder. */
const REPORTS = [PARITY_REPORT, BENCH_REPORT, TRAIN_REPORT, REPLAY_REPORT] as const;

/** Any result of a task. */
export type NormbenchResult = RecordOf<typeof REPORTS[number]["kinds"][number]>;

/** Every kind of result. */
export const KINDS = REPORTS.flatMap<RecordKind<NormbenchResult>>(({ kinds }) => kinds);

/** Any line of a `records.jsonl`. */
export type NormbenchRecord = RunRecord<NormbenchResult>;

/**
 * Reads the text of a `records.jsonl`.
 *
 * @param name Name in error messages.
 * @throws {UsageError} naming line and field, if a line is not a record, the last one is cut off, or the
 *   first one is not a header.
 */
export function parseRecords(text: string, name = "records"): NormbenchRecord[] {
  const { records, unfinished } = parseText(text, KINDS, name);
  if (unfinished === "") return records;
  throw new UsageError(`${name} ends in the middle of a record. Delete the last line.`);
}

/**
 * Merges the records of several files, in order: of what was run twice on the same machine the later
 * counts; results of different machines are all kept.
 */
export function mergeRecords(...files: readonly (readonly NormbenchRecord[])[]): NormbenchRecord[] {
  return merge(files, KINDS);
}

/**
 * Renders the records of one or more runs of a task; equal records give equal bytes.
 *
 * @throws {TypeError} if they have no header.
 * @throws {UsageError} if they do not belong in one report: of several tasks, or different trials of one
 *   name.
 */
export async function renderReport(records: readonly NormbenchRecord[]): Promise<RenderedReport> {
  return await renderRecords(reportOf(records), records);
}

/** Summarizes the records of a task for the terminal; throws as {@linkcode renderReport} does. */
export function summarize(records: readonly NormbenchRecord[]): string {
  return textOf(reportOf(records), records);
}

/** The report of the task of these records. */
function reportOf(records: readonly NormbenchRecord[]): Report {
  const tasks = [...new Set(records.filter(isHeader).map(({ task }) => task))];
  if (records[0] === undefined || !isHeader(records[0])) {
    throw new TypeError(
      "the first record is not a header: pass records as they were read",
    );
  }
  if (tasks.length > 1) {
    throw new UsageError(
      `These records are of several tasks (${tasks.join(", ")}): render each separately.`,
    );
  }
  const report = REPORTS.find(({ task }) => task === tasks[0]);
  if (report === undefined) {
    throw new UsageError(
      `There is no report for the task ${tasks[0]}: use the Normbench that ran it.`,
    );
  }
  return report;
}
