/**
 * Records: what they are, and reading and merging them.
 *
 * @module
 */
export {
  type BackendDescription,
  type Environment,
  type HeaderRecord,
  type MissingRecord,
  type NormbenchRecord,
  type ResultRecord,
  SCHEMA,
} from "./record.ts";
export {
  type CaseRecord,
  type Failure,
  type Figures,
  type ParityRecord,
  type QuantityRecord,
  type Verdict,
  type Worst,
} from "../parity/record.ts";
export { formatRecord, readRecords } from "./records_file.ts";
export { mergeRecords } from "./runs.ts";
export type {
  DataRecord,
  EpochRecord,
  ModelRecord,
  OptimizerRecord,
  Score,
  TrialDescription,
  TrialRecord,
} from "../train/record.ts";
export type {
  BandwidthRecord,
  BenchRecord,
  Calibration,
  ChangeRecord,
  ContenderRole,
  FailedTiming,
  RatioRecord,
  Spread,
  Timing,
  Workload,
} from "../bench/record.ts";
export {
  type DemonstrationRecord,
  type EpochAccuracy,
  type FigureRecord,
  NOTEBOOK,
  NOTEBOOK_EXPERIMENTS,
  type NotebookNetwork,
  type NotebookRunRecord,
  type ReplayVerdict,
  type TrainingPoint,
} from "../replay/record.ts";
