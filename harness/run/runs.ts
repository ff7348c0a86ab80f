/**
 * Reads, divides and merges records. A run is a header and the records after it, up to the next header.
 *
 * Files of several runs merge by concatenation; {@linkcode mergeRecords} then drops what a later run of
 * the same machine has replaced.
 *
 * @module
 */
import { UsageError } from "../../norms/basics/errors.ts";
import {
  checkRecord,
  type HeaderRecord,
  isHeader,
  isMissing,
  type MissingRecord,
  type RecordKind,
  type RecordOf,
  type ResultRecord,
  type RunRecord,
} from "./record.ts";

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

/** A header and what was recorded under it. */
export interface Run<R extends ResultRecord = ResultRecord> {
  /** Where, on what and with which options it was made. */
  readonly header: HeaderRecord;
  /** What it wanted and did not find. */
  readonly missing: readonly MissingRecord[];
  /** What it found out, in the order of the records. */
  readonly results: readonly R[];
}

/**
 * Divides records at their headers.
 *
 * @throws {TypeError} if the first record is no header.
 */
export function splitRuns<R extends ResultRecord>(records: readonly RunRecord<R>[]): Run<R>[] {
  const runs: { header: HeaderRecord; missing: MissingRecord[]; results: R[] }[] = [];
  for (const record of records) {
    if (isHeader(record)) {
      runs.push({ header: record, missing: [], results: [] });
      continue;
    }
    const run = runs.at(-1);
    if (!run) {
      throw new TypeError(
        `records begin with a header, and these begin with a ${record.kind} record: pass them as they were read`,
      );
    }
    if (isMissing(record)) run.missing.push(record);
    else run.results.push(record as R);
  }
  return runs;
}

/** The results of one kind, in the order of the records. */
export function resultsOf<R extends ResultRecord, K extends R["kind"]>(
  { results }: Pick<Run<R>, "results">,
  kind: K,
): Extract<R, { kind: K }>[] {
  return results.filter((record): record is Extract<R, { kind: K }> => record.kind === kind);
}

/**
 * Names the machine of a run: its system, its processor and how many of them.
 *
 * Two machines of the same make count as one; their graphics adapters are told apart by {@linkcode siteOf}.
 */
export function machineOf({ environment: { platform, cpu, cores } }: HeaderRecord): string {
  return JSON.stringify([platform, cpu, cores]);
}

/** Names where a backend ran: the machine, the backend and its device. */
export function siteOf(header: HeaderRecord, backend: string): string {
  const device = header.backends.find(({ name }) => name === backend)?.device ?? "";
  return JSON.stringify([machineOf(header), backend, device]);
}

/**
 * Names a result within a run: its kind, its backend and what it is about.
 *
 * @throws {TypeError} if `kinds` do not have its kind.
 */
export function nameOf(record: ResultRecord, kinds: readonly RecordKind[]): string {
  const kind = kinds.find(({ kind }) => kind === record.kind);
  if (kind === undefined) throw new TypeError(`there is no kind of record "${record.kind}"`);
  return JSON.stringify([record.kind, record.backend, ...kind.identify(record)]);
}

/**
 * Joins the records of several files into one list.
 *
 * Where the same thing was found out more than once at the same site, the last record wins, so that a
 * repeated run replaces what it repeats; different machines stand side by side. A backend that was
 * missing is dropped where another run of the same machine has it, and a run is dropped when nothing
 * of it is left.
 */
export function mergeRecords<R extends ResultRecord>(
  files: readonly (readonly RunRecord<R>[])[],
  kinds: readonly RecordKind[],
): RunRecord<R>[] {
  const missingKey = (header: HeaderRecord, { what, name }: MissingRecord) =>
    JSON.stringify(["missing", machineOf(header), what, name]);
  const resultKey = (header: HeaderRecord, record: R) =>
    siteOf(header, record.backend) + nameOf(record, kinds);
  const backendKey = (header: HeaderRecord, name: string) =>
    JSON.stringify([machineOf(header), name]);

  const runs = splitRuns(files.flat());
  const last = new Map<string, MissingRecord | R>();
  for (const { header, missing, results } of runs) {
    for (const record of missing) last.set(missingKey(header, record), record);
    for (const record of results) last.set(resultKey(header, record), record);
  }
  const present = new Set(
    runs.flatMap(({ header }) => header.backends.map(({ name }) => backendKey(header, name))),
  );
  return runs.flatMap(({ header, missing, results }): RunRecord<R>[] => {
    const kept = [
      ...missing.filter((record) =>
        last.get(missingKey(header, record)) === record &&
        !(record.what === "backend" && present.has(backendKey(header, record.name)))
      ),
      ...results.filter((record) => last.get(resultKey(header, record)) === record),
    ];
    const replaced = kept.length === 0 && missing.length + results.length > 0;
    return replaced ? [] : [header, ...kept];
  });
}
