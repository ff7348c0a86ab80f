/**
 * Jobs: what is benchmarked, before any of it is built.
 *
 * @module
 */
import { NORM_SETTINGS } from "../../models/norm_layer.ts";
import { type Norm, normalizesKernels } from "../../norms/basics/norm.ts";
import type { NormOptions } from "../../norms/basics/options.ts";
import { lengthOf, type Shape, size } from "../../norms/basics/shape.ts";
import type { Workload } from "./record.ts";
import type { BackendName } from "../backend/registry.ts";
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

/**
 * The norm's options where the normalized tensor has this shape, the same as networks take; `undefined`
 * where it does not apply.
 */
export function optionsFor(norm: Norm, shape: Shape): NormOptions | undefined {
  const options = {
    training: true,
    ...norm.networkOptions(normalizedShape(norm, shape), NORM_SETTINGS),
    // A bias is no part of the norm.
    ...(normalizesKernels(norm) ? { useBias: false } : {}),
  };
  try {
    norm.inputs(dataShape(norm, shape), options);
    return options;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The shape as it is, or that of a kernel of [inputs, units]. */
export function normalizedShape(norm: Norm, shape: Shape): Shape {
  return normalizesKernels(norm)
    ? [size(shape.slice(0, -1)), lengthOf(shape, shape.length - 1)]
    : shape;
}

/**
 * The shape of `x` where the normalized tensor has `shape`.
 *
 * A norm of kernels is given a batch of one sample, so that the kernel is the largest tensor at work.
 */
export function dataShape(norm: Norm, shape: Shape): Shape {
  return normalizesKernels(norm) ? [1, size(shape.slice(0, -1))] : shape;
}
