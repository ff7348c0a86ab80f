/**
 * Parity and gradient checks for a norm of one's own, training for a network of one's own, and the
 * backends.
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
  type GradcheckOptions,
  type GradcheckResult,
  type GradientVerdict,
  type InputCheck,
  type WorstSlope,
} from "./gradcheck/gradcheck.ts";
export { CNN, MLP } from "../models/networks.ts";
export { MissingError, UsageError } from "../norms/basics/errors.ts";
