/**
 * The text of a `records.jsonl`: one JSON object a line, checked when it is read.
 *
 * @module
 */
import { UsageError } from "../../norms/basics/errors.ts";
import { checkRecord, isHeader, type RecordKind, type RecordOf, type RunRecord } from "./record.ts";

/** The records of a file. */
export interface ParsedRecords<R extends RunRecord = RunRecord> {
  readonly records: R[];
  /** The text up to and after the last complete record. */
  readonly complete: string;
  /** A last line that a killed run left unfinished; empty where there is none. */
  readonly unfinished: string;
}

/**
 * Reads the text of a records file.
 *
 * @param name What error messages call it, such as its path.
 * @throws {UsageError} naming line and field, if the text holds no records, does not start with a
 *   header, or a line is not a valid record.
 */
export function parseRecords<K extends RecordKind>(
  text: string,
  kinds: readonly K[],
  name: string,
): ParsedRecords<RunRecord<RecordOf<K>>> {
  const lines = text.split("\n");
  const last = lines.at(-1) ?? "";
  const unfinished = last.trim() !== "" && !isJson(last) ? last : "";
  if (unfinished !== "") lines.pop();
  const records = lines.flatMap((line, index) =>
    line.trim() === "" ? [] : [parseLine(line, kinds, `${name}, line ${index + 1}`)]
  );
  if (records.length === 0) {
    throw new UsageError(`${name} holds no complete record. Run the task again.`);
  }
  if (!isHeader(records[0]!)) {
    throw new UsageError(
      `${name} does not start with a header record, which says where it was made. ` +
        `Give the file as the task wrote it.`,
    );
  }
  return { records, complete: text.slice(0, text.length - unfinished.length), unfinished };
}

function parseLine<K extends RecordKind>(line: string, kinds: readonly K[], where: string) {
  try {
    return checkRecord(JSON.parse(line), kinds);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const problem = cause instanceof SyntaxError ? `not JSON (${message})` : message;
    const remedy = "Restore the file from where it was made, or run the task again.";
    throw new UsageError(`${where}: ${problem}. ${remedy}`, { cause });
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
