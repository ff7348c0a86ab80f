/**
 * What a backend is: a record that says how to start it, what it promises and how it is timed.
 *
 * @module
 */
import type { Operation } from "../../norms/basics/norm.ts";
import type { Subject } from "../../norms/basics/subject.ts";
import type { Arithmetic } from "../../norms/oracle/bounded.ts";

/** Ranks of speed: among the backends that work, `auto` takes the highest. */
export const Speed = { cpu: 0, softwareGpu: 1, wasm: 2, gpu: 3, native: 4 } as const;

/** One of the values of {@linkcode Speed}. */
export type Speed = typeof Speed[keyof typeof Speed];

/** What a backend says about itself once it runs. */
export interface Prepared {
  /** Of the package or library that provides it. */
  readonly version: string;
  /** A processor, a graphics adapter. */
  readonly device: string;
  /** What else its results and times depend on: SIMD, repaired kernels, raised limits. */
  readonly notes: readonly string[];
  readonly speed: Speed;
}

/** Waits until all work is done; throws if some of it failed. */
export type Completion = () => void | Promise<void>;

/** A function at the border of a backend, beyond which JavaScript ends. */
export interface BorderCall {
  /** Whose method it is. */
  readonly of: object;
  readonly method: string;
  /** What it does, if that depends on its arguments. */
  label?(args: readonly unknown[]): string;
}

/** A backend. Functions other than `prepare` are called while it is the active one. */
export interface Backend<Name extends string = string> {
  /** Name on the command line and in records. */
  readonly name: Name;
  /** Whether `auto` and `all` leave it out. */
  readonly onlyWhenNamed?: boolean;
  /** Whether it loads native code, for which Deno wants the permission `ffi`. */
  readonly isNative?: boolean;
  /**
   * Makes it the active tfjs backend.
   *
   * @throws {Error} Where it does not work; a `MissingError` has the remedy.
   */
  prepare(): Promise<Prepared>;
  /** How exactly its hardware computes. */
  readonly arithmetic: Arithmetic;
  /** Absent where operations compute before they return, and throw if they fail. */
  readonly complete?: Completion;
  /** The device's clock, in seconds that the kernels of `work` took; undefined where it has none. */
  deviceClock?(): ((work: () => void) => Promise<number>) | undefined;
  /** What traces show of it beside its kernels; absent where JavaScript cannot look. */
  border?(): readonly BorderCall[];
  /** Bytes that it can address; absent where only the machine's memory limits it. */
  readonly addressableBytes?: number;
  /** Upstream gradients of a case that parity tries, where every call costs milliseconds; default all. */
  readonly mostUpstreams?: number;
  /** Implementations of a norm that only this backend has, by name. */
  references?(norm: Pick<Operation, "name">): Readonly<Record<string, Subject>>;
  /** Operations on kernels that Normbench replaced here, with the stock kernels as reference. */
  repairedOperations?(): Promise<Operation>;
}
