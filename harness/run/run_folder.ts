/**
 * The folder of a run: its records on a disk, and resuming an interrupted run.
 *
 * @module
 */
import { join } from "node:path";
import { messageOf, UsageError } from "../../norms/basics/errors.ts";
import { exists } from "./machine.ts";
import { flag, text } from "./options.ts";
import { LinesOfFile } from "./lines.ts";
import { nameOf, parseRecords } from "./runs.ts";
import {
  formatRecord,
  type HeaderRecord,
  isMissing,
  type MissingRecord,
  type RecordKind,
  type RecordOf,
  type ResultRecord,
  type RunRecord,
} from "./record.ts";

/** Parent of the folders of runs without `--out`. */
const RESULTS = "results";

/** Name of the records file in the folder of a run. */
export const RECORDS_FILE = "records.jsonl";

/** Name of an archived records file, which is read but not appended to. */
const PACKED_RECORDS_FILE = `${RECORDS_FILE}.gz`;

/** The options of every task that records a run. */
export const RUN_OPTIONS = {
  out: text("DIR", "folder for records and report; a new one in results/ if left out"),
  resume: flag("continue the interrupted run in --out DIR"),
  json: flag("print the records, one JSON object a line, instead of the summary"),
} as const;

/**
 * Checks {@linkcode RUN_OPTIONS}.
 *
 * @throws {UsageError} if a run is to be resumed and no folder is named.
 */
export function checkRunOptions(
  { out, resume }: { readonly out: string | undefined; readonly resume: boolean },
): void {
  if (resume && out === undefined) {
    throw new UsageError("--resume needs --out DIR, the folder of the run to continue.");
  }
}

/**
 * Reads and checks a records file, packed with gzip or not, or the one in a folder.
 *
 * A last line that a killed run left unfinished is an error, unless `warn` is given: then it is omitted
 * with a warning.
 *
 * @throws {UsageError} naming file, line and field, if the file cannot be read, holds no records, does
 *   not start with a header, or a line is not a valid record.
 */
export function readRecords<K extends RecordKind>(
  path: string,
  kinds: readonly K[],
  warn?: (message: string) => void,
): RunRecord<RecordOf<K>>[] {
  const file = isFolder(path) ? recordsIn(path) : path;
  const { records, unfinished } = parseRecords(readable(file), kinds, file);
  if (unfinished !== "") {
    const found = `${file} ends in the middle of a record: the run that wrote it was cut off`;
    if (!warn) throw new UsageError(`${found}. Resume the run, or delete the last line.`);
    warn(`${found}. That record is omitted; resume the run to complete it.`);
  }
  return records;
}

/** The records of a run, which can be appended to. */
export class RunFolder<R extends ResultRecord = ResultRecord> {
  readonly #file: string;
  readonly #kinds: readonly RecordKind[];
  readonly #records: RunRecord<R>[];
  readonly #names: Set<string>;

  /**
   * Use {@linkcode openRun}: the folder must contain exactly `records`.
   */
  constructor(
    /** Folder of records and report. */
    readonly path: string,
    kinds: readonly RecordKind[],
    records: readonly RunRecord<R>[],
  ) {
    this.#file = join(path, RECORDS_FILE);
    this.#kinds = kinds;
    this.#records = [...records];
    this.#names = new Set(this.results.map((record) => nameOf(record, kinds)));
  }

  /** The options that continue the run. */
  get resumeOptions(): string {
    return `--out ${this.path} --resume`;
  }

  /** All records, including those before an interruption. */
  get records(): readonly RunRecord<R>[] {
    return this.#records;
  }

  /** The results among the records. */
  get results(): R[] {
    return this.#records.filter((record): record is R => "backend" in record);
  }

  /** What was missing. */
  get missing(): MissingRecord[] {
    return this.#records.filter(isMissing);
  }

  /** Whether a result with the same identity is recorded. */
  has(record: R): boolean {
    return this.#names.has(nameOf(record, this.#kinds));
  }

