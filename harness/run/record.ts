/**
 * Records: the only truth of a run.
 *
 * A task appends typed records to `records.jsonl`, one JSON object a line, after a header record that
 * holds the environment. Reports are rendered from records alone. Runs from several machines merge by
 * concatenation, because every record names its case, implementation and backend, and the header
 * before it names the machine.
 *
 * JSON has no NaN and no infinity; both are findings here, so they are written as the strings `"NaN"`,
 * `"Infinity"` and `"-Infinity"` and read back as numbers.
 *
 * @module
 */

import type { BandwidthRecord, BenchRecord, ChangeRecord } from "../bench/record.ts";
import type { ParityRecord } from "../parity/record.ts";
import type { DemonstrationRecord, FigureRecord, NotebookRunRecord } from "../replay/record.ts";
import type { EpochRecord, TrialRecord } from "../train/record.ts";

/** The version of the record schema; readers refuse any other. */
export const SCHEMA = 1;

/** Where and on what a run was made. */
export interface Environment {
  /** Version of Normbench. */
  readonly normbench: string;
  /** Git commit of the checkout, `-dirty` appended when it had changes; `null` outside a checkout. */
  readonly commit: string | null;
  /** Versions of what ran: `deno`, `v8`, `tfjs` and the like. */
  readonly versions: Readonly<Record<string, string>>;
  /** Operating system and architecture, such as `linux x86_64`. */
  readonly platform: string;
  /** Processor model. */
  readonly cpu: string;
  /** Logical processors. */
  readonly cores: number;
}

/** A backend that took part in a run. */
export interface BackendDescription {
  /** Name as on the command line: `cpu`, `wasm`, `wasm-stock`, `webgpu`, `tensorflow`. */
  readonly name: string;
  /** Version of the package that provides it. */
  readonly version: string;
  /** What it runs on: a processor, a graphics adapter. */
  readonly device: string;
  /** Whatever else the figures depend on: SIMD, repaired kernels, raised limits. */
  readonly notes: readonly string[];
}

/** The part of a backend's status that records hold. */
export function describeBackend(
  { name, version, device, notes }: BackendDescription,
): BackendDescription {
  return { name, version, device, notes };
}

/** The first record of a run. */
export interface HeaderRecord {
  /** Tells a header from other records. */
  readonly kind: "header";
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** The task that ran: `parity`, `train` … */
  readonly task: string;
  /** Where the run was made. */
  readonly environment: Environment;
  /** The backends that took part. */
  readonly backends: readonly BackendDescription[];
  /** The options of the run, defaults filled in; what `--resume` compares. */
  readonly options: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** Something the run wanted and did not find, so that it is not complete. */
export interface MissingRecord {
  /** Tells a missing thing from other records. */
  readonly kind: "missing";
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** `backend` or `data`. */
  readonly what: "backend" | "data";
  /** Which one. */
  readonly name: string;
  /** Why it is thought to be missing. */
  readonly reason: string;
  /** What the user can do about it. */
  readonly remedy: string;
}

/** Any line of a `records.jsonl`. */
export type NormbenchRecord =
  | HeaderRecord
  | MissingRecord
  | ParityRecord
  | EpochRecord
  | TrialRecord
  | BenchRecord
  | BandwidthRecord
  | ChangeRecord
  | FigureRecord
  | NotebookRunRecord
  | DemonstrationRecord;

/** What a run found out: any record but those that say where it was made and what it missed. */
export type ResultRecord = Exclude<NormbenchRecord, HeaderRecord | MissingRecord>;
