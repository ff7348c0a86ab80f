/**
 * Reads, divides and merges records. A run is a header and the records after it, up to the next header.
 *
 * Files of several runs merge by concatenation; {@linkcode mergeRecords} then drops what a later run of
 * the same machine has replaced.
 *
 * @module
 */
import { messageOf, UsageError } from "../../norms/basics/errors.ts";
import { Packer } from "./packed.ts";
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

/** Result of {@linkcode parseRecords}. */
export interface ParsedRecords<R extends RunRecord = RunRecord> {
  readonly records: R[];
  /** A last line that a killed run left unfinished, or empty. */
  readonly unfinished: string;
}

/**
 * Reads the lines of a records file.
 *
 * @param lines Its lines, each with its line break; or its text.
 * @param name Name in error messages, such as the path.
 * @throws {UsageError} naming line and field, if there are no records, they do not start with a header,
 *   or a line is not a valid record.
 */
export function parseRecords<K extends RecordKind>(
  lines: Iterable<string>,
  kinds: readonly K[],
  name: string,
): ParsedRecords<RunRecord<RecordOf<K>>> {
  const records: RunRecord<RecordOf<K>>[] = [];
  let unfinished = "";
  let number = 0;
  const packer = new Packer();
  for (const line of typeof lines === "string" ? lines.split(/(?<=\n)/) : lines) {
    number++;
    if (line.trim() === "") continue;
    if (!line.endsWith("\n") && !isJson(line)) unfinished = line;
    else {
      const record = parseLine(line, kinds, `${name}, line ${number}`);
      packLarge(record, kinds, packer);
      records.push(record);
    }
  }
  if (records.length === 0) {
    throw new UsageError(`${name} has no complete record. Run the task again.`);
  }
  if (!isHeader(records[0]!)) {
    throw new UsageError(
      `${name} does not start with a header record, which names the machine. ` +
        `Pass the file as the task wrote it.`,
    );
  }
  return { records, unfinished };
}

function parseLine<K extends RecordKind>(line: string, kinds: readonly K[], where: string) {
  try {
    return checkRecord(JSON.parse(line), kinds);
  } catch (cause) {
    const message = messageOf(cause);
    const problem = cause instanceof SyntaxError ? `not JSON (${message})` : message;
    const remedy = "Restore the file from where it was made, or run the task again.";
    throw new UsageError(`${where}: ${problem}. ${remedy}`, { cause });
  }
}

/** Keeps the large fields of a record in little memory. */
function packLarge(record: RunRecord, kinds: readonly RecordKind[], packer: Packer): void {
  const { packed = [], shared = [] } = kinds.find(({ kind }) => kind === record.kind)?.large ?? {};
  const fields = record as unknown as Record<string, object>;
  for (const name of packed) fields[name] = packer.pack(fields[name]!);
  for (const name of shared) fields[name] = packer.share(fields[name]!);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A header and the records after it. */
export interface Run<R extends ResultRecord = ResultRecord> {
  /** Machine, backends and options. */
  readonly header: HeaderRecord;
  readonly missing: readonly MissingRecord[];
  /** In the order of the records. */
  readonly results: readonly R[];
}

/**
 * Divides records at their headers.
 *
 * @throws {TypeError} if the first record is not a header.
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
        `the first record is a ${record.kind} record and not a header: pass records as they were read`,
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
 * Identifies the machine of a run by its system, processor and number of cores.
 *
 * Two equal machines count as one; {@linkcode siteOf} distinguishes their graphics adapters.
 */
function machineOf({ environment: { platform, cpu, cores } }: HeaderRecord): string {
  return JSON.stringify([platform, cpu, cores]);
}

/** Identifies where a backend ran: by machine, backend and device. */
export function siteOf(header: HeaderRecord, backend: string): string {
  const device = header.backends.find(({ name }) => name === backend)?.device ?? "";
  return JSON.stringify([machineOf(header), backend, device]);
}

/**
 * Identifies a result within a run: by its kind, its backend and its identity.
 *
 * @throws {TypeError} if its kind is not in `kinds`.
 */
export function nameOf(record: ResultRecord, kinds: readonly RecordKind[]): string {
  const kind = kinds.find(({ kind }) => kind === record.kind);
  if (kind === undefined) throw new TypeError(`there is no kind of record "${record.kind}"`);
  return JSON.stringify([record.kind, record.backend, ...kind.identify(record)]);
}

/**
 * Joins the records of several files into one list.
 *
 * Of results with the same identity and site, the last is kept, so that a repeated run replaces the
 * earlier one; results of different machines are all kept. The record of a missing backend is dropped if
 * another run on the same machine has it, and a run is dropped if none of its records is left.
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
