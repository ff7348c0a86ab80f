/**
 * Records: what they are, and reading and merging them.
 *
 * @module
 */
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
export { formatRecord, readRecords } from "./file.ts";
export { mergeRecords } from "./runs.ts";