  /**
   * Writes a record synchronously, so that a killed run loses at most the record that it was writing.
   */
  append(record: RunRecord<R>): void {
    Deno.writeTextFileSync(this.#file, `${formatRecord(record)}\n`, { append: true });
    this.#records.push(record);
    if ("backend" in record) this.#names.add(nameOf(record, this.#kinds));
  }

  /** Prints what is missing, and records it unless it is recorded already. */
  appendMissing(record: MissingRecord): void {
    console.error(`Missing ${record.what}: ${record.name}. ${record.reason}\n  ${record.remedy}`);
    if (!this.missing.some(({ name }) => name === record.name)) this.append(record);
  }
}

/**
 * Opens the folder of a run and writes its header, or resumes after the records in it.
 *
 * @param options `out` is the folder, or undefined for the next free one; `resume` continues the run in it.
 * @throws {UsageError} if the folder holds records and is not to be resumed, if its run had other
 *   options, or if it cannot be written.
 */
export function openRun<K extends RecordKind>(
  header: HeaderRecord,
  kinds: readonly K[],
  { out, resume }: { readonly out: string | undefined; readonly resume: boolean },
): RunFolder<RecordOf<K>> {
  const path = out ?? nextFolder(header.task);
  if (hasHeader(join(path, RECORDS_FILE))) {
    if (resume) return resumeRun(path, kinds, header);
    throw new UsageError(
      `${path} holds the records of a run. Add --resume to continue it, or name another folder.`,
    );
  }
  if (resume) console.error(`${path} holds no records: the run starts from the beginning.`);
  try {
    Deno.mkdirSync(path, { recursive: true });
    Deno.writeTextFileSync(join(path, RECORDS_FILE), "");
  } catch (cause) {
    throw new UsageError(
      `${path} cannot be written: ${messageOf(cause)}. Name another folder with --out.`,
      { cause },
    );
  }
  const run = new RunFolder<RecordOf<K>>(path, kinds, []);
  run.append(header);
  return run;
}

/** Whether a run got so far as to write its header, or anything else that is not a cut off line. */
function hasHeader(file: string): boolean {
  if (!exists(file)) return false;
  const [first] = readable(file);
  return first?.endsWith("\n") ?? false;
}

/** Continues a run, after removing an unfinished last line. */
function resumeRun<K extends RecordKind>(
  path: string,
  kinds: readonly K[],
  header: HeaderRecord,
): RunFolder<RecordOf<K>> {
  const file = join(path, RECORDS_FILE);
  const lines = readable(file);
  const { records, unfinished } = parseRecords(lines, kinds, file);
  const first = records[0] as HeaderRecord;
  const differing = Object.keys({ ...first.options, ...header.options }).find((name) =>
    JSON.stringify(first.options[name]) !== JSON.stringify(header.options[name])
  );
  if (first.task !== header.task || differing !== undefined) {
    const which = differing ?? "task";
    throw new UsageError(
      `${path} holds a run with ${which} ${show(first, which)}, not ${show(header, which)}. ` +
        "Resume it with the same options, or name another folder.",
    );
  }
  if (unfinished !== "") Deno.truncateSync(file, lines.ended);
  else if (!lines.isEnded) Deno.writeTextFileSync(file, "\n", { append: true });
  return new RunFolder(path, kinds, records);
}

function show({ task, options }: HeaderRecord, name: string): string {
  return JSON.stringify(name === "task" ? task : options[name]) ?? "none";
}

/** `results/parity-1`, or the first number that is free. */
function nextFolder(task: string): string {
  for (let number = 1;; number++) {
    const path = join(RESULTS, `${task}-${number}`);
    if (!exists(path)) return path;
  }
}

/** The lines of a records file; what prevents reading them is named with the remedy. */
function readable(path: string): LinesOfFile {
  return new LinesOfFile(path, (reason) =>
    new UsageError(
      `${path} cannot be read: ${reason}. ` +
        `Give a ${RECORDS_FILE}, or the folder of a run that holds one.`,
    ));
}

/** The records file of a folder; the archived one only if there is no other. */
function recordsIn(folder: string): string {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  const packed = names.includes(PACKED_RECORDS_FILE) && !names.includes(RECORDS_FILE);
  return join(folder, packed ? PACKED_RECORDS_FILE : RECORDS_FILE);
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false; // Reading it as a file gives the reason.
  }
}
