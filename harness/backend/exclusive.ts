/**
 * Backends for users' programs, in which calls may run side by side.
 *
 * tfjs has one active backend for the whole program, and counts all tensors of the program together.
 * So work that uses it over several awaits needs exclusive access. Inside such work, call the functions
 * of `active_backend.ts`: those of this module would wait for the work itself.
 *
 * @module
 */
import * as backend from "./active_backend.ts";
import type { BackendName, BackendStatus } from "./registry.ts";

/** Runs `work` after all earlier work has ended, whether it succeeded or not. */
export const exclusively: <T>(work: () => Promise<T>) => Promise<T> = backend.oneByOne();

/** Tries every backend; never throws, and leaves the active backend active. */
export function inspectBackends(): Promise<BackendStatus[]> {
  return exclusively(backend.inspectBackends);
}

/**
 * The backends that a request asks for: `auto` is the fastest that works, `all` every one that works
 * (without `wasm-stock`), and names may be combined with commas. Leaves the active backend active.
 *
 * @throws {UsageError} If a name is unknown.
 * @throws {MissingError} If a backend that is named does not work here.
 */
export function selectBackends(request: string): Promise<BackendStatus[]> {
  return exclusively(() => backend.selectBackends(request));
}

/**
 * Makes a backend the active one, after all calls of {@linkcode parity}, {@linkcode train} and
 * {@linkcode gradcheck} that run; if that fails, the one before stays active.
 *
 * @throws {MissingError} If it does not work here.
 */
export function useBackend(name: BackendName): Promise<BackendStatus> {
  return exclusively(() => backend.useBackend(name));
}
