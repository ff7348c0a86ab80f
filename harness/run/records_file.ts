/**
 * Records on a disk: one JSON object a line, appended as they come, checked when they are read.
 *
 * @module
 */
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { UsageError } from "../../norms/basics/errors.ts";
import type { NormbenchRecord } from "./record.ts";
import { parseRecord } from "./parse_record.ts";

/** The name of a records file within the folder of a run. */
export const RECORDS_FILE = "records.jsonl";

/** The same, packed with gzip, as runs are archived: read, but never appended to. */
const PACKED_RECORDS_FILE = `${RECORDS_FILE}.gz`;

/**
 * A records file that a run appends to.
 *
 * Each record is handed to the operating system before {@linkcode append} returns, so that a run that is
 * killed loses at most the record that it was writing.
 */
export class RecordFile {
  private constructor(
    /** Where the file is. */
    readonly path: string,
  ) {}

  /** Starts a new file in `folder`, which is made where it is not there; an older file is replaced. */
  static create(folder: string): RecordFile {
    Deno.mkdirSync(folder, { recursive: true });
    const path = join(folder, RECORDS_FILE);
    Deno.writeTextFileSync(path, "");
    return new RecordFile(path);
  }

  /**
   * Goes on with the file in `folder`, after cutting off a last line that a killed run left unfinished.
   *
   * Throws {@linkcode UsageError} as {@linkcode readRecords} does.
   */
  static resume(folder: string): { file: RecordFile; records: NormbenchRecord[] } {
    const path = join(folder, RECORDS_FILE);
    const { records, complete, unfinished } = parseFile(path);
    if (unfinished !== "") Deno.truncateSync(path, new TextEncoder().encode(complete).length);
    if (!complete.endsWith("\n")) Deno.writeTextFileSync(path, "\n", { append: true });
    return { file: new RecordFile(path), records };
  }

  /** Writes one record, with NaN and the infinities as text. */
  append(record: NormbenchRecord): void {
    Deno.writeTextFileSync(this.path, `${formatRecord(record)}\n`, { append: true });
  }
}

/** A record as its line in a file, with NaN and the infinities as text. */
export function formatRecord(record: NormbenchRecord): string {
  return JSON.stringify(record, writeNonFinite);
}

/**
 * Reads and checks a records file, packed with gzip or not, or the one in a folder.
 *
 * A last line that a killed run left unfinished is an error too, unless `warn` is given: it is then
 * left out, and `warn` is told. Throws {@linkcode UsageError}, naming file, line and field, where the
 * file cannot be read, holds no records, does not start with a header, or a line is not a valid record.
 */
export function readRecords(path: string, warn?: (message: string) => void): NormbenchRecord[] {
  const file = isFolder(path) ? recordsIn(path) : path;
  const { records, unfinished } = parseFile(file);
  if (unfinished !== "") {
    const found = `${file} ends in the middle of a record: the run that wrote it was cut off`;
    if (!warn) throw new UsageError(`${found}. Resume the run, or delete the last line.`);
    warn(`${found}. That record is left out; resume the run to complete it.`);
  }
  return records;
}

/** The records of a file, and its text up to and after the last complete one. */
interface ParsedFile {
  readonly records: NormbenchRecord[];
  readonly complete: string;
  readonly unfinished: string;
}

function parseFile(path: string): ParsedFile {
  const text = readText(path);
  const lines = text.split("\n");
  const last = lines.at(-1) ?? "";
  const unfinished = last.trim() !== "" && !isJson(last) ? last : "";
  if (unfinished !== "") lines.pop();
  const records = lines.flatMap((line, index) =>
    line.trim() === "" ? [] : [parseLine(line, `${path}, line ${index + 1}`)]
  );
  if (records.length === 0) {
    throw new UsageError(`${path} holds no complete record. Run the task again.`);
  }
  if (records[0]?.kind !== "header") {
    throw new UsageError(
      `${path} does not start with a header record, so nobody knows where it was made. ` +
        `Give the file as the task wrote it.`,
    );
  }
  return { records, complete: text.slice(0, text.length - unfinished.length), unfinished };
}

function parseLine(line: string, where: string): NormbenchRecord {
  try {
    return parseRecord(JSON.parse(line));
  } catch (cause) {
    const problem = cause instanceof SyntaxError ? `not JSON (${cause.message})` : message(cause);
    const remedy = "Restore the file from where it was made, or run the task again.";
    throw new UsageError(`${where}: ${problem}. ${remedy}`, { cause });
  }
}

function readText(path: string): string {
  try {
    return path.endsWith(".gz")
      ? new TextDecoder().decode(gunzipSync(Deno.readFileSync(path)))
      : Deno.readTextFileSync(path);
  } catch (cause) {
    throw new UsageError(
      `${path} cannot be read: ${
        message(cause)
      }. Give a ${RECORDS_FILE}, or the folder of a run that holds one.`,
      { cause },
    );
  }
}

/** The records file of a folder; packed only where there is no other. */
function recordsIn(folder: string): string {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  const packed = names.includes(PACKED_RECORDS_FILE) && !names.includes(RECORDS_FILE);
  return join(folder, packed ? PACKED_RECORDS_FILE : RECORDS_FILE);
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false; // Reading it as a file tells why.
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function writeNonFinite(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
