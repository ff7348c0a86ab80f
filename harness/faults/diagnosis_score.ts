/**
 * The diagnosis score: for how many planted faults the diagnosis names the right one first.
 *
 * To compare a fault with itself proves little. So the faults are also planted in textbooks that are written
 * in another way, and run on other backends than the one that is the first in line. To know whether names
 * are given too easily, each fault is also diagnosed with itself left out of the list.
 *
 * @module
 */
import type { Fault } from "../../fixtures/faults/registry.ts";
import { drawInputs, type ParityCase } from "../../fixtures/parity_case.ts";
import type { Norm } from "../../norms/basics/norm.ts";
import { breathe } from "../../norms/basics/event_loop.ts";
import { size } from "../../norms/basics/shape.ts";
import { functionSubject, type Subject } from "../../norms/basics/subject.ts";
import { type BackendName, backendNamed } from "../backend/registry.ts";
import { useBackend } from "../backend/active_backend.ts";
import { judge } from "../parity/compare.ts";
import { diagnose, type WrongExample } from "../parity/counterexample/diagnose.ts";
import type { Diagnosis } from "../parity/counterexample/diagnosis.ts";
import { type Answers, evaluate } from "../parity/evaluate.ts";
import { type Expectation, expectation } from "../parity/expect.ts";

/** A fault in some form, and what the diagnosis makes of it. */
export interface DiagnosedFault {
  readonly fault: Fault;
  /** How the textbook is written that the fault is planted in, or the backend that it runs on. */
  readonly form: string;
  /** The case in which it was diagnosed, and the quantity. */
  readonly caseId: string;
  readonly quantity: string;
  readonly diagnosis: Diagnosis;
}

/** Diagnoses a fault in the smallest of the cases in which it is wrong; undefined if it is in none. */
export async function diagnoseFault(
  norm: Norm,
  fault: Fault,
  form: string,
  cases: readonly ParityCase[],
  backend: BackendName,
): Promise<DiagnosedFault | undefined> {
  await useBackend(backend);
  const subject = functionSubject(fault.implementation) as Subject;
  const bySize = cases.toSorted((a, b) => size(a.shape) - size(b.shape));
  for (const parityCase of bySize) {
    const example = await firstWrong(norm, parityCase, backend, subject);
    await breathe();
    if (example === undefined) continue;
    const { quantity } = example;
    const diagnosis = await diagnose(example);
    return { fault, form, caseId: parityCase.id, quantity, diagnosis };
  }
  return undefined;
}

/** The first quantity that is wrong, with the upstream gradient that shows it, as an example to diagnose. */
async function firstWrong(
  norm: Norm,
  parityCase: ParityCase,
  backend: BackendName,
  subject: Subject,
): Promise<WrongExample | undefined> {
  const inputs = drawInputs(norm, parityCase, 0);
  const { arithmetic } = backendNamed(backend);
  const expected = expectation(norm, parityCase, inputs, 0, arithmetic);
  const answers = await evaluate(subject, parityCase, expected);
  for (const { quantity, of, got, dy } of quantitiesOf(expected, answers)) {
    if (judge(got, of).verdict !== "wrong") continue;
    const batches = inputs.batches.map((x, i) => [`x${i}`, x]);
    const given = Object.fromEntries([...Object.entries(inputs.values), ...batches, ["dy", dy]]);
    return {
      norm,
      subject,
      backend,
      quantity,
      parityCase: { ...parityCase, given },
      got: got as Float32Array,
      expected: of.bounded,
    };
  }
  return undefined;
}

function quantitiesOf({ outputs, upstreams }: Expectation, answers: Answers) {
  const of = Object.entries(outputs).map(([quantity, of]) => (
    { quantity, of, got: answers.outputs[quantity], dy: upstreams[0]?.dy }
  ));
  return [
    ...of,
    ...upstreams.flatMap(({ gradients, dy }, i) =>
      Object.entries(gradients).map(([quantity, of]) => (
        { quantity, of, got: answers.gradients[i]?.[quantity], dy }
      ))
    ),
  ];
}
