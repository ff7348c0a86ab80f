/**
 * Waiting until a backend has done what it was asked for.
 *
 * @module
 */
import * as tf from "../../norms/basics/tf.ts";
import { assertHealthy, type BackendStatus } from "../backend/active_backend.ts";

/** Returns when all work is done; throws if some of it failed. */
export type Completion = () => void | Promise<void>;

/**
 * How the active backend is waited for.
 *
 * - `webgpu` queues: the queue is submitted and waited for, which also tells of errors.
 * - `tensorflow` on a graphics card queues, too: a number is computed and read, after all else.
 * - The others compute before they return, and there is nothing to wait for.
 */
export function completionOf({ name, device }: BackendStatus): Completion {
  if (name === "webgpu") return assertHealthy;
  if (name === "tensorflow" && device !== "CPU") {
    return () => void tf.tidy(() => tf.add(1, 1).dataSync());
  }
  return () => {};
}
