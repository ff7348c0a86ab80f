/**
 * Parity for a norm of one's own, the backends, and records.
 *
 * @module
 */
export {
  type CustomLayer,
  type CustomNorm,
  parity,
  type ParityOptions,
  type ParityResult,
} from "./parity/parity.ts";
export {
  assertHealthy,
  type BackendName,
  BACKENDS,
  type BackendStatus,
  inspectBackends,
  selectBackends,
  useBackend,
} from "./backend/backend.ts";
export { MissingError, UsageError } from "./exit_status.ts";
export {
  type BackendDescription,
  type CaseRecord,
  type Environment,
  type Failure,
  type Figures,
  type HeaderRecord,
  type MissingRecord,
  type NormbenchRecord,
  type ParityRecord,
  type QuantityRecord,
  SCHEMA,
  type Verdict,
  type Worst,
} from "./record.ts";
export { formatRecord, readRecords } from "./record_file.ts";
export { mergeRecords } from "./runs.ts";
