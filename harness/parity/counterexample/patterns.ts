/**
 * Small numbers to fill a case with: patterns in which mistakes show, and which do not depend on a seed.
 *
 * @module
 */
import type { InputSpec } from "../../../norms/basics/norm.ts";
import { size } from "../../../norms/basics/shape.ts";
import type { Options } from "../../../fixtures/generated/option_choices.ts";
import type { Shape } from "../../../norms/basics/shape.ts";
import { type Arrays, stepName, UPSTREAM } from "./given_case.ts";

type Fill = (length: number) => Float32Array;

const fillWith = (value: (i: number, length: number) => number): Fill => (length) =>
  Float32Array.from({ length }, (_, i) => value(i, length));

/** Small whole numbers without an order, none of them 0 or 1. */
const generic = fillWith((i) => [2, -1, 3, 5, -3, -2, 4, 7][(i * 3 + (i >> 3)) % 8]!);
const counting = fillWith((i) => i + 2);
const hot = (value: number): Fill => fillWith((i, length) => i === length - 1 ? value : 0);
const constant = (value: number): Fill => fillWith(() => value);
const atOffset: Fill = fillWith((i, length) => 2048 + (i === length - 1 ? 1 : 0));

const scaled = (factor: number): Fill => (length) => generic(length).map((each) => each * factor);

interface Pattern {
  readonly data: Fill;
  /** The kernel that a norm of weights takes; default as other weights. */
  readonly weights?: Fill;
  /** Weights and states; else as a layer fills them at first. */
  readonly areWeightsGeneric: boolean;
  readonly upstream: Fill;
}

const PATTERNS: readonly Pattern[] = [
  { data: hot(1), areWeightsGeneric: true, upstream: generic },
  { data: generic, areWeightsGeneric: true, upstream: generic },
  { data: generic, areWeightsGeneric: false, upstream: hot(1) },
  { data: atOffset, areWeightsGeneric: true, upstream: generic },
  { data: constant(1), areWeightsGeneric: true, upstream: generic },
  // As small as an epsilon, or its root.
  { data: scaled(2 ** -6), areWeightsGeneric: true, weights: scaled(2 ** -6), upstream: generic },
  { data: scaled(2 ** -10), areWeightsGeneric: true, upstream: generic },
];

/** Names of patterns by their number. */
export const PATTERN_COUNT = PATTERNS.length;

/** The value with which a layer starts, and the simplest there is. */
export function initialValue({ initializer, positive = false }: InputSpec): number {
  return initializer === "zeros" && !positive ? 0 : 1;
}

function fillerOf(spec: InputSpec, { areWeightsGeneric, weights = generic }: Pattern): Fill {
  // A kernel of one value everywhere would have no direction.
  if (spec.initializer === "randomNormal") return weights;
  if (!areWeightsGeneric) return constant(initialValue(spec));
  return spec.positive || spec.initializer === "ones" ? counting : generic;
}

/** The arrays of a case, filled with one of the patterns. */
export function patternArrays(
  number: number,
  specs: readonly InputSpec[],
  { shape, steps }: { readonly shape: Shape; readonly steps: number; readonly options?: Options },
  outputShape: Shape,
): Arrays {
  const pattern = PATTERNS[number]!;
  const batches = Array.from(
    { length: steps },
    (_, step) => [stepName(step), pattern.data(size(shape))] as const,
  );
  const others = specs.filter(({ role }) => role !== "data")
    .map((spec) => [spec.name, fillerOf(spec, pattern)(size(spec.shape))] as const);
  return {
    ...Object.fromEntries(batches),
    ...Object.fromEntries(others),
    [UPSTREAM]: pattern.upstream(size(outputShape)),
  };
}
