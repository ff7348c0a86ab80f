/**
 * Cases whose arrays are all given, which is what shrinking changes and a counterexample holds.
 *
 * @module
 */
import type { Options } from "../../../fixtures/generated/option_choices.ts";
import { drawInputs, type ParityCase } from "../../../fixtures/parity_case.ts";
import type { Distribution } from "../../../fixtures/distribution.ts";
import type { Operation } from "../../../norms/basics/norm.ts";
import { type Shape, size } from "../../../norms/basics/shape.ts";
import type { StorageType } from "../../../norms/oracle/storage.ts";
import type { Counterexample } from "./record.ts";

/** Arrays by name: `x0`, `x1` … for the data of each step, weights and states by theirs, and `dy`. */
export type Arrays = Readonly<Record<string, Float32Array>>;

/** A case of which nothing is drawn. */
export interface GivenCase {
  readonly shape: Shape;
  readonly options: Options;
  readonly steps: number;
  readonly storage?: StorageType;
  readonly arrays: Arrays;
}

/** The upstream gradient among the arrays. */
export const UPSTREAM = "dy";

/** What a given case has in place of a distribution; its NaN and infinities are meant. */
const GIVEN: Distribution = {
  name: "given",
  isNotFinite: true,
  sample: (shape) => new Float32Array(size(shape)),
};

/** The name of the data of a step among the arrays. */
export function stepName(step: number): string {
  return `x${step}`;
}

/** The shapes of a case's arrays; that of `dy` is the shape of `y`, which only the oracle knows. */
export function arrayShapes(
  norm: Operation,
  { shape, options, steps }: Omit<GivenCase, "arrays">,
): Record<string, Shape> {
  const specs = norm.inputs(shape, options);
  return {
    ...Object.fromEntries(Array.from({ length: steps }, (_, step) => [stepName(step), shape])),
    ...Object.fromEntries(
      specs.filter(({ role }) => role !== "data").map(({ name, shape }) => [name, shape]),
    ),
  };
}

/** A case as parity runs it. */
export function parityCaseOf(
  { shape, options, steps, storage, arrays }: GivenCase,
  id: string,
): ParityCase {
  return {
    id,
    about: "a counterexample",
    shape,
    options,
    input: GIVEN,
    steps,
    ...(storage && { storage }),
    given: arrays,
  };
}

/** A case with every array as it was drawn, and one upstream gradient. */
export function materialized(
  norm: Operation,
  parityCase: ParityCase,
  seed: number,
  dy: Float32Array,
): GivenCase {
  const { shape, options, steps = 1, storage } = parityCase;
  const { specs, values, batches } = drawInputs(norm, parityCase, seed);
  const others = specs.filter(({ role }) => role !== "data")
    .map(({ name }) => [name, values[name]!] as const);
  return {
    shape,
    options: { ...options },
    steps,
    ...(storage && { storage }),
    arrays: {
      ...Object.fromEntries(batches.map((batch, step) => [stepName(step), batch])),
      ...Object.fromEntries(others),
      [UPSTREAM]: dy,
    },
  };
}

/** The case that a counterexample describes. */
export function caseOfCounterexample(
  { shape, options, steps, storage, inputs, generated }: Counterexample,
  id: string,
): ParityCase {
  const arrays = Object.entries(inputs).map(([name, { values }]) =>
    [name, Float32Array.from(values)] as const
  );
  const given = {
    shape,
    options,
    steps,
    ...(storage && { storage }),
    arrays: Object.fromEntries(arrays),
  };
  return { ...parityCaseOf(given, id), ...(generated && { generated }) };
}

/** The weights and states among the inputs of a counterexample. */
export function parametersOf({ inputs, steps }: Counterexample): Counterexample["inputs"] {
  const others = new Set([UPSTREAM, ...Array.from({ length: steps }, (_, step) => stepName(step))]);
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !others.has(name)));
}

/** The data of each step of a counterexample. */
export function batchesOf(
  { inputs, steps }: Counterexample,
): Counterexample["inputs"][string][] {
  return Array.from({ length: steps }, (_, step) => inputs[stepName(step)]!);
}

/** The input of which the quantity that is off is the gradient, if it is one. */
export function gradientInput({ quantity, inputs }: Counterexample): string | undefined {
  const input = quantity.slice(1);
  const isGradient = quantity.startsWith("d") && UPSTREAM in inputs &&
    (input === "x" || Object.hasOwn(inputs, input));
  return isGradient ? input : undefined;
}
