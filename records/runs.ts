/**
 * Runs: what the records of one or of several machines belong to.
 *
 * A run is a header and the records after it, up to the next header. Files of several runs merge by
 * concatenation; {@linkcode mergeRecords} then drops what a later run of the same machine has replaced.
 *
 * @module
 */
import type { HeaderRecord, MissingRecord, NormbenchRecord, ParityRecord } from "./record.ts";

/** A header and what was recorded under it. */
export interface Run {
  /** Where, on what and with which options it was made. */
  readonly header: HeaderRecord;
  /** What it wanted and did not find. */
  readonly missing: readonly MissingRecord[];
  /** What it compared, in the order of the records. */
  readonly comparisons: readonly ParityRecord[];
}

/** Divides records at their headers; throws `TypeError` where the first record is no header. */
export function splitRuns(records: readonly NormbenchRecord[]): Run[] {
  const runs: { header: HeaderRecord; missing: MissingRecord[]; comparisons: ParityRecord[] }[] =
    [];
  for (const record of records) {
    if (record.kind === "header") {
      runs.push({ header: record, missing: [], comparisons: [] });
      continue;
    }
    const run = runs.at(-1);
    if (!run) {
      throw new TypeError(
        `Records begin with a header, and these begin with a ${record.kind} record: pass them as they were read`,
      );
    }
    if (record.kind === "missing") run.missing.push(record);
    else run.comparisons.push(record);
  }
  return runs;
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
 * Where the same norm, implementation, reference and case were run more than once at the same site, the
 * last record wins, so that a repeated run replaces what it repeats; different machines stand side by
 * side. A backend that was missing is dropped where another run of the same machine has it, and a run
 * is dropped when nothing of it is left.
 */
export function mergeRecords(...files: readonly (readonly NormbenchRecord[])[]): NormbenchRecord[] {
  const runs = splitRuns(files.flat());
  const last = new Map<string, MissingRecord | ParityRecord>();
  for (const { header, missing, comparisons } of runs) {
    for (const record of missing) last.set(missingKey(header, record), record);
    for (const record of comparisons) last.set(comparisonKey(header, record), record);
  }
  const present = new Set(
    runs.flatMap(({ header }) => header.backends.map(({ name }) => backendKey(header, name))),
  );
  return runs.flatMap(({ header, missing, comparisons }) => {
    const kept = [
      ...missing.filter((record) =>
        last.get(missingKey(header, record)) === record &&
        !(record.what === "backend" && present.has(backendKey(header, record.name)))
      ),
      ...comparisons.filter((record) => last.get(comparisonKey(header, record)) === record),
    ];
    const replaced = kept.length === 0 && missing.length + comparisons.length > 0;
    return replaced ? [] : [header, ...kept];
  });
}

function backendKey(header: HeaderRecord, name: string): string {
  return JSON.stringify([machineOf(header), name]);
}

function missingKey(header: HeaderRecord, { what, name }: MissingRecord): string {
  return JSON.stringify(["missing", machineOf(header), what, name]);
}

function comparisonKey(header: HeaderRecord, record: ParityRecord): string {
  const { norm, implementation, backend, reference } = record;
  const site = siteOf(header, backend);
  return JSON.stringify(["parity", site, norm, implementation, reference, record.case.id]);
}
