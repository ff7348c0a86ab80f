/**
 * From answers to records.
 *
 * @module
 */
import type { Operation } from "../../norms/basics/norm.ts";
import { Bounded } from "../../norms/oracle/bounded.ts";
import { SCHEMA } from "../run/record.ts";
import type { Failure } from "../run/record.ts";
import {
  type CaseRecord,
  type Figures,
  hasFigures,
  type ParityRecord,
  type QuantityRecord,
} from "./record.ts";
import type { ParityCase } from "../../fixtures/parity_case.ts";
import type { Answers } from "./evaluate.ts";
import type { Expectation } from "./expect.ts";
import { compare } from "./figures.ts";
import { gravest, judge } from "./verdict.ts";

/** What was compared with what. */
export interface Comparison {
  readonly norm: Operation;
  readonly parityCase: ParityCase;
  readonly seed: number;
  readonly backend: string;
  readonly expected: Expectation;
  readonly implementation: string;
  readonly custom: Answers;
  readonly reference: string;
  readonly answers: Answers;
}

function against(answer: Float32Array | Failure | undefined, expected: Bounded): Figures | Failure {
  if (answer === undefined) return { error: "it has no such output" };
  return answer instanceof Float32Array ? compare(answer, expected) : answer;
}

/** Custom against reference, both of which may use up their budget. */
function difference(
  custom: Float32Array | Failure | undefined,
  reference: Float32Array | Failure | undefined,
  { shape, bounds }: Bounded,
): Figures | null {
  if (!(custom instanceof Float32Array) || !(reference instanceof Float32Array)) return null;
  const expected = new Bounded(shape, Float64Array.from(reference), bounds.map((b) => 2 * b));
  return compare(custom, expected);
}

/** The case as records hold it. */
function describeCase(parityCase: ParityCase, seed: number): CaseRecord {
  const { id, about, shape, options, input, offset, steps = 1 } = parityCase;
  return {
    id,
    about,
    shape: [...shape],
    options: { ...options },
    input: input.name,
    ...(offset === undefined ? {} : { offset }),
    steps,
    seed,
  };
}

/** The record of one comparison. */
export function judgeCase(comparison: Comparison): ParityRecord {
  const { norm, parityCase, seed, expected, custom, answers } = comparison;
  const quantities = Object.entries(expected.quantities)
    .filter(([name]) => custom[name] !== undefined)
    .map(([name, bounded]): QuantityRecord => {
      const own = against(custom[name], bounded);
      const other = against(answers[name], bounded);
      return {
        name,
        shape: [...bounded.shape],
        custom: own,
        reference: other,
        difference: difference(custom[name], answers[name], bounded),
        verdict: judge(own, other),
      };
    });
  return {
    kind: "parity",
    schema: SCHEMA,
    norm: norm.name,
    implementation: comparison.implementation,
    backend: comparison.backend,
    reference: comparison.reference,
    case: describeCase(parityCase, seed),
    reductionLength: expected.reductionLength,
    kappa: expected.kappa,
    quantities,
    ratio: Math.max(
      ...quantities.map((q) => hasFigures(q.custom) ? q.custom.ratio : Infinity),
    ),
    verdict: gravest(quantities.map((q) => q.verdict)),
  };
}
