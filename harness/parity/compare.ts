/**
 * From answers to a record: how far each is from the oracle, and what that makes of it.
 *
 * @module
 */
import type { ParityCase } from "../../fixtures/parity_case.ts";
import type { Operation } from "../../norms/basics/norm.ts";
import { indexAt } from "../../norms/basics/shape.ts";
import { unitInLastPlace } from "../../norms/oracle/arithmetic.ts";
import type { Bounded } from "../../norms/oracle/bounded.ts";
import { type Failure, SCHEMA } from "../run/record.ts";
import type { Answer, Answers } from "./evaluate.ts";
import { type Expectation, type Expected, PREDICTION } from "./expect.ts";
import {
  answered,
  type CaseRecord,
  type ErrorSummary,
  type ParityRecord,
  type QuantityRecord,
  type Verdict,
  VERDICTS,
  worstVerdict,
} from "./record.ts";

export type NamedAnswers = readonly [contender: string, answers: Answers];

interface AnsweredCase {
  readonly norm: Operation;
  readonly parityCase: ParityCase;
  readonly seed: number;
  readonly backend: string;
  readonly expected: Expectation;
}

/** A record for every custom norm, and after them one for every reference. */
export function compareAnswers(
  answeredCase: AnsweredCase,
  customs: readonly NamedAnswers[],
  references: readonly NamedAnswers[],
): ParityRecord[] {
  return [
    ...customs.map((custom) => recordOf(answeredCase, "custom", custom, references)),
    ...references.map((reference) => recordOf(answeredCase, "reference", reference, [])),
  ];
}

function recordOf(
  { norm, parityCase, seed, backend, expected }: AnsweredCase,
  role: ParityRecord["role"],
  [contender, answers]: NamedAnswers,
  references: readonly NamedAnswers[],
): ParityRecord {
  const outputs = Object.entries(expected.outputs).map(([name, of]) =>
    quantityOf(name, [{ of, take: ({ outputs }) => outputs[name] }], answers, references)
  );
  const [first] = expected.upstreams;
  const gradients = Object.keys(first?.gradients ?? {}).map((name) => {
    const parts = expected.upstreams.map((upstream, index) => ({
      of: upstream.gradients[name]!,
      take: ({ gradients }: Answers) => gradients[index]?.[name],
      upstream: upstream.name,
    }));
    return quantityOf(name, parts, answers, references);
  });
  const quantities = [...outputs, ...gradients].flatMap((quantity) => {
    if (quantity.verdict !== "not returned") return [quantity];
    // A reference need not return everything.
    if (role === "reference") return [];
    return [{ ...quantity, answer: { error: notReturned(norm, answers, expected) } }];
  });
  return {
    kind: "parity",
    schema: SCHEMA,
    norm: norm.name,
    contender,
    role,
    backend,
    case: describeCase(parityCase, seed),
    reductionLength: expected.reductionLength,
    kappa: expected.kappa,
    quantities,
    ratio: Math.max(0, ...quantities.map(ratioOf)),
    verdict: worstVerdict(quantities.map(({ verdict }) => verdict)),
  };
}

const NOT_RETURNED = "not returned, so not checked";

/** What is not returned may have been returned under another name. */
function notReturned(norm: Operation, { outputs }: Answers, expected: Expectation): string {
  const others = Object.keys(outputs).filter((name) => !(name in expected.outputs));
  return others.length === 0
    ? NOT_RETURNED
    : `${NOT_RETURNED}; it returned ${
      others.join(", ")
    }, which is not asked for: the outputs of ${norm.name} norm are named ${
      Object.keys(expected.outputs).filter((name) => name !== PREDICTION).join(", ")
    }`;
}

/** Error over budget; infinite where there should have been an answer. */
function ratioOf({ answer, verdict }: QuantityRecord): number {
  if (verdict === "not returned") return 0;
  return answered(answer) ? answer.ratio : Infinity;
}

/** What is expected of an output, or of a gradient with one upstream gradient; and where its answer is. */
interface Part {
  readonly of: Expected;
  readonly upstream?: string;
  take(answers: Answers): Answer | undefined;
}

/** The part that is furthest off decides; one that cannot be judged counts only if none can be. */
function quantityOf(
  name: string,
  parts: readonly Part[],
  answers: Answers,
  references: readonly NamedAnswers[],
): QuantityRecord {
  const judged = parts.map(({ of, take, upstream }) => ({ upstream, ...judge(take(answers), of) }));
  const severity = ({ verdict }: Judgement) => VERDICTS.indexOf(verdict);
  const size = ({ answer }: Judgement) => answered(answer) ? answer.ratio : Infinity;
  const known = judged.filter(({ verdict }) => verdict !== "not judged");
  const worst = (known.length > 0 ? known : judged).reduce((worst, each) =>
    severity(each) < severity(worst) ||
      (severity(each) === severity(worst) && size(each) > size(worst))
      ? each
      : worst
  );
  const { upstream, answer, verdict } = worst;
  const differences = references.flatMap(([reference, theirs]) => {
    const largest = largestDifference(parts, answers, theirs);
    return largest === null ? [] : [[reference, largest] as const];
  });
  return {
    name,
    shape: [...parts[0]!.of.bounded.shape],
    ...(upstream !== undefined && { upstream }),
    answer,
    verdict,
    ...(differences.length > 0 && { differences: Object.fromEntries(differences) }),
    budgetUlp: Math.min(...parts.map(({ of }) => of.budgetUlp)),
  };
}

