/**
 * Diagnosing a wrong answer: which mistake makes it, which elements are off, and by what.
 *
 * @module
 */
import { type CaseInputs, drawInputs, type ParityCase } from "../../../fixtures/parity_case.ts";
import type { Operation } from "../../../norms/basics/norm.ts";
import {
  broadcastIndex,
  dropAxes,
  indexAt,
  reductionLength,
  type Shape,
  size,
} from "../../../norms/basics/shape.ts";
import type { Subject } from "../../../norms/basics/subject.ts";
import type { Bounded } from "../../../norms/oracle/bounded.ts";
import { type BackendName, backendNamed } from "../../backend/registry.ts";
import { evaluate } from "../evaluate.ts";
import { expectation } from "../expect.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { describeElements } from "./elements.ts";
import { findRelation } from "./relation.ts";
import { findSuspects } from "./suspects.ts";

/** A wrong answer to a case. */
export interface WrongExample {
  readonly norm: Operation;
  /** The case, the smaller the better. */
  readonly parityCase: ParityCase;
  /** The case from which it was made smaller: there, too, the mistake is looked at. */
  readonly found?: ParityCase;
  readonly backend: BackendName;
  /** The quantity that is wrong: `y`, `dx` … */
  readonly quantity: string;
  readonly got: Float32Array;
  readonly expected: Bounded;
  /** What answered. */
  readonly subject: Subject;
  /** The quantities that count; left out, all. */
  readonly quantities?: readonly string[];
  /** Of the inputs that the case does not give; default 0. */
  readonly seed?: number;
}

/**
 * What is known of the mistake behind a wrong answer.
 *
 * The answer is compared with those of the planted faults of the norm, on this case and on others, in all
 * quantities. It runs on the backend of the example, which is to be the active one.
 */
export async function diagnose(example: WrongExample): Promise<Diagnosis> {
  const { norm, parityCase, seed = 0 } = example;
  const inputs = drawInputs(norm, parityCase, seed);
  const { arithmetic } = backendNamed(example.backend);
  const expected = expectation(norm, parityCase, inputs, seed, arithmetic);
  const answers = await evaluate(example.subject, parityCase, expected);
  const { suspects, confirmed, planted } = await findSuspects(example, {
    parityCase,
    expected,
    answers,
  });
  const isOff = offOf(example.got, example.expected);
  const context = contextOf(norm, parityCase, inputs, example.expected.shape);
  const relation = findRelation({
    got: example.got,
    expected: example.expected.values,
    budget: example.expected.anyOrder,
    isOff,
    ...context,
  });
  const ignored = ignoredOption(example);
  return {
    suspects,
    planted,
    ...(ignored !== undefined && { ignored }),
    confirmed,
    elements: describeElements({ shape: example.expected.shape, isOff, ...context }),
    ...(relation && { relation }),
  };
}

/** The option without which the answer would be right, if there is one. */
function ignoredOption(
  { norm, parityCase, quantity, got, expected, backend, seed = 0 }: WrongExample,
): string | undefined {
  const { shape, options } = parityCase;
  const { arithmetic } = backendNamed(backend);
  const inputsOf = (of: ParityCase["options"]) =>
    JSON.stringify(norm.inputs(shape, of).map(({ name, shape }) => [name, shape]));
  return Object.keys(options).find((name) => {
    const { [name]: _, ...others } = options as Record<string, unknown>;
    const without: ParityCase = { ...parityCase, options: others };
    try {
      if (inputsOf(others) !== inputsOf(options)) return false;
      const inputs = drawInputs(norm, without, seed);
      const { outputs, upstreams } = expectation(norm, without, inputs, seed, arithmetic);
      const of = (outputs[quantity] ?? upstreams[0]?.gradients[quantity])?.bounded;
      return of !== undefined && of.shape.join() === expected.shape.join() &&
        of.values.every((value, i) =>
          Object.is(got[i], value) || Math.abs(got[i]! - value) <= of.anyOrder[i]!
        );
    } catch {
      // The norm needs the option.
      return false;
    }
  });
}

/** Which elements are further off than careful float32 makes them. */
function offOf(got: Float32Array, { values, careful }: Bounded): boolean[] {
  return Array.from(values, (value, i) => {
    const alike = Object.is(got[i], value) || got[i] === value ||
      (Number.isNaN(got[i]) && Number.isNaN(value));
    return !alike && !(Math.abs(got[i]! - value) <= careful[i]!);
  });
}

/** What a mistake may have multiplied with or added, as it broadcasts onto an answer of this shape. */
function contextOf(
  norm: Operation,
  { shape, options }: ParityCase,
  { specs, values }: CaseInputs,
  of: Shape,
) {
  const data = values[norm.normalized]!;
  const spec = specs.find(({ name }) => name === norm.normalized)!;
  const view = norm.groups(shape, options);
  const n = reductionLength(view.shape, view.axes);
  const isData = of.join() === spec.shape.join();
  const arrays: Record<string, ArrayLike<number>> = {};
  for (const { name, role, shape: own, axes } of specs) {
    if (role !== "weight") continue;
    if (own.join() === of.join()) arrays[name] = values[name]!;
    else if (isData && axes) arrays[name] = alongAxes(values[name]!, own, axes, of);
  }
  const groups = isData ? broadcastIndex(dropAxes(view.shape, view.axes), view.shape) : undefined;
  if (groups) Object.assign(arrays, statisticsOf(data, groups, epsilonOf(norm, options)));
  const share = size(spec.shape) / size(of);
  return {
    counts: { n, ...(share !== n && Number.isInteger(share) && { m: share }) },
    arrays,
    ...(groups && { groups, x: data }),
  };
}

function alongAxes(
  values: ArrayLike<number>,
  own: Shape,
  axes: readonly number[],
  onto: Shape,
): Float64Array {
  return Float64Array.from({ length: size(onto) }, (_, i) => {
    const index = indexAt(i, onto);
    return values[axes.reduce((at, axis, k) => at * own[k]! + index[axis]!, 0)]!;
  });
}

function epsilonOf(norm: Operation, options: ParityCase["options"]): number {
  const { defaults = {} } = norm as { readonly defaults?: object };
  const { epsilon = 0 } = { ...defaults, ...options } as { readonly epsilon?: number };
  return epsilon;
}

/** Mean and deviation of the group of every element. */
function statisticsOf(data: ArrayLike<number>, groups: ArrayLike<number>, epsilon: number) {
  const count: number[] = [], sums: number[] = [], squares: number[] = [];
  for (let i = 0; i < data.length; i++) {
    const g = groups[i]!;
    count[g] = (count[g] ?? 0) + 1;
    sums[g] = (sums[g] ?? 0) + data[i]!;
  }
  const means = sums.map((sum, g) => sum / count[g]!);
  for (let i = 0; i < data.length; i++) {
    const g = groups[i]!;
    squares[g] = (squares[g] ?? 0) + (data[i]! - means[g]!) ** 2;
  }
  const deviations = squares.map((sum, g) => Math.sqrt(sum / count[g]! + epsilon));
  const spread = (of: readonly number[]) =>
    Float64Array.from({ length: data.length }, (_, i) => of[groups[i]!]!);
  return { mean: spread(means), deviation: spread(deviations) };
}
