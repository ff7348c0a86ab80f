/**
 * What a run wanted and did not find, as its records hold it.
 *
 * @module
 */
import { type MissingRecord, SCHEMA } from "./record.ts";
import type { RunFolder } from "./run_folder.ts";

/** Makes the record of something missing. */
export function missingRecord(
  what: MissingRecord["what"],
  name: string,
  reason: string,
  remedy: string,
): MissingRecord {
  return { kind: "missing", schema: SCHEMA, what, name, reason, remedy };
}

/** Records what is missing, unless an interrupted run did already. */
export function recordMissing(record: MissingRecord, run: RunFolder): void {
  const known = run.records.some((r) => r.kind === "missing" && r.name === record.name);
  if (!known) run.append(record);
}

/** Says what is missing, and records it. */
export function announceMissing(record: MissingRecord, run: RunFolder): void {
  console.error(`Missing ${record.what}: ${record.name}. ${record.reason}\n  ${record.remedy}`);
  recordMissing(record, run);
}
