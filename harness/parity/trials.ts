/**
 * Which trials a run consists of.
 *
 * @module
 */
import { KERNELS } from "../../fixtures/cases/kernels.ts";
import { parityCases, type RealInputs } from "../../fixtures/parity_cases.ts";
import { normByName } from "../../norms/registry.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import type { BackendName } from "../backend/registry.ts";
import { referencesOn } from "../backend/registry.ts";
import { goldenTrials } from "./golden_trials.ts";
import { kernelTrials, REPAIRED } from "./kernel_trials.ts";
import type { ParityTaskOptions } from "./task.ts";
import { fusedSubjects, implementationSubjects, type Trial } from "./run.ts";

/** Whether the user wants a case of this id. */
export function isWanted(id: string, { case: cases }: ParityTaskOptions): boolean {
  return cases.length === 0 || cases.some((text) => id.includes(text));
}

/** The cases that the user wants, golden ones last within their norm, and kernels after all norms. */
export async function chooseTrials(
  options: ParityTaskOptions,
  backends: readonly BackendName[],
  real: RealInputs | undefined,
): Promise<Trial[]> {
  const golden = await goldenTrials();
  const trials = options.norm.filter((name) => name !== KERNELS).flatMap((name): Trial[] => {
    const norm = normByName(name);
    const common = {
      norm,
      subjects: implementationSubjects(norm),
      backendSubjects: () => fusedSubjects(norm),
      references: norm.references,
      backendReferences: (backend: string) => referencesOn(backend, norm),
    };
    return [
      ...parityCases(name, options.preset, real).map((parityCase) => ({ ...common, parityCase })),
      ...golden.filter((trial) => trial.norm === norm),
    ];
  });
  if (options.norm.includes(KERNELS) && REPAIRED.some(({ name }) => backends.includes(name))) {
    trials.push(...await kernelTrials(options.preset));
  }
  return trials.filter(({ parityCase }) => isWanted(parityCase.id, options));
}

/** Why there is no case to run. */
export function nothingToRun(
  { norm: norms, case: cases }: ParityTaskOptions,
  backends: readonly BackendName[],
): UsageError {
  const onlyKernels = norms.every((name) => name === KERNELS);
  const repaired = REPAIRED.map(({ name }) => name);
  return new UsageError(
    onlyKernels && !repaired.some((name) => backends.includes(name))
      ? `The kernels are those of ${repaired}. Add ${repaired} to --backend.`
      : `No case has an id that contains ${cases.join(" or ")}.`,
  );
}
