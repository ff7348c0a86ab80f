/**
 * The first record of every run.
 *
 * @module
 */
import { describeBackend, type HeaderRecord, SCHEMA } from "./record.ts";
import { environment } from "./environment.ts";
import type { BackendStatus } from "../backend/registry.ts";

/** Describes this machine, the backends that take part and the options of the run. */
export async function runHeader(
  task: string,
  statuses: readonly BackendStatus[],
  options: HeaderRecord["options"],
): Promise<HeaderRecord> {
  return {
    kind: "header",
    schema: SCHEMA,
    task,
    environment: await environment(),
    backends: statuses.map(describeBackend),
    options: { ...options, backends: statuses.map(({ name }) => name) },
  };
}
