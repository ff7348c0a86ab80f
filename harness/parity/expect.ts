/**
 * What the oracle expects of a case.
 *
 * @module
 */
import type { BoundedArrays, Operation } from "../../norms/basics/norm.ts";
import { unitInLastPlace } from "../../norms/oracle/arithmetic.ts";
import { type StorageType, storedAs } from "../../norms/oracle/storage.ts";
import {
  type Arithmetic,
  Bounded,
  IEEE,
  mean,
  multiply,
  reshape,
  store,
  subtract,
} from "../../norms/oracle/bounded.ts";
import { reductionLength, type Shape } from "../../norms/basics/shape.ts";
import { type CaseInputs, drawUpstreams, type ParityCase } from "../../fixtures/parity_case.ts";

/** A quantity that is expected, and how sharply an answer can be judged. */
export interface Expected {
  readonly bounded: Bounded;
  /** Whether the careful budget is as large as the value for most elements: a zero would pass. */
  readonly isBlind: boolean;
  /**
   * Median of the careful budget in units in the last place of the value, over the elements that are not
   * 0; infinite where all are.
   */
  readonly budgetUlp: number;
}

/** Quantities by name. */
export type ExpectedArrays = Readonly<Record<string, Expected>>;

/** The gradients that follow from one upstream gradient. */
export interface ExpectedGradients {
  /** The upstream gradient's name: `normal(0, 1)`, `ones` … */
  readonly name: string;
  /** The gradient that reaches `y`. */
  readonly dy: Float32Array;
  /** By quantity: `dx`, `dgamma` … */
  readonly gradients: ExpectedArrays;
}

/** A case's inputs, and the value and error budget of every quantity that follows from them. */
export interface Expectation {
  readonly inputs: CaseInputs;
  readonly outputShape: Shape;
  /** By quantity: `y`, `movingMean`, `yPredict` … */
  readonly outputs: ExpectedArrays;
  readonly upstreams: readonly ExpectedGradients[];
  /** Elements that each statistic is taken over. */
  readonly reductionLength: number;
  /** Largest condition number sqrt(1 + mean^2 / variance) over the groups. */
  readonly kappa: number;
}

/** The quantity that holds the prediction made with the running statistics of the last step. */
export const PREDICTION = "yPredict";

/** Evaluates the oracle on a case, with budgets for hardware of this arithmetic, for some upstream gradients. */
export function expectation(
  norm: Operation,
  parityCase: ParityCase,
  inputs: CaseInputs,
  seed: number,
  arithmetic: Arithmetic = IEEE,
  mostUpstreams = Infinity,
): Expectation {
  const { options, shape, storage } = parityCase;
  const exact: BoundedArrays = Object.fromEntries(
    inputs.specs.map((
      { name, shape },
    ) => [name, Bounded.exact(inputs.values[name]!, shape, arithmetic)]),
  );
  const { y, ...first } = norm.oracle.forward(exact, options);
  const drawn = drawUpstreams(norm, parityCase, y!.shape, seed).slice(0, mostUpstreams);
  const upstreams = drawn.map(({ name, values: dy }) => {
    const upstream = Bounded.exact(dy, y!.shape, arithmetic);
    const gradients = norm.oracle.backward(exact, options, upstream);
    const named = Object.entries(gradients).map(([of, each]) => [gradientName(of), each] as const);
    return { name, dy, gradients: sharpened(Object.fromEntries(named), storage) };
  });
  const states = followStates(norm, parityCase, inputs, { ...exact, ...first });
  return {
    inputs,
    outputShape: y!.shape,
    outputs: sharpened({ y: y!, ...states }, storage),
    upstreams,
    ...conditioning(norm, parityCase, exact[norm.normalized]!, shape),
  };
}

/**
 * The expectation of some quantities only; `undefined` leaves all.
 *
 * @throws {RangeError} if there is no such quantity.
 */
export function pickQuantities(
  expected: Expectation,
  names: readonly string[] | undefined,
): Expectation {
  if (names === undefined) return expected;
  const { outputs, upstreams } = expected;
  const known = [...Object.keys(outputs), ...Object.keys(upstreams[0]?.gradients ?? {})];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`there is no quantity "${unknown}": choose of ${known.join(", ")}`);
  }
  const pick = (arrays: ExpectedArrays): ExpectedArrays =>
    Object.fromEntries(Object.entries(arrays).filter(([name]) => names.includes(name)));
  const picked = upstreams.map((each) => ({ ...each, gradients: pick(each.gradients) }));
  return { ...expected, outputs: pick(outputs), upstreams: picked };
}

function sharpened(arrays: BoundedArrays, storage: StorageType | undefined): ExpectedArrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, bounded]) => [
      name,
      expect(storage === undefined ? bounded : storedAs(bounded, storage)),
    ]),
  );
}

/** How sharply an answer can be judged by these bounds. */
export function expect(bounded: Bounded): Expected {
  const { values, careful } = bounded;
  const inUlp = careful.map((bound, i) => bound / unitInLastPlace(values[i]!))
    .filter((_, i) => values[i] !== 0).sort();
  let blind = 0;
  values.forEach((value, i) => {
    if (careful[i]! > 0 && !(careful[i]! < Math.abs(value))) blind++;
  });
  return {
    bounded,
    isBlind: 2 * blind > values.length,
    budgetUlp: inUlp[inUlp.length >> 1] ?? Infinity,
  };
}

/** `dgamma` for `gamma`. */
export function gradientName(input: string): string {
  return `d${input}`;
}

/** States after the remaining steps, and a prediction with them. */
function followStates(
  norm: Operation,
  { options, shape, storage }: ParityCase,
  { specs, batches }: CaseInputs,
  afterFirst: BoundedArrays,
): BoundedArrays {
  const names = specs.filter(({ role }) => role === "state").map(({ name }) => name);
  if (names.length === 0) return {};
  const keep = (state: Bounded) => storage === undefined ? store(state) : storedAs(state, storage);
  const pickStates = (arrays: BoundedArrays): BoundedArrays =>
    Object.fromEntries(names.map((name) => [name, keep(arrays[name]!)]));
  const states = batches.slice(1).reduce((states, batch) => {
    const x = Bounded.exact(batch, shape, afterFirst["x"]!.arithmetic);
    return pickStates(norm.oracle.forward({ ...afterFirst, ...states, x }, options));
  }, pickStates(afterFirst));
  const predicting = { ...options, training: false };
  const prediction = norm.oracle.forward({ ...afterFirst, ...states }, predicting);
  return { ...states, [PREDICTION]: prediction["y"]! };
}

/** Reduction length, and the worst ratio of a group's root mean square to its spread. */
function conditioning(
  norm: Operation,
  { options }: ParityCase,
  normalized: Bounded,
  dataShape: Shape,
) {
  const { shape, axes } = norm.groups(dataShape, options);
  const view = reshape(normalized, shape);
  const mu = mean(view, axes);
  const centred = subtract(view, mu);
  const variance = mean(multiply(centred, centred), axes);
  return {
    reductionLength: reductionLength(shape, axes),
    // A group of zeros has neither offset nor spread, and is well conditioned.
    kappa: mu.values.reduce(
      (worst, m, group) =>
        m === 0 ? worst : Math.max(worst, Math.hypot(1, m / Math.sqrt(variance.values[group]!))),
      1,
    ),
  };
}
