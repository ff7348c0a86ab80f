/**
 * What is said about a backend.
 *
 * @module
 */

/** The backends, by the names of the command line. */
export const BACKENDS = ["cpu", "wasm", "wasm-stock", "webgpu", "tensorflow"] as const;

/**
 * Name of a backend. `wasm` runs with repaired kernels, `wasm-stock` with those that the package
 * brings; it is there for comparison, and only taken when asked for by name.
 */
export type BackendName = typeof BACKENDS[number];

/** Ranks of speed: among the backends that work, `auto` takes the highest. */
export const Speed = { cpu: 0, softwareGpu: 1, wasm: 2, gpu: 3, native: 4 } as const;

/** One of the values of {@linkcode Speed}. */
export type Speed = typeof Speed[keyof typeof Speed];

/** What a backend says about itself once it runs. */
export interface Prepared {
  /** Version of the package or library that provides it. */
  readonly version: string;
  /** What it runs on: a processor, a graphics adapter. */
  readonly device: string;
  /** Whatever else its figures depend on: SIMD, repaired kernels, raised limits. */
  readonly notes: readonly string[];
  /** How fast it is beside the others. */
  readonly speed: Speed;
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
  /** Whatever else its figures depend on. */
  readonly notes: readonly string[];
  /** Why it does not work. */
  readonly reason?: string;
  /** What the user can do about it. */
  readonly remedy?: string;
}

/** A status with what `auto` needs to choose; a backend that does not work has no speed. */
export interface Candidate extends BackendStatus {
  /** How fast it is beside the others. */
  readonly speed?: Speed;
}
