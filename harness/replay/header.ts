/**
 * The first record of a replay.
 *
 * @module
 */
import { describeBackend, type HeaderRecord, SCHEMA } from "../../records/record.ts";
import { environment } from "../../system/environment.ts";
import type { BackendStatus } from "../backend/backend.ts";
import type { ReplayTaskOptions } from "./options.ts";

/** Describes this machine, the backends that take part and the options of the run. */
export async function replayHeader(
  statuses: readonly BackendStatus[],
  { experiments, seeds, epochs }: ReplayTaskOptions,
): Promise<HeaderRecord> {
  return {
    kind: "header",
    schema: SCHEMA,
    task: "replay",
    environment: await environment(),
    backends: statuses.map(describeBackend),
    options: {
      experiments,
      seeds,
      ...(epochs === undefined ? {} : { epochs }),
      backends: statuses.map(({ name }) => name),
    },
  };
}