/** max |own - theirs| over the parts that both answered; `null` where there is none. */
function largestDifference(
  parts: readonly Part[],
  own: Answers,
  theirs: Answers,
): number | null {
  let largest: number | null = null;
  for (const { take } of parts) {
    const [a, b] = [take(own), take(theirs)];
    if (!(a instanceof Float32Array && b instanceof Float32Array)) continue;
    largest = a.reduce((most, value, i) => Math.max(most, distance(value, b[i]!)), largest ?? 0);
  }
  return largest;
}

function describeCase(parityCase: ParityCase, seed: number): CaseRecord {
  const { id, about, shape, options, input, offset, storage, steps = 1 } = parityCase;
  return {
    id,
    about,
    shape: [...shape],
    options: { ...options },
    input: input.name,
    ...(storage === undefined ? {} : { storage }),
    ...(offset === undefined ? {} : { offset }),
    steps,
    seed,
  };
}

/** An answer's errors, and what they make of it. */
export interface Judgement {
  readonly answer: ErrorSummary | Failure;
  readonly verdict: Verdict;
}

/** Judges an answer; `undefined` is one that was not returned. */
export function judge(
  answer: Answer | undefined,
  { bounded, isBlind }: Pick<Expected, "bounded" | "isBlind">,
): Judgement {
  if (answer === undefined) {
    return { answer: { error: NOT_RETURNED }, verdict: "not returned" };
  }
  if (!(answer instanceof Float32Array)) return { answer, verdict: "cannot run" };
  const judgement = measureError(answer, bounded);
  const { verdict } = judgement;
  return { ...judgement, verdict: verdict === "right" && isBlind ? "not judged" : verdict };
}

/** What one element can be, the mildest first. */
const GRAVITY = ["right", "loses digits", "out of range", "wrong"] as const;

/**
 * How far `got` is from the values of `expected`, also in units of its bounds.
 *
 * Relative error and ULP are taken over the elements where the expected value is not 0. An expected NaN or
 * infinity is matched by one of the same class, where the arithmetic promises these.
 *
 * @throws {RangeError} if the lengths differ.
 */
export function measureError(
  got: ArrayLike<number>,
  expected: Bounded,
): { readonly answer: ErrorSummary; readonly verdict: typeof GRAVITY[number] } {
  const { values, careful, anyOrder, outOfRange, shape, arithmetic } = expected;
  if (got.length !== values.length) {
    throw new RangeError(`${got.length} values were given where ${values.length} are expected`);
  }
  const absolute = new Summary();
  const relative = new Summary();
  const ulp = new Summary();
  let [ratio, anyOrderRatio] = [0, 0];
  let worst = { index: 0, gravity: 0, ratio: 0 };
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value) && !arithmetic.keepsNonFinite) continue;
    const error = distance(got[i]!, value);
    absolute.add(error);
    if (value !== 0) {
      relative.add(error / Math.abs(value));
      ulp.add(error / unitInLastPlace(value));
    }
    const measured = relativeToBudget(error, careful[i]!);
    const measuredAnyOrder = relativeToBudget(error, anyOrder[i]!);
    if (measured > ratio) ratio = measured;
    let gravity = 0;
    if (measured > 1) gravity = outOfRange?.[i] ? 2 : measuredAnyOrder > 1 ? 3 : 1;
    // What left the range is not held against any order.
    if (gravity !== 2 && measuredAnyOrder > anyOrderRatio) anyOrderRatio = measuredAnyOrder;
    if (gravity > worst.gravity || (gravity === worst.gravity && measured > worst.ratio)) {
      worst = { index: i, gravity, ratio: measured };
    }
  }
  const { index } = worst;
  return {
    verdict: GRAVITY[worst.gravity]!,
    answer: {
      maxAbsolute: absolute.max,
      meanAbsolute: absolute.mean,
      maxRelative: relative.max,
      meanRelative: relative.mean,
      maxUlp: ulp.max,
      meanUlp: ulp.mean,
      ratio,
      anyOrderRatio,
      worst: {
        index: indexAt(index, shape),
        got: got[index]!,
        expected: values[index]!,
        budget: careful[index]!,
      },
    },
  };
}

/** |got - expected|: infinite where only one of them is NaN, or an infinity is not the same. */
function distance(got: number, expected: number): number {
  if (Object.is(got, expected) || got === expected) return 0;
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
