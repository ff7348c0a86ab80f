/**
 * What the oracle expects of a case.
 *
 * @module
 */
import type { BoundedArrays, Operation } from "../../norms/basics/norm.ts";
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

/** A case's inputs, and the value and error budget of every quantity that follows from them. */
export interface Expectation {
  readonly inputs: CaseInputs;
  readonly dy: Float32Array;
  readonly outputShape: Shape;
  /** By quantity: `y`, `dx`, `dgamma`, `movingMean`, `yPredict` … */
  readonly quantities: BoundedArrays;
  /** Elements that each statistic is taken over. */
  readonly reductionLength: number;
  /** Largest condition number sqrt(1 + mean^2 / variance) over the groups. */
  readonly kappa: number;
}

/** The quantity that holds the prediction made with the running statistics of the last step. */
export const PREDICTION = "yPredict";

/** Evaluates the oracle on a case, with budgets for hardware of this arithmetic. */
export function expectation(
  norm: Operation,
  parityCase: ParityCase,
  inputs: CaseInputs,
  seed: number,
  arithmetic: Arithmetic = IEEE,
): Expectation {
  const { options, shape } = parityCase;
  const exact: BoundedArrays = Object.fromEntries(
    inputs.specs.map((
      { name, shape },
    ) => [name, Bounded.exact(inputs.values[name]!, shape, arithmetic)]),
  );
  const { y, ...first } = norm.oracle.forward(exact, options);
  const dy = drawUpstreams(norm, parityCase, y!.shape, seed)[0]!.values;
  const gradients = norm.oracle.backward(exact, options, Bounded.exact(dy, y!.shape));
  const states = followStates(norm, parityCase, inputs, { ...exact, ...first });
  return {
    inputs,
    dy,
    outputShape: y!.shape,
    quantities: {
      y: y!,
      ...Object.fromEntries(
        Object.entries(gradients).map(([name, value]) => [gradientName(name), value]),
      ),
      ...states,
    },
    ...conditioning(norm, parityCase, exact[norm.normalized]!, shape),
  };
}

/** `dgamma` for `gamma`. */
export function gradientName(input: string): string {
  return `d${input}`;
}

/** States after the remaining steps, and a prediction with them. */
function followStates(
  norm: Operation,
  { options, shape }: ParityCase,
  { specs, batches }: CaseInputs,
  afterFirst: BoundedArrays,
): BoundedArrays {
  const names = specs.filter(({ role }) => role === "state").map(({ name }) => name);
  if (names.length === 0) return {};
  const pickStates = (arrays: BoundedArrays): BoundedArrays =>
    Object.fromEntries(names.map((name) => [name, store(arrays[name]!)]));
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
