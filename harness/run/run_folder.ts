/**
 * The folder of a run: its records on a disk, and resuming an interrupted run.
 *
 * @module
 */
import { join } from "node:path";
import { messageOf, MissingError, UsageError } from "../../norms/basics/errors.ts";
import { ofDisk } from "./disk.ts";
import type { Formats } from "./formats.ts";
import { flag, text } from "./options.ts";
import { LinesOfFile } from "./lines.ts";
import { LockedFile } from "./locked_file.ts";
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
  { out, resume, json, format }: {
    readonly out: string | undefined;
    readonly resume: boolean;
    readonly json?: boolean;
    readonly format?: Formats;
  },
): void {
  if (json && (format?.github || format?.junit === "-")) {
    throw new UsageError("--json prints records alone: leave --format out, or give it junit=FILE.");
  }
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

/** The options that continue the run in a folder, as a shell takes them. */
export function resumeOptions(path: string): string {
  const isPlain = /^[\w@%+=:,./\\-]+$/.test(path);
  return `--out ${isPlain ? path : `'${path.replaceAll("'", "'\\''")}'`} --resume`;
}

/** The records of a run, which can be appended to. */
export class RunFolder<R extends ResultRecord = ResultRecord> implements Disposable {
  readonly #file: LockedFile;
  readonly #kinds: readonly RecordKind[];
  readonly #records: RunRecord<R>[];
  readonly #names: Set<string>;

  /**
   * Use {@linkcode openRun}: the folder must contain exactly `records`.
   */
  constructor(
    /** Folder of records and report. */
    readonly path: string,
    file: LockedFile,
    kinds: readonly RecordKind[],
    records: readonly RunRecord<R>[],
  ) {
    this.#file = file;
    this.#kinds = kinds;
    this.#records = [...records];
    this.#names = new Set(this.results.map((record) => nameOf(record, kinds)));
  }

  /** The options that continue the run. */
  get resumeOptions(): string {
    return resumeOptions(this.path);
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
    this.#file.append(`${formatRecord(record)}\n`);
    this.#records.push(record);
    if ("backend" in record) this.#names.add(nameOf(record, this.#kinds));
  }

  /** Releases the folder for other processes. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

/**
 * Opens the folder of a run and writes its header, or resumes after the records in it.
 *
 * @param options `out` is the folder, or undefined for the next free one; `resume` continues the run in it.
 * @param missing What is missing now; in a run that is resumed, it replaces what was missing before.
 * @throws {UsageError} if the folder holds records and is not to be resumed, if its run had other
 *   options or was on another machine, if another process writes in it, or if it cannot be written.
 */
export function openRun<K extends RecordKind>(
  header: HeaderRecord,
  kinds: readonly K[],
  { out, resume }: { readonly out: string | undefined; readonly resume: boolean },
  missing: readonly MissingRecord[] = [],
): RunFolder<RecordOf<K>> {
  for (const { what, name, reason, remedy } of missing) {
    console.error(`Missing ${what}: ${name}. ${reason}\n  ${remedy}`);
  }
  const path = out ?? nextFolder(header.task);
  const file = lockFile(path);
  try {
    const run = new RunFolder(path, file, kinds, startOrResume(path, file, kinds, header, resume));
    if (run.records.length === 0) [header, ...missing].forEach((record) => run.append(record));
    else if (!sameMissing(run.missing, missing)) {
      const kept = [run.records[0]!, ...missing, ...run.results];
      file.replace(kept.map((record) => `${formatRecord(record)}\n`).join(""));
      return new RunFolder(path, file, kinds, kept);
    }
    return run;
  } catch (error) {
    file[Symbol.dispose]();
    throw ofDisk(error, path, resumeOptions(path));
  }
}

/** The records of a run to continue, or none. */
function startOrResume<K extends RecordKind>(
  path: string,
  file: LockedFile,
  kinds: readonly K[],
  header: HeaderRecord,
  resume: boolean,
): RunRecord<RecordOf<K>>[] {
  const [first] = readable(file.path);
  // A run may have been cut off before its header was whole.
  if (first?.endsWith("\n")) {
    if (resume) return resumed(path, file, kinds, header);
    throw new UsageError(
      `${path} holds the records of a run. Add --resume to continue it, or name another folder.`,
    );
  }
  if (resume) console.error(`${path} holds no records: the run starts from the beginning.`);
  file.truncate(0);
  return [];
}

/** The records of a run, after removing an unfinished last line. */
function resumed<K extends RecordKind>(
  path: string,
  file: LockedFile,
  kinds: readonly K[],
  header: HeaderRecord,
): RunRecord<RecordOf<K>>[] {
  const lines = readable(file.path);
  const { records, unfinished } = parseRecords(lines, kinds, file.path);
  const [before, now] = [comparedOf(records[0] as HeaderRecord), comparedOf(header)];
  const differing = [...new Set([...before.keys(), ...now.keys()])].find((name) =>
    before.get(name) !== now.get(name)
  );
  if (differing !== undefined) {
    const [was, is] = [before.get(differing) ?? "none", now.get(differing) ?? "none"];
    throw new UsageError(
      `${path} holds a run with ${differing} ${was}, not ${is}. ` +
        `${remedyOf(differing, was, is)}, or name another folder: deno task report merges both.`,
    );
  }
  if (unfinished !== "") file.truncate(lines.ended);
  else if (!lines.isEnded) file.append("\n");
  return records;
}

/** How to get back what a run had, where it is known; a change of documentation counts as any other. */
function remedyOf(name: string, was: string, is: string): string {
  if (name !== "commit" || was === "null") return "Resume it with the same";
  if (is === was.replace(/"$/, '-dirty"')) {
    return "Files have changed since: put the changes away (git stash -u) and resume it";
  }
  if (was.endsWith('-dirty"')) {
    return "It had changes that are in no commit: resume it with the same ones";
  }
  return `Resume it on its commit (git switch --detach ${was.replaceAll('"', "")})`;
}

/** What must be the same where a run is resumed, by its name in messages. */
function comparedOf({ task, environment, backends, options }: HeaderRecord): Map<string, string> {
  const { versions, ...rest } = environment;
  const shown = {
    task,
    ...options,
    ...rest,
    ...versions,
    ...Object.fromEntries(backends.flatMap(({ name, version, device, notes }) => [
      [`version of ${name}`, version],
      [`device of ${name}`, device],
      [`configuration of ${name}`, notes],
    ])),
  };
  return new Map(Object.entries(shown).map(([name, value]) => [name, JSON.stringify(value)]));
}

function sameMissing(before: readonly MissingRecord[], now: readonly MissingRecord[]): boolean {
  const text = (records: readonly MissingRecord[]) => records.map(formatRecord).join("\n");
  return text(before) === text(now);
}

/** `results/parity-1`, or the first number that is free; the folder is made. */
function nextFolder(task: string): string {
  for (let number = 1;; number++) {
    const path = join(RESULTS, `${task}-${number}`);
    try {
      Deno.mkdirSync(RESULTS, { recursive: true });
      Deno.mkdirSync(path);
      return path;
    } catch (cause) {
      if (!(cause instanceof Deno.errors.AlreadyExists)) throw notWritable(path, cause);
    }
  }
}

/** Opens the records of a folder, which is made if needed, for this process alone. */
function lockFile(path: string): LockedFile {
  try {
    Deno.mkdirSync(path, { recursive: true });
    return new LockedFile(join(path, RECORDS_FILE));
  } catch (cause) {
    const error = ofDisk(cause, path, resumeOptions(path));
    const isClear = error instanceof UsageError || error instanceof MissingError;
    throw isClear ? error : notWritable(path, cause);
  }
}

function notWritable(path: string, cause: unknown): UsageError {
  return new UsageError(
    `${path} cannot be written: ${messageOf(cause)}. Name another folder with --out.`,
    { cause },
  );
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
