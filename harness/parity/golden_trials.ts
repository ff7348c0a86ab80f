/**
 * Golden files as references: what other frameworks computed, held against the norms and the oracle.
 *
 * @module
 */
import { float32, goldenCases } from "../../fixtures/golden/golden_cases.ts";
import type { NpyArray } from "../../fixtures/golden/npz.ts";
import type { Recording } from "../../fixtures/golden/recordings.ts";
import { normByName } from "../../norms/registry.ts";
import type { Answers } from "./evaluate.ts";
import { gradientName, PREDICTION } from "./expect.ts";
import { fusedSubjects, implementationSubjects, type Trial } from "./run.ts";

/**
 * A trial for every recording.
 *
 * @throws {MissingError} if a golden file is gone or damaged.
 */
export async function goldenTrials(): Promise<Trial[]> {
  return (await goldenCases()).map(({ parityCase, recording }) => {
    const norm = normByName(recording.norm);
    return {
      norm,
      parityCase,
      subjects: implementationSubjects(norm),
      backendSubjects: () => fusedSubjects(norm),
      references: {},
      recordings: { [recording.framework]: recordedAnswers(recording) },
    };
  });
}

/** What a recording answers: `y` and gradients of the first step, states of the last, a prediction. */
export function recordedAnswers({ steps, prediction }: Recording): Answers {
  const { outputs, gradients } = steps[0]!;
  const answers: Record<string, NpyArray> = {
    ...steps.at(-1)!.outputs,
    y: outputs["y"]!,
    ...Object.fromEntries(
      Object.entries(gradients).map(([name, gradient]) => [gradientName(name), gradient]),
    ),
    ...(prediction && { [PREDICTION]: prediction }),
  };
  return Object.fromEntries(
    Object.entries(answers).map(([quantity, array]) => [quantity, float32(array)]),
  );
}
