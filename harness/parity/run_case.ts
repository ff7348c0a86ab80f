/**
 * Runs one case: every implementation and every reference on every backend.
 *
 * @module
 */
import { drawInputs, type ParityCase } from "../../fixtures/parity_case.ts";
import { implementationsOf } from "../../norms/frames/apply.ts";
import { breathe } from "../../norms/basics/event_loop.ts";
import type { Norm, Operation } from "../../norms/basics/norm.ts";
import { functionSubject, layerSubject, type Subject } from "../../norms/basics/subject.ts";
import { layerOf } from "../../norms/layers/norm_layer.ts";
import { assertHealthy, rememberBackend, useBackend } from "../backend/active_backend.ts";
import { type BackendName, backendNamed, referencesOn } from "../backend/registry.ts";
import { compareAnswers, type NamedAnswers } from "./compare.ts";
import { allFailed, type Answers, evaluate } from "./evaluate.ts";
import { type Expectation, expectation, pickQuantities } from "./expect.ts";
import type { ParityRecord } from "./record.ts";

type Subjects = Readonly<Record<string, Subject>>;

export interface Contenders {
  readonly norm: Operation;
  readonly subjects: Subjects;
  /** Custom norms that only the active backend has, such as fused kernels. */
  readonly backendSubjects?: () => Subjects;
  readonly references: Subjects;
  /** References that only some backends have, such as TensorFlow's fused kernels. */
  readonly backendReferences?: (backend: BackendName) => Subjects;
}

export interface CasePlan extends Contenders {
  readonly parityCase: ParityCase;
  /** Answers that a reference gave earlier, on another machine. */
  readonly recordings?: Readonly<Record<string, Answers>>;
  /** The quantities that are judged; left out, all. */
  readonly quantities?: readonly string[];
  /** The backends on which it makes sense; left out, all. */
  readonly backends?: readonly BackendName[];
}

/** All implementations of a norm, its layer class among them, and all of its references. */
export function ownImplementations(norm: Norm): Contenders {
  return {
    norm,
    subjects: {
      ...functionSubjects(norm),
      layer: layerSubject((options) => layerOf(norm, options)),
    },
    backendSubjects: () => {
      const { fused } = implementationsOf(norm);
      return fused === undefined ? {} : { fused: functionSubject(fused) };
    },
    references: norm.references,
    backendReferences: (backend) => referencesOn(backend, norm),
  };
}

/** The implementations that run on every backend. */
export function functionSubjects({ implementations }: Pick<Norm, "implementations">): Subjects {
  return Object.fromEntries(
    Object.entries(implementations).map(([name, f]) => [name, functionSubject(f)]),
  );
}

/**
 * Runs a case on those backends on which it makes sense, the oracle once for all that compute alike.
 *
 * @returns A record for every backend and contender, custom norms before references.
 * @throws {RangeError} if the case's options do not fit its shape, its input is not finite, or it has no
 *   such quantity.
 * @throws {Error} if a subject makes another backend the active one.
 */
export async function runCase(
  plan: CasePlan,
  backends: readonly BackendName[],
  seed: number,
): Promise<ParityRecord[]> {
  const { norm, parityCase } = plan;
  const inputs = drawInputs(norm, parityCase, seed);
  const expectations = new Map<string, Expectation>();
  const records: ParityRecord[] = [];
  for (const backend of backends) {
    if (!(plan.backends ?? backends).includes(backend)) continue;
    const { arithmetic, mostUpstreams } = backendNamed(backend);
    const key = JSON.stringify({ arithmetic, mostUpstreams });
    const expected = expectations.get(key) ??
      pickQuantities(
        expectation(norm, parityCase, inputs, seed, arithmetic, mostUpstreams),
        plan.quantities,
      );
    expectations.set(key, expected);
    records.push(...await runOn(backend, plan, expected, seed));
  }
  return records;
}

async function runOn(
  backend: BackendName,
  plan: CasePlan,
  expected: Expectation,
  seed: number,
): Promise<ParityRecord[]> {
  await useBackend(backend);
  const taken = rememberBackend();
  const available = { ...plan.references, ...plan.backendReferences?.(backend) };
  const references = [
    ...await answersOfAll(available, plan, expected),
    ...Object.entries(plan.recordings ?? {}),
  ];
  const subjects = { ...plan.subjects, ...plan.backendSubjects?.() };
  const customs = await answersOfAll(subjects, plan, expected);
  taken.assertActive();
  const at = { norm: plan.norm, parityCase: plan.parityCase, seed, backend, expected };
  return compareAnswers(at, customs, references);
}

async function answersOfAll(
  subjects: Subjects,
  plan: CasePlan,
  expected: Expectation,
): Promise<NamedAnswers[]> {
  const answers: NamedAnswers[] = [];
  for (const [name, subject] of Object.entries(subjects)) {
    answers.push([name, await answersOf(subject, plan, expected)]);
    await breathe();
  }
  return answers;
}

/** Runs one subject; an error that the backend reports afterwards counts as the subject's. */
export async function answersOf(
  subject: Subject,
  { parityCase }: Pick<CasePlan, "parityCase">,
  expected: Expectation,
): Promise<Answers> {
  const answers = await evaluate(subject, parityCase, expected);
  try {
    await assertHealthy();
    return answers;
  } catch (error) {
    return allFailed(answers, error);
  }
}
