/**
 * Parity and gradient checks for your own norm, training for your own network, and the backends.
 *
 * @module
 */
export {
  type CustomLayer,
  type CustomNorm,
  type CustomOptions,
  parity,
  type ParityOptions,
  type ParityResult,
} from "./parity/parity.ts";
export {
  microscope,
  type MicroscopeOptions,
  type MicroscopeResult,
  type StepDigits,
} from "./parity/microscope.ts";
export { assertHealthy } from "./backend/active_backend.ts";
export { Speed } from "./backend/backend.ts";
export { inspectBackends, selectBackends, useBackend } from "./backend/exclusive.ts";
export { BACKEND_NAMES, type BackendName, type BackendStatus } from "./backend/registry.ts";
export {
  type NamedImages,
  train,
  type TrainingImages,
  type TrainOptions,
  type TrainResult,
} from "./train/train.ts";
export {
  gradcheck,
  type GradcheckMode,
  type GradcheckOptions,
  type GradcheckResult,
  gradgradcheck,
  type GradientVerdict,
  type InputCheck,
  type NotJudged,
  type WorstSlope,
} from "./gradcheck/gradcheck.ts";
export type { StorageType } from "../norms/oracle/storage.ts";
export { CNN, MLP } from "../models/networks.ts";
export { MissingError, UsageError } from "../norms/basics/errors.ts";
export {
  mergeRecords,
  type NormbenchRecord,
  type NormbenchResult,
  parseRecords,
  renderReport,
  summarize,
} from "./tasks.ts";
export {
  type BackendDescription,
  type Environment,
  type Failure,
  formatRecord,
  type Frozen,
  type HeaderRecord,
  type MissingRecord,
  type ResultRecord,
  type RunRecord,
  SCHEMA,
} from "./run/record.ts";
export type {
  CaseRecord,
  Counterexample,
  ErrorSummary,
  ParityRecord,
  ParityResultRecord,
  ParityRunRecord,
  QuantityRecord,
  Verdict,
  Worst,
} from "./parity/record.ts";
export type { Diagnosis, Suspect } from "./parity/counterexample/diagnosis.ts";
export type {
  DataRecord,
  EpochRecord,
  ModelRecord,
  OptimizerRecord,
  Score,
  TrialDescription,
  TrialRecord,
} from "./train/record.ts";
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
} from "./bench/record.ts";
export {
  type DemonstrationRecord,
  type EpochAccuracy,
  NOTEBOOK,
  NOTEBOOK_EXPERIMENTS,
  type NotebookNetwork,
  type NotebookRunRecord,
  type PrintoutRecord,
  type ReplayResult,
  type ReplayVerdict,
  type StudyRunRecord,
  type Training as NotebookTraining,
  type TrainingPoint,
} from "./replay/record.ts";
