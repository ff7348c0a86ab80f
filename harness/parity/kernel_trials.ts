/**
 * The repaired kernels of the wasm backend against the stock ones.
 *
 * @module
 */
import { KERNELS } from "../../fixtures/cases/kernels.ts";
import { parityCases, type Preset } from "../../fixtures/parity_cases.ts";
import type { Operation } from "../../norms/basics/norm.ts";
import { functionSubject } from "../../norms/basics/subject.ts";
import type { Trial } from "./run.ts";

/** One trial for every case of the kernels; they load only here, and with them the backend. */
export async function kernelTrials(preset: Preset): Promise<Trial[]> {
  const { kernels } = await import("../backend/wasm/operations.ts");
  const norm = kernels as Operation;
  const subjects = Object.fromEntries(
    Object.entries(norm.implementations).map(([name, f]) => [name, functionSubject(f)]),
  );
  return parityCases(KERNELS, preset).map((parityCase) => ({
    norm,
    parityCase,
    subjects,
    references: norm.references,
    backends: ["wasm"],
  }));
}
