/**
 * The parity run: registry x case x backend x implementation x reference.
 *
 * @module
 */
import { drawInputs, type ParityCase } from "../../fixtures/parity_case.ts";
import type { Norm } from "../../norms/norm.ts";
import { functionSubject, type Subject } from "../../norms/subject.ts";
import { assertHealthy, type BackendName, useBackend } from "../backend/backend.ts";
import type { ParityRecord } from "../record.ts";
import { type Answers, evaluate } from "./evaluate.ts";
import { type Expectation, expectation } from "./expect.ts";
import { judgeCase } from "./judge_case.ts";

/** A case of a norm, and what is held against what. */
export interface Trial {
  readonly norm: Norm;
  readonly parityCase: ParityCase;
  /** The custom norms by name. */
  readonly subjects: Readonly<Record<string, Subject>>;
  readonly references: Readonly<Record<string, Subject>>;
}

/** The implementations of a norm as subjects. */
export function implementationSubjects(norm: Norm): Record<string, Subject> {
  return Object.fromEntries(
    Object.entries(norm.implementations).map(([name, f]) => [name, functionSubject(f)]),
  );
}

/** Runs one subject; an error that the backend reports afterwards counts as the subject's. */
async function answersOf(
  subject: Subject,
  { parityCase }: Trial,
  expected: Expectation,
): Promise<Answers> {
  const answers = await evaluate(subject, parityCase, expected);
  try {
    await assertHealthy();
    return answers;
  } catch (error) {
    const failure = { error: error instanceof Error ? error.message : String(error) };
    return Object.fromEntries(Object.keys(answers).map((name) => [name, failure]));
  }
}

/** Runs one trial on one backend: a record for every subject and reference. */
async function runOn(
  backend: BackendName,
  trial: Trial,
  expected: Expectation,
  seed: number,
): Promise<ParityRecord[]> {
  await useBackend(backend);
  const references = await answersOfAll(trial.references, trial, expected);
  const customs = await answersOfAll(trial.subjects, trial, expected);
  const { norm, parityCase } = trial;
  return customs.flatMap(([implementation, custom]) =>
    references.map(([reference, answers]) =>
      judgeCase({
        norm,
        parityCase,
        seed,
        backend,
        expected,
        implementation,
        custom,
        reference,
        answers,
      })
    )
  );
}

async function answersOfAll(
  subjects: Readonly<Record<string, Subject>>,
  trial: Trial,
  expected: Expectation,
): Promise<[string, Answers][]> {
  const answers: [string, Answers][] = [];
  for (const [name, subject] of Object.entries(subjects)) {
    answers.push([name, await answersOf(subject, trial, expected)]);
  }
  return answers;
}

/**
 * Runs one trial on several backends, the oracle once for all of them.
 *
 * @throws {RangeError} if the case's options do not fit its shape, or its input is not finite.
 */
export async function runTrial(
  trial: Trial,
  backends: readonly BackendName[],
  seed: number,
): Promise<ParityRecord[]> {
  const { norm, parityCase } = trial;
  const expected = expectation(norm, parityCase, drawInputs(norm, parityCase, seed), seed);
  const records: ParityRecord[] = [];
  for (const backend of backends) records.push(...await runOn(backend, trial, expected, seed));
  return records;
}
