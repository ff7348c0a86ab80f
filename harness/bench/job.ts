/**
 * Jobs: what is benchmarked, before any of it is built.
 *
 * @module
 */
import type { Norm } from "../../norms/basics/norm.ts";
import type { NormOptions } from "../../norms/basics/options.ts";
import { lengthOf, range, type Shape, size } from "../../norms/basics/shape.ts";
import type { Workload } from "./record.ts";
import type { BackendName } from "../backend/active_backend.ts";
import type { Contender } from "./contender.ts";

/** A norm, a workload and a shape on a backend: contenders that take turns, and one record. */
export interface Job {
  readonly backend: BackendName;
  readonly norm: Norm;
  readonly workload: Workload;
  /** Of a training step. */
  readonly network?: string;
  /** Of the normalized tensor, or of a batch that a network trains on. */
  readonly shape: Shape;
  readonly options: NormOptions;
}

/** A contender that could not be built, and why. */
export interface Unbuilt {
  readonly name: string;
  readonly role: Contender["role"];
  readonly error: Error;
}

/** The contenders of a job on the active backend. */
export interface Field {
  readonly contenders: readonly Contender[];
  readonly unbuilt: readonly Unbuilt[];
  /** How many inputs rotate, and whether a cache can hold them. */
  readonly inputs: number;
  readonly cache: "hot" | "cold";
  /** Frees the inputs; the contenders are disposed of one by one. */
  dispose(): void;
}

/** Builds what can be built. */
export function buildAll(
  builders: readonly {
    readonly name: string;
    readonly role: Contender["role"];
    build(): Omit<Contender, "name" | "role">;
  }[],
): Pick<Field, "contenders" | "unbuilt"> {
  const contenders: Contender[] = [];
  const unbuilt: Unbuilt[] = [];
  for (const { name, role, build } of builders) {
    try {
      contenders.push({ name, role, ...build() });
    } catch (error) {
      unbuilt.push({ name, role, error: error instanceof Error ? error : new Error(`${error}`) });
    }
  }
  return { contenders, unbuilt };
}

/** The norm's options for data of this shape, the same as networks take; `undefined` where it does not apply. */
export function optionsFor({ name }: Norm, shape: Shape): NormOptions | undefined {
  const channels = lengthOf(shape, shape.length - 1);
  switch (name) {
    case "layer":
    case "rms":
      return { training: true, axis: range(shape.length).slice(1) } as NormOptions;
    case "group":
      return { training: true, groups: greatestCommonDivisor(channels, 32) } as NormOptions;
    case "instance":
      return shape.length > 2 ? { training: true } : undefined;
    case "weight":
      return { training: true, units: channels, useBias: false } as NormOptions;
    default:
      return { training: true };
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * The shape of `x` where the normalized tensor has `shape`.
 *
 * Weight norm normalizes a kernel of [inputs, units]; a batch of one sample leaves the kernel the
 * largest tensor at work.
 */
export function dataShape({ normalized }: Norm, shape: Shape): Shape {
  return normalized === "x" ? shape : [1, size(shape.slice(0, -1))];
}
