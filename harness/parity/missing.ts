/**
 * What a run needs beside its norms, and what is said where it is not there.
 *
 * @module
 */
import type { DatasetEvent } from "../../fixtures/datasets/dataset_folder.ts";
import { loadFashionMnist } from "../../fixtures/datasets/fashion_mnist.ts";
import { realCaseIds, type RealInputs } from "../../fixtures/parity_cases.ts";
import { realInputs } from "../../fixtures/real_inputs.ts";
import { type MissingRecord, SCHEMA } from "../../records/record.ts";
import { MissingError } from "../../system/exit_status.ts";
import { inspectBackends } from "../backend/backend.ts";
import type { ParityTaskOptions } from "./options.ts";
import { isWanted } from "./trials.ts";

/** Images of the real batch. */
const REAL_IMAGES = 16;

/** Bytes of a megabyte, as download pages count them. */
const MEGABYTE = 1e6;

/** Fashion-MNIST activations, or the record that says why there are none. */
export async function findRealInputs(
  options: ParityTaskOptions,
): Promise<{ real?: RealInputs; missing: MissingRecord[] }> {
  const ids = options.norms.flatMap(realCaseIds);
  if (!ids.some((id) => isWanted(id, options))) return { missing: [] };
  try {
    const images = await loadFashionMnist({
      split: "train",
      limit: REAL_IMAGES,
      onEvent: tellEvents(),
      ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    });
    return { real: realInputs(images, options.seed), missing: [] };
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    return { missing: [missingRecord("data", "fashion-mnist", error.message, error.remedy)] };
  }
}

/** Tells what happens to a data set's files: downloads by every tenth of a file. */
function tellEvents(): (event: DatasetEvent) => void {
  const told = new Map<string, number>();
  return (event) => {
    if (event.kind === "mirror failed") {
      console.error(`${event.file}: ${event.from} did not deliver it (${event.reason})`);
    } else if (event.kind === "set aside") {
      console.error(`Set aside ${event.path}: ${event.reason}`);
    } else {
      const { file, received, size } = event;
      const tenths = Math.floor(10 * received / size);
      if (tenths === told.get(file)) return;
      told.set(file, tenths);
      const megabytes = [received, size].map((bytes) => (bytes / MEGABYTE).toFixed(1));
      console.error(`Downloading ${file}: ${megabytes.join(" of ")} MB`);
    }
  };
}

function missingRecord(
  what: MissingRecord["what"],
  name: string,
  reason: string,
  remedy: string,
): MissingRecord {
  return { kind: "missing", schema: SCHEMA, what, name, reason, remedy };
}

/** The backends that a run on all of them has to do without. */
export async function absentBackends({ backend }: ParityTaskOptions): Promise<MissingRecord[]> {
  if (backend !== "all") return [];
  const statuses = await inspectBackends();
  return statuses
    .filter(({ works }) => !works)
    .map(({ name, reason = "", remedy = "" }) => missingRecord("backend", name, reason, remedy));
}
