/**
 * Whether a norm fails on a case, and how.
 *
 * @module
 */
import type { Operation } from "../../../norms/basics/norm.ts";
import { type Options, outputShapeOf } from "../../../fixtures/generated/option_choices.ts";
import type { Shape } from "../../../norms/basics/shape.ts";
import type { Bounded } from "../../../norms/oracle/bounded.ts";
import type { Subject } from "../../../norms/basics/subject.ts";
import { drawInputs } from "../../../fixtures/parity_case.ts";
import { type BackendName, backendNamed } from "../../backend/registry.ts";
import { judge } from "../compare.ts";
import type { Answer } from "../evaluate.ts";
import { type Expectation, expectation, type Expected, pickQuantities } from "../expect.ts";
import { answered, fails, type Verdict } from "../record.ts";
import { answersOf } from "../run_case.ts";
import { type GivenCase, parityCaseOf } from "./given_case.ts";

/** What is tried, and where. */
export interface Suspicion {
  readonly norm: Operation;
  readonly subject: Subject;
  readonly backend: BackendName;
  /** The quantities that are judged; left out, all. */
  readonly quantities?: readonly string[];
}

/** How a norm fails on a case. */
export interface Failed {
  readonly quantity: string;
  /** 0 for `y`, 1 for states and a prediction, 2 for gradients: what is wrong in one may follow from another below. */
  readonly stage: number;
  readonly verdict: Verdict;
  /** Failures of one kind are taken for the same mistake. */
  readonly kind: string;
  /** Error over the budget of any order of operations; infinite without an answer. */
  readonly ratio: number;
  readonly got?: Float32Array;
  readonly error?: string;
  readonly expected: Bounded;
}

/** Runs cases and counts what they cost. */
export class Trials {
  /** Work done so far, in elements; every trial has a cost of its own. */
  spent = 0;
  runs = 0;

  readonly #outputShapes = new Map<string, Shape | undefined>();

  constructor(readonly suspicion: Suspicion) {}

  /** The shape of `y`; undefined where the norm or its oracle refuses. */
  outputShape(shape: Shape, options: Options): Shape | undefined {
    const key = JSON.stringify([shape, options]);
    if (!this.#outputShapes.has(key)) {
      this.#outputShapes.set(key, outputShapeOf(this.suspicion.norm, shape, options));
    }
    return this.#outputShapes.get(key);
  }

  /**
   * How the norm fails on a case: every quantity that does, `y` first. Empty where it does not, or where the
   * case makes no sense.
   */
  async run(given: GivenCase): Promise<Failed[]> {
    const { norm, subject, backend, quantities } = this.suspicion;
    this.runs++;
    this.spent += TRIAL_COST + Object.values(given.arrays).reduce((sum, a) => sum + a.length, 0);
    const parityCase = parityCaseOf(given, "counterexample");
    let expected: Expectation;
    try {
      const inputs = drawInputs(norm, parityCase, 0);
      const { arithmetic } = backendNamed(backend);
      expected = expectation(norm, parityCase, inputs, 0, arithmetic, 1);
      const known = [...Object.keys(expected.outputs), ...gradientsOf(expected)];
      expected = pickQuantities(expected, quantities?.filter((name) => known.includes(name)));
    } catch {
      // Options that do not fit, or arrays: there is nothing to learn from it.
      return [];
    }
    const answers = await answersOf(subject, { parityCase }, expected);
    const [upstream] = expected.upstreams;
    return [
      ...failuresOf(expected.outputs, answers.outputs, (name) => name === "y" ? 0 : 1),
      ...failuresOf(upstream?.gradients ?? {}, answers.gradients[0] ?? {}, () => 2),
    ];
  }
}

/** The kind of a wrong number where another number is expected. */
export const WRONG_NUMBER = "wrong true true";

/** Elements that take as long as a trial of none. */
const TRIAL_COST = 500;

function gradientsOf({ upstreams: [first] }: Expectation): string[] {
  return Object.keys(first?.gradients ?? {});
}

function failuresOf(
  expected: Readonly<Record<string, Expected>>,
  answers: Readonly<Record<string, Answer>>,
  stageOf: (quantity: string) => number,
): Failed[] {
  return Object.entries(expected).flatMap(([quantity, of]): Failed[] => {
    const given = answers[quantity];
    const { answer, verdict } = judge(given, of);
    if (!fails(verdict)) return [];
    const common = { quantity, stage: stageOf(quantity), verdict, expected: of.bounded };
    if (!answered(answer)) {
      // Messages that differ in shapes alone are the same mistake.
      const kind = verdict === "cannot run" ? answer.error.replace(/\d+/g, "#") : verdict;
      return [{ ...common, kind, ratio: Infinity, error: answer.error }];
    }
    const { got, expected } = answer.worst;
    const kind = `${verdict} ${Number.isFinite(got)} ${Number.isFinite(expected)}`;
    return [{ ...common, kind, ratio: answer.anyOrderRatio, got: given as Float32Array }];
  });
}
