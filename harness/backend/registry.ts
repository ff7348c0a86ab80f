/**
 * The backends. A new one takes its file, its name and a line here.
 *
 * @module
 */
import type { Operation } from "../../norms/basics/norm.ts";
import type { Subject } from "../../norms/basics/subject.ts";
import type { Backend, Completion, Speed } from "./backend.ts";
import { cpu } from "./cpu.ts";
import { tensorflow } from "./tensorflow.ts";
import { wasm, wasmStock } from "./wasm.ts";
import { webgpu } from "./webgpu.ts";

/**
 * Name of a backend. `wasm` runs with repaired kernels, `wasm-stock` with those of the package, for
 * comparison.
 */
export type BackendName = "cpu" | "wasm" | "wasm-stock" | "webgpu" | "tensorflow";

/** By name, so that the compiler demands both lines. */
const BY_NAME: { readonly [Name in BackendName]: Backend<Name> } = {
  cpu,
  wasm,
  "wasm-stock": wasmStock,
  webgpu,
  tensorflow,
};

/** The most portable first. */
export const BACKENDS: readonly Backend<BackendName>[] = Object.values(BY_NAME);

/** Their names. */
export const BACKEND_NAMES: readonly BackendName[] = BACKENDS.map(({ name }) => name);

/**
 * The backend of that name.
 *
 * @throws {RangeError} If there is none.
 */
export function backendNamed(name: string): Backend<BackendName> {
  const backend = BACKENDS.find((each) => each.name === name);
  if (backend !== undefined) return backend;
  throw new RangeError(`there is no backend "${name}": choose among ${BACKEND_NAMES.join(", ")}`);
}

/** How work on a backend is waited for. */
export function completionOf(name: string): Completion {
  return backendNamed(name).complete ?? (() => {});
}

/** References of a norm that only one backend has, by name. */
export function referencesOn(
  name: string,
  norm: Pick<Operation, "name">,
): Readonly<Record<string, Subject>> {
  return backendNamed(name).references?.(norm) ?? {};
}

/** Whether a backend works here; what it is if so, why not if not. */
export interface BackendStatus {
  /** Name as on the command line. */
  readonly name: BackendName;
  /** Whether it started and computed. */
  readonly works: boolean;
  /** Version of what provides it; empty where it does not work. */
  readonly version: string;
  /** What it runs on; empty where it does not work. */
  readonly device: string;
  /** What else its results and times depend on. */
  readonly notes: readonly string[];
  /** How fast it is compared to the others; absent where it does not work. */
  readonly speed?: Speed;
  /** Why it does not work. */
  readonly reason?: string;
  /** What the user can do about it. */
  readonly remedy?: string;
}
