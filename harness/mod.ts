/**
 * Parity for a norm of one's own, and the backends.
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
export { MissingError, UsageError } from "../system/exit_status.ts";
