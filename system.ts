/**
 * What needs the system, in addition to `mod.ts`: records and reports on a disk, and data sets.
 *
 * @module
 */
import { KINDS, type NormbenchRecord, renderReport } from "./harness/tasks.ts";
import { readRecords as read } from "./harness/run/run_folder.ts";
import { type ReportPaths, writeRendered } from "./harness/run/write_report.ts";

export type { ReportPaths };
export {
  DATASET_NAMES,
  type DatasetName,
  type ImageDataset,
  type ImageDatasetLimits,
  loadImageDataset,
} from "./harness/data/image_dataset.ts";
export {
  type DatasetEvent,
  type DatasetSource,
  UnavailableError,
} from "./harness/data/dataset_source.ts";
export type { Fetch } from "./harness/run/download.ts";

/**
 * Reads and checks a records file, packed with gzip or not, or the one in a folder.
 *
 * A last line that a killed run left unfinished is an error, unless `warn` is given: then it is omitted
 * with a warning.
 *
 * @throws {UsageError} naming file, line and field, if the file cannot be read, holds no records, does
 *   not start with a header, or a line is not a valid record.
 */
export function readRecords(path: string, warn?: (message: string) => void): NormbenchRecord[] {
  return read(path, KINDS, warn);
}

/**
 * Writes `report.md`, `report.html`, further pages and `figures/` to a folder, which is created if needed.
 *
 * @throws {TypeError} if the records have no header.
 * @throws {UsageError} if they do not make one report.
 */
export async function writeReport(
  records: readonly NormbenchRecord[],
  folder: string,
): Promise<ReportPaths> {
  return await writeRendered(await renderReport(records), folder);
}
