/**
 * The parity run: registry x case x backend x implementation x reference.
 *
 * @module
 */
import { drawInputs, type ParityCase } from "../../fixtures/parity_case.ts";
import { implementationsOf } from "../../norms/basics/apply.ts";
import type { Norm, Operation } from "../../norms/basics/norm.ts";
import type { Arithmetic } from "../../norms/oracle/bounded.ts";
import { layerOf } from "../../norms/layers/norm_layer.ts";
import { functionSubject, layerSubject, type Subject } from "../../norms/basics/subject.ts";
import { assertHealthy, rememberBackend, useBackend } from "../backend/active_backend.ts";
import { type BackendName, backendNamed } from "../backend/registry.ts";
import type { ParityRecord } from "./record.ts";
import { type Answers, evaluate } from "./evaluate.ts";
import { type Expectation, expectation } from "./expect.ts";
import { judgeCase } from "./judge_case.ts";

/** A case of a norm, and what is held against what. */
export interface Trial {
  readonly norm: Operation;
  readonly parityCase: ParityCase;
  /** The custom norms by name. */
  readonly subjects: Readonly<Record<string, Subject>>;
  /** Custom norms that the active backend has beside them. */
  readonly backendSubjects?: () => Readonly<Record<string, Subject>>;
  readonly references: Readonly<Record<string, Subject>>;
  /** References that only some backends have, such as TensorFlow's fused kernels. */
  readonly backendReferences?: (backend: BackendName) => Readonly<Record<string, Subject>>;
  /** References that answered before, on another machine: golden files. */
  readonly recordings?: Readonly<Record<string, Answers>>;
  /** The backends that it is about; left out, all. */
  readonly backends?: readonly BackendName[];
}

/** The implementations of a norm as subjects, and its layer class as one more. */
export function implementationSubjects(norm: Norm): Record<string, Subject> {
  return {
    ...Object.fromEntries(
      Object.entries(norm.implementations).map(([name, f]) => [name, functionSubject(f)]),
    ),
    layer: layerSubject((options) => layerOf(norm, options)),
  };
}

/** The norm's fused implementation as a subject, where the active backend has one. */
export function fusedSubjects(norm: Norm): Record<string, Subject> {
  const { fused } = implementationsOf(norm);
  return fused === undefined ? {} : { fused: functionSubject(fused) };
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
  const taken = rememberBackend();
  const available = { ...trial.references, ...trial.backendReferences?.(backend) };
  const references = [
    ...await answersOfAll(available, trial, expected),
    ...Object.entries(trial.recordings ?? {}),
  ];
  const subjects = { ...trial.subjects, ...trial.backendSubjects?.() };
  const customs = await answersOfAll(subjects, trial, expected);
  taken.assertActive();
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
 * Runs one trial on those backends that it is about, the oracle once for all that compute alike.
 *
 * @throws {RangeError} if the case's options do not fit its shape, or its input is not finite.
 * @throws {Error} if a subject makes another backend the active one.
 */
export async function runTrial(
  trial: Trial,
  backends: readonly BackendName[],
  seed: number,
): Promise<ParityRecord[]> {
  const { norm, parityCase } = trial;
  const inputs = drawInputs(norm, parityCase, seed);
  const expectations = new Map<Arithmetic, Expectation>();
  const expectedUnder = (arithmetic: Arithmetic): Expectation => {
    const known = expectations.get(arithmetic);
    if (known !== undefined) return known;
    const expected = expectation(norm, parityCase, inputs, seed, arithmetic);
    expectations.set(arithmetic, expected);
    return expected;
  };
  const records: ParityRecord[] = [];
  for (const backend of backends) {
    if (!(trial.backends ?? backends).includes(backend)) continue;
    records.push(
      ...await runOn(backend, trial, expectedUnder(backendNamed(backend).arithmetic), seed),
    );
  }
  return records;
}
