/**
 * Every norm: the list that parity, benchmarks and tests loop over.
 *
 * @module
 */
import { batchNorm } from "./batch_norm.ts";
import { groupNorm } from "./group_norm.ts";
import { instanceNorm } from "./instance_norm.ts";
import { layerNorm } from "./layer_norm.ts";
import { lpNorm } from "./lp_norm.ts";
import type { Norm } from "./basics/norm.ts";
import type { NormOptions } from "./basics/options.ts";
import type { Tensor } from "./basics/tensor.ts";
import { rmsNorm } from "./rms_norm.ts";
import { weightNorm } from "./weight_norm.ts";

const RECORDS = [
  batchNorm,
  layerNorm,
  weightNorm,
  groupNorm,
  instanceNorm,
  rmsNorm,
  lpNorm,
] as const;

/** The norms, in the order in which reports show them. */
export const NORMS: readonly Norm[] = RECORDS as unknown as readonly Norm[];

/**
 * The record of some norm of the registry.
 *
 * @internal
 */
export type NormRecord = (typeof RECORDS)[number];

/** The name of a norm. */
export type NormName = NormRecord["name"];

/**
 * The inputs of a norm by name, each of them a tensor; those of a norm that only the program knows at
 * run time may be missing.
 *
 * Options can switch some of them off, such as gamma by `scale: false`: what uses such options must not
 * rely on the type.
 */
export type InputsOf<Name extends string> = Name extends NormName ? {
    readonly [Input in Extract<NormRecord, { readonly name: Name }>["inputNames"][number]]: Tensor;
  }
  : Readonly<Record<string, Tensor>>;

/** The options of a norm by its name; those of a norm that only the program knows at run time are open. */
export type OptionsOf<Name extends string> = Name extends NormName
  ? ReturnType<Extract<NormRecord, { readonly name: Name }>["networkOptions"]>
  : NormOptions;

/**
 * The norm of that name.
 *
 * @throws {RangeError} if there is none.
 */
export function normByName(name: string): Norm {
  const norm = NORMS.find((candidate) => candidate.name === name);
  if (norm === undefined) {
    throw new RangeError(
      `there is no norm "${name}": choose one of ${NORMS.map((n) => n.name).join(", ")}`,
    );
  }
  return norm;
}
