/**
 * The diagnosis score: for how many planted faults the diagnosis names the right one first.
 *
 * To compare a fault with itself proves little. So the faults are also planted in textbooks that are written
 * in another way, and run on other backends.
 *
 * @module
 */
import { type Fault, plantFaults } from "../../fixtures/faults/registry.ts";
import { KERNELS } from "../../fixtures/right/kernel.ts";
import { STANDARDIZATIONS } from "../../fixtures/right/standardization.ts";
import { isKernel } from "../../norms/textbook/kernel.ts";
import { isStandardization } from "../../norms/textbook/standardization.ts";
import { drawInputs, type ParityCase } from "../../fixtures/parity_case.ts";
import type { Norm } from "../../norms/basics/norm.ts";
import { breathe } from "../../norms/basics/event_loop.ts";
import { size } from "../../norms/basics/shape.ts";
import { functionSubject, type Subject } from "../../norms/basics/subject.ts";
import { type BackendName, backendNamed } from "../backend/registry.ts";
import { useBackend } from "../backend/active_backend.ts";
import { judge } from "../parity/compare.ts";
import { diagnose, type WrongExample } from "../parity/counterexample/diagnose.ts";
import { type Diagnosis, headline } from "../parity/counterexample/diagnosis.ts";
import { markdownTable, table } from "../../reports/table.ts";
import { faultCases } from "./mutation_score.ts";
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

/** A way to write a textbook, as steps in place of its own. */
interface Form {
  readonly name: string;
  readonly replaced: object;
}

/** Right algorithms, and other ways to write the gradient, that faults are planted in. */
const WRITTEN = [
  "Welford",
  "tf.moments",
  "folded",
  "reciprocal root",
  "factor first",
  "reciprocal",
];

/** What a fault is, in the form in which the diagnosis knows it. */
const AS_PLANTED = "as planted";

/** The forms of a norm's textbook. */
function formsOf({ textbook: { steps } }: Norm): Form[] {
  const written = <S extends object>(
    steps: S,
    ways: readonly { name: string; fits?(steps: S): boolean; replace(steps: S): object }[],
  ): Form[] =>
    ways.filter(({ name, fits }) => WRITTEN.includes(name) && (fits?.(steps) ?? true))
      .map(({ name, replace }) => ({ name, replaced: replace(steps) }));
  return [
    { name: AS_PLANTED, replaced: {} },
    { name: "by hand", replaced: { byHand: true } },
    ...(isStandardization(steps) ? written(steps, STANDARDIZATIONS) : []),
    ...(isKernel(steps) ? written(steps, KERNELS) : []),
  ];
}

/**
 * The faults of a norm in one form.
 *
 * A form in which the deviation is a reciprocal takes only those faults that leave all of it alone: others
 * would make two mistakes.
 */
function faultsInForm(norm: Norm, { replaced }: Form): Fault[] {
  const coupled = "deviation" in replaced ? Object.keys(replaced) : [];
  return plantFaults(norm, replaced).filter(({ changed }) =>
    !changed.some((step) =>
      coupled.includes(step) || (coupled.length > 0 && step === "predictionDeviation")
    )
  );
}

/** What the diagnosis says of a fault: its name alone or first, its name beside others, another, or none. */
function gradeOf({ fault, diagnosis: { suspects } }: DiagnosedFault): Grade {
  const place = suspects.findIndex((suspect) => suspect.fault === fault.name);
  if (place >= 0) return suspects.length === 1 ? "named" : "named with others";
  return suspects.length === 0 ? "no name" : "another name";
}

const GRADES = ["named", "named with others", "another name", "no name"] as const;

type Grade = typeof GRADES[number];

/** Diagnoses a fault in the smallest of the cases in which it is wrong; undefined if it is in none. */
async function diagnoseFault(
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

/** Every fault of some norms: on the first backend in every form, on others as planted. */
export async function diagnoseAll(
  norms: readonly Norm[],
  backends: readonly BackendName[],
): Promise<DiagnosedFault[]> {
  const diagnosed: DiagnosedFault[] = [];
  for (const norm of norms) {
    const cases = faultCases(norm.name);
    for (const [i, backend] of backends.entries()) {
      const forms = formsOf(norm);
      for (const form of i === 0 ? forms : forms.slice(0, 1)) {
        const name = i === 0 ? form.name : `on ${backend}`;
        for (const fault of faultsInForm(norm, form)) {
          const found = await diagnoseFault(norm, fault, name, cases, backend);
          if (found === undefined) continue;
          diagnosed.push(found);
          const others = found.diagnosis.suspects.map((suspect) => suspect.fault).join("; ");
          console.error(`${norm.name}, ${name}: ${fault.name}: ${gradeOf(found)} (${others})`);
        }
      }
    }
  }
  return diagnosed;
}

/** A row for every form, and then those faults that have another name or none. */
export function diagnosisMarkdown(diagnosed: readonly DiagnosedFault[]): string {
  const share = (all: readonly DiagnosedFault[]) => {
    const right = all.filter((each) => gradeOf(each).startsWith("named")).length;
    return `${(100 * right / all.length).toFixed(0)} %`;
  };
  const rows = [...Map.groupBy(diagnosed, ({ form }) => form)].map(([form, all]) => [
    form,
    String(all.length),
    ...GRADES.map((grade) => String(all.filter((each) => gradeOf(each) === grade).length)),
    share(all),
  ]);
  const cells = table(["form", "faults#", ...GRADES.map((grade) => `${grade}#`), "right#"], rows);
  const missed = diagnosed.filter((each) => !gradeOf(each).startsWith("named"))
    .map(({ fault, form, caseId, quantity, diagnosis }) =>
      `- ${fault.norm}, ${form}: ${fault.name}, in ${caseId} (${quantity}): ${headline(diagnosis)}`
    );
  return [markdownTable(cells), ...missed].join("\n\n");
}
