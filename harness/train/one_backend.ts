/**
 * The backend that a run trains on.
 *
 * @module
 */
import { UsageError } from "../../norms/basics/errors.ts";
import { selectBackends, useBackend } from "../backend/active_backend.ts";
import type { BackendStatus } from "../backend/registry.ts";

/**
 * Takes the one backend that is asked for: the figures of several would not compare.
 *
 * @throws {UsageError} if there is no such backend, or several are asked for.
 * @throws {MissingError} if it does not work here.
 */
export async function takeOneBackend(request: string): Promise<BackendStatus> {
  const [status, ...others] = await selectBackends(request);
  if (status !== undefined && others.length === 0) return await useBackend(status.name);
  throw new UsageError(`Training runs on one backend, not on ${request}. Start it once for each.`);
}
