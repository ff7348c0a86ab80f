/**
 * Golden files as references: the norms and the oracle compared with what other frameworks computed.
 *
 * @module
 */
import type { NpyArray } from "../../fixtures/golden/npz.ts";
import {
  float32,
  goldenCases,
  type ReadGolden,
  type Recording,
} from "../../fixtures/golden/recordings.ts";
import { normByName } from "../../norms/registry.ts";
import type { Answers } from "./evaluate.ts";
import { gradientName, PREDICTION } from "./expect.ts";
import { fusedSubjects, implementationSubjects, type Trial } from "./run.ts";

/** Reads a golden file from where this module lies: on the disk, or on a server. */
const fetchGolden: ReadGolden = async (name) => {
  const response = await fetch(new URL(`../../fixtures/golden/${name}`, import.meta.url));
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};

/**
 * A trial for every recording.
 *
 * @throws {MissingError} If a golden file cannot be read or is damaged.
 */
export async function goldenTrials(): Promise<Trial[]> {
  return (await goldenCases(fetchGolden)).map(({ parityCase, recording }) => {
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
