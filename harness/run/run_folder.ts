/**
 * The folder of a run: a new one, or one whose run goes on.
 *
 * @module
 */
import { join } from "node:path";
import { exists } from "./exists.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import type { HeaderRecord, NormbenchRecord } from "./record.ts";
import { RecordFile, RECORDS_FILE } from "./records_file.ts";

/** Where runs go whose folder the user did not name. */
const RESULTS = "results";

/** The records of a run, as they are added. */
export class RunFolder {
  readonly #file: RecordFile;
  readonly #records: NormbenchRecord[];

  constructor(
    /** Where records and report are. */
    readonly path: string,
    file: RecordFile,
    records: readonly NormbenchRecord[],
  ) {
    this.#file = file;
    this.#records = [...records];
  }

  /** Everything recorded so far, of an interrupted run too. */
  get records(): readonly NormbenchRecord[] {
    return this.#records;
  }

  /** Writes a record to the disk before it returns. */
  append(record: NormbenchRecord): void {
    this.#file.append(record);
    this.#records.push(record);
  }
}

/** Which folder, and whether to go on with what is in it. */
export interface RunFolderOptions {
  /** The folder; undefined takes the next free one. */
  readonly out: string | undefined;
  readonly resume: boolean;
}

/**
 * Opens the folder of a run and writes its header, or goes on after the records that are there.
 *
 * @throws {UsageError} if the folder holds records and is not to be resumed, if its run had other
 *   options, or if it cannot be written.
 */
export function openRun(header: HeaderRecord, { out, resume }: RunFolderOptions): RunFolder {
  const path = out ?? nextFolder(header.task);
  if (resume) return resumeRun(path, header);
  if (exists(join(path, RECORDS_FILE))) {
    throw new UsageError(
      `${path} holds the records of a run. Add --resume to go on with it, or name another folder.`,
    );
  }
  const run = new RunFolder(path, createFile(path), []);
  run.append(header);
  return run;
}

function resumeRun(path: string, header: HeaderRecord): RunFolder {
  const { file, records } = RecordFile.resume(path);
  const first = records[0] as HeaderRecord;
  const differing = Object.keys({ ...first.options, ...header.options }).find((name) =>
    JSON.stringify(first.options[name]) !== JSON.stringify(header.options[name])
  );
  if (first.task !== header.task || differing !== undefined) {
    const which = differing ?? "task";
    throw new UsageError(
      `${path} holds a run with another ${which} (${show(first, which)}, now ${
        show(header, which)
      }). Resume it with the same options, or name another folder.`,
    );
  }
  return new RunFolder(path, file, records);
}

function show({ task, options }: HeaderRecord, name: string): string {
  return JSON.stringify(name === "task" ? task : options[name]) ?? "none";
}

function createFile(path: string): RecordFile {
  try {
    return RecordFile.create(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${path} cannot be written: ${reason}. Name another folder with --out.`, {
      cause,
    });
  }
}

/** `results/parity-1`, or with the first number that is free. */
function nextFolder(task: string): string {
  for (let number = 1;; number++) {
    const path = join(RESULTS, `${task}-${number}`);
    if (!exists(path)) return path;
  }
}
