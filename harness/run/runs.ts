/**
 * Runs: what the records of one or of several machines belong to.
 *
 * A run is a header and the records after it, up to the next header. Files of several runs merge by
 * concatenation; {@linkcode mergeRecords} then drops what a later run of the same machine has replaced.
 *
 * @module
 */
import { identify } from "./identity.ts";
import type { HeaderRecord, MissingRecord, NormbenchRecord, ResultRecord } from "./record.ts";

/** A header and what was recorded under it. */
export interface Run {
  /** Where, on what and with which options it was made. */
  readonly header: HeaderRecord;
  /** What it wanted and did not find. */
  readonly missing: readonly MissingRecord[];
  /** What it found out, in the order of the records. */
  readonly results: readonly ResultRecord[];
}

/** Divides records at their headers; throws `TypeError` where the first record is no header. */
export function splitRuns(records: readonly NormbenchRecord[]): Run[] {
  const runs: { header: HeaderRecord; missing: MissingRecord[]; results: ResultRecord[] }[] = [];
  for (const record of records) {
    if (record.kind === "header") {
      runs.push({ header: record, missing: [], results: [] });
      continue;
    }
    const run = runs.at(-1);
    if (!run) {
      throw new TypeError(
        `Records begin with a header, and these begin with a ${record.kind} record: pass them as they were read`,
      );
    }
    if (record.kind === "missing") run.missing.push(record);
    else run.results.push(record);
  }
  return runs;
}

/** The results of one kind, in the order of the records. */
export function resultsOf<K extends ResultRecord["kind"]>(
  { results }: Run,
  kind: K,
): Extract<ResultRecord, { kind: K }>[] {
  return results.filter((record): record is Extract<ResultRecord, { kind: K }> =>
    record.kind === kind
  );
}

/**
 * Names the machine of a run: its system, its processor and how many of them.
 *
 * Two machines of the same make count as one; their graphics adapters are told apart by {@linkcode siteOf}.
 */
export function machineOf(header: HeaderRecord): string {
  const { platform, cpu, cores } = header.environment;
  return JSON.stringify([platform, cpu, cores]);
}

/** Names where a backend ran: the machine, the backend and its device. */
export function siteOf(header: HeaderRecord, backend: string): string {
  const device = header.backends.find(({ name }) => name === backend)?.device ?? "";
  return JSON.stringify([machineOf(header), backend, device]);
}

/**
 * Joins the records of several files into one list.
 *
 * Where the same thing was found out more than once at the same site, the last record wins, so that a
 * repeated run replaces what it repeats; different machines stand side by side. A backend that was
 * missing is dropped where another run of the same machine has it, and a run is dropped when nothing
 * of it is left.
 */
export function mergeRecords(...files: readonly (readonly NormbenchRecord[])[]): NormbenchRecord[] {
  const runs = splitRuns(files.flat());
  const last = new Map<string, MissingRecord | ResultRecord>();
  for (const { header, missing, results } of runs) {
    for (const record of missing) last.set(missingKey(header, record), record);
    for (const record of results) last.set(resultKey(header, record), record);
  }
  const present = new Set(
    runs.flatMap(({ header }) => header.backends.map(({ name }) => backendKey(header, name))),
  );
  return runs.flatMap(({ header, missing, results }) => {
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

function backendKey(header: HeaderRecord, name: string): string {
  return JSON.stringify([machineOf(header), name]);
}

function missingKey(header: HeaderRecord, { what, name }: MissingRecord): string {
  return JSON.stringify(["missing", machineOf(header), what, name]);
}

function resultKey(header: HeaderRecord, record: ResultRecord): string {
  return JSON.stringify([record.kind, siteOf(header, record.backend), ...identify(record)]);
}
