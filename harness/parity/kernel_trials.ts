/**
 * Kernels that Normbench repaired against the stock ones.
 *
 * @module
 */
import { KERNELS } from "../../fixtures/cases/kernels.ts";
import { parityCases, type Preset } from "../../fixtures/parity_cases.ts";
import { functionSubject } from "../../norms/basics/subject.ts";
import { BACKENDS } from "../backend/registry.ts";
import type { Trial } from "./run.ts";

/** The backends that have repaired kernels. */
export const REPAIRED = BACKENDS.filter((backend) => backend.repairedOperations !== undefined);

/** A trial for every case of the kernels on each of those backends. */
export async function kernelTrials(preset: Preset): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const backend of REPAIRED) {
    const norm = await backend.repairedOperations!();
    const subjects = Object.fromEntries(
      Object.entries(norm.implementations).map(([name, f]) => [name, functionSubject(f)]),
    );
    trials.push(
      ...parityCases(KERNELS, preset).map((parityCase) => ({
        norm,
        parityCase,
        subjects,
        references: norm.references,
        backends: [backend.name],
      })),
    );
  }
  return trials;
}
