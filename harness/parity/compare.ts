/**
 * From answers to a record: how far they are from the oracle, and who is wrong.
 *
 * @module
 */
import type { ParityCase } from "../../fixtures/parity_case.ts";
import type { Operation } from "../../norms/basics/norm.ts";
import { indexAt } from "../../norms/basics/shape.ts";
import { Bounded } from "../../norms/oracle/bounded.ts";
import { type Failure, SCHEMA } from "../run/record.ts";
import type { Answers } from "./evaluate.ts";
import type { Expectation } from "./expect.ts";
import {
  answered,
  type CaseRecord,
  type ErrorSummary,
  type ParityRecord,
  type QuantityRecord,
  type Verdict,
  worstVerdict,
} from "./record.ts";

export type NamedAnswers = readonly [name: string, answers: Answers];

interface AnsweredCase {
  readonly norm: Operation;
  readonly parityCase: ParityCase;
  readonly seed: number;
  readonly backend: string;
  readonly expected: Expectation;
  readonly custom: NamedAnswers;
  readonly reference: NamedAnswers;
}

/** Compares the answers with the oracle and with each other; quantities that the custom norm lacks are left out. */
export function compareAnswers(answers: AnsweredCase): ParityRecord {
  const { expected } = answers;
  const [implementation, custom] = answers.custom;
  const [reference, referenced] = answers.reference;
  const quantities = Object.entries(expected.quantities)
    .filter(([name]) => custom[name] !== undefined)
    .map(([name, bounded]): QuantityRecord => {
      const own = errorOf(custom[name], bounded);
      const other = errorOf(referenced[name], bounded);
      return {
        name,
        shape: [...bounded.shape],
        custom: own,
        reference: other,
        difference: difference(custom[name], referenced[name], bounded),
        verdict: judge(own, other),
      };
    });
  return {
    kind: "parity",
    schema: SCHEMA,
    norm: answers.norm.name,
    implementation,
    backend: answers.backend,
    reference,
    case: describeCase(answers.parityCase, answers.seed),
    reductionLength: expected.reductionLength,
    kappa: expected.kappa,
    quantities,
    ratio: Math.max(
      ...quantities.map(({ custom }) => answered(custom) ? custom.ratio : Infinity),
    ),
    verdict: worstVerdict(quantities.map(({ verdict }) => verdict)),
  };
}

function errorOf(
  answer: Float32Array | Failure | undefined,
  expected: Bounded,
): ErrorSummary | Failure {
  if (answer === undefined) return { error: "it has no such output" };
  return answer instanceof Float32Array ? measureError(answer, expected) : answer;
}

/** Custom norm and reference compared; both may use up their budget. */
function difference(
  custom: Float32Array | Failure | undefined,
  reference: Float32Array | Failure | undefined,
  { shape, careful }: Bounded,
): ErrorSummary | null {
  if (!(custom instanceof Float32Array) || !(reference instanceof Float32Array)) return null;
  const expected = new Bounded(
    shape,
    Float64Array.from(reference),
    careful.map((bound) => 2 * bound),
  );
  return measureError(custom, expected);
}

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

function withinBudget(answer: ErrorSummary | Failure): boolean {
  return answered(answer) && answer.ratio <= 1;
}

export function judge(custom: ErrorSummary | Failure, reference: ErrorSummary | Failure): Verdict {
  if (withinBudget(custom)) {
    if (!answered(reference)) return "reference cannot";
    return withinBudget(reference) ? "agree" : "reference wrong";
  }
  const referenceIsOff = answered(reference) && !withinBudget(reference);
  const neitherCan = !answered(custom) && !answered(reference);
  return referenceIsOff || neitherCan ? "both off" : "custom wrong";
}

/**
 * How far `got` is from the values of `expected`, also in units of its bounds.
 *
 * Relative error and ULP are taken over the elements where the expected value is not 0.
 *
 * @throws {RangeError} if the lengths differ.
 */
export function measureError(got: ArrayLike<number>, expected: Bounded): ErrorSummary {
  const { values, careful, shape } = expected;
  if (got.length !== values.length) {
    throw new RangeError(`${got.length} values were given where ${values.length} are expected`);
  }
  const absolute = new Summary();
  const relative = new Summary();
  const ulp = new Summary();
  let ratio = 0;
  let worst = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const error = distance(got[i]!, value);
    absolute.add(error);
    if (value !== 0) {
      relative.add(error / Math.abs(value));
      ulp.add(error / unitInLastPlace(value));
    }
    const measured = relativeToBudget(error, careful[i]!);
    if (measured > ratio) {
      ratio = measured;
      worst = i;
    }
  }
  return {
    maxAbsolute: absolute.max,
    meanAbsolute: absolute.mean,
    maxRelative: relative.max,
    meanRelative: relative.mean,
    maxUlp: ulp.max,
    meanUlp: ulp.mean,
    ratio,
    worst: {
      index: indexAt(worst, shape),
      got: got[worst]!,
      expected: values[worst]!,
      budget: careful[worst]!,
    },
  };
}

/** Distance from |x| to the next float32. */
function unitInLastPlace(x: number): number {
  const magnitude = Math.abs(Math.fround(x));
  if (magnitude < 2 ** -126) return 2 ** -149;
  return 2 ** (Math.floor(Math.log2(magnitude)) - 23);
}

/** |got - expected|, infinite where one of them is NaN: a NaN never passes. */
function distance(got: number, expected: number): number {
  if (got === expected) return 0;
  const difference = Math.abs(got - expected);
  return Number.isNaN(difference) ? Infinity : difference;
}

/** error / budget; 0 is within any budget, infinity within none. */
function relativeToBudget(error: number, budget: number): number {
  if (error === 0) return 0;
  return error === Infinity ? Infinity : error / budget;
}

class Summary {
  max = 0;
  #sum = 0;
  #count = 0;

  add(value: number): void {
    if (value > this.max) this.max = value;
    this.#sum += value;
    this.#count++;
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }
}
