/**
 * Every norm: the list that parity, benchmarks and tests loop over.
 *
 * @module
 */
import { batchNorm } from "./batch_norm.ts";
import { groupNorm, instanceNorm } from "./group_norm.ts";
import { layerNorm } from "./layer_norm.ts";
import type { Norm } from "./basics/norm.ts";
import { rmsNorm } from "./rms_norm.ts";
import { weightNorm } from "./weight_norm.ts";

/** The norms, in the order in which reports show them. */
export const NORMS: readonly Norm[] = [
  batchNorm,
  layerNorm,
  weightNorm,
  groupNorm,
  instanceNorm,
  rmsNorm,
] as readonly Norm[];

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
