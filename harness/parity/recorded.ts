/**
 * What an interrupted run has recorded already.
 *
 * @module
 */
import type { NormbenchRecord } from "../run/record.ts";
import { nameOf } from "../run/identity.ts";
import type { ParityRecord } from "./record.ts";

/** Names a case on a backend, whose comparisons are recorded together. */
function siteName(caseId: string, backend: string): string {
  return JSON.stringify([caseId, backend]);
}

/** The comparisons that need not be made again. */
export class Recorded {
  readonly #comparisons: ReadonlySet<string>;
  readonly #sites: ReadonlySet<string>;

  constructor(records: readonly NormbenchRecord[]) {
    const comparisons = records.filter((record) => record.kind === "parity");
    const sites = comparisons.map((record) => siteName(record.case.id, record.backend));
    this.#comparisons = new Set(comparisons.map(nameOf));
    // The run may have been cut off within the last one.
    this.#sites = new Set(sites.filter((site) => site !== sites.at(-1)));
  }

  /** Whether a case is recorded on a backend, with all implementations and references. */
  isComplete(caseId: string, backend: string): boolean {
    return this.#sites.has(siteName(caseId, backend));
  }

  /** Whether this comparison is recorded. */
  has(record: ParityRecord): boolean {
    return this.#comparisons.has(nameOf(record));
  }
}
