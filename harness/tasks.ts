/**
 * The registry of tasks that record runs, for reading, merging and rendering records.
 *
 * @module
 */
import { UsageError } from "../norms/basics/errors.ts";
import type { RenderedReport } from "../reports/render.ts";
import {
  type BandwidthRecord,
  BENCH_KINDS,
  type BenchRecord,
  type ChangeRecord,
} from "./bench/record.ts";
import { BENCH_REPORT } from "./bench/report/document.ts";
import { PARITY_KINDS, type ParityRecord } from "./parity/record.ts";
import { PARITY_REPORT } from "./parity/report/document.ts";
import { REPLAY_KINDS, type ReplayResult } from "./replay/record.ts";
import { REPLAY_REPORT } from "./replay/report/document.ts";
import { mergeRecords as merge, parseRecords as parseText } from "./run/runs.ts";
import { isHeader, type RunRecord } from "./run/record.ts";
import { renderRecords, type Report, textOf } from "./run/report.ts";
import { type EpochRecord, TRAIN_KINDS, type TrialRecord } from "./train/record.ts";
import { TRAIN_REPORT } from "./train/report/document.ts";

const REPORTS: ReadonlyMap<string, Report> = new Map<string, Report>([
  ["parity", PARITY_REPORT as Report],
  ["bench", BENCH_REPORT as Report],
  ["train", TRAIN_REPORT as Report],
  ["replay", REPLAY_REPORT as Report],
]);

/** Every kind of result. */
export const KINDS = [...PARITY_KINDS, ...BENCH_KINDS, ...TRAIN_KINDS, ...REPLAY_KINDS] as const;

/** Any result of a task. */
export type NormbenchResult =
  | ParityRecord
  | BenchRecord
  | BandwidthRecord
  | ChangeRecord
  | EpochRecord
  | TrialRecord
  | ReplayResult;

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
  const report = REPORTS.get(tasks[0]!);
  if (report === undefined) {
    throw new UsageError(
      `There is no report for the task ${tasks[0]}: use the Normbench that ran it.`,
    );
  }
  return report;
}
