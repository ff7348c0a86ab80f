/**
 * Operations that are made of a formula: value, gradients and their error bounds follow from it.
 *
 * @module
 */
import type {
  BoundedArrays,
  Groups,
  Implementation,
  InputSpec,
  Operation,
} from "../basics/norm.ts";
import { kindOf } from "../basics/errors.ts";
import type { NormOptions } from "../basics/options.ts";
import type { Shape } from "../basics/shape.ts";
import { functionSubject } from "../basics/subject.ts";
import type { Tensor, Tensors } from "../basics/tensor.ts";
import { Bounded } from "./bounded.ts";
import { Tape, type Term } from "./term.ts";

/** An axis, several, or all of them, where it is left out. */
export type Axes = number | readonly number[];

/**
 * What a formula computes with: the methods of a `tf.Tensor` of the same names, with the same arguments.
 *
 * Operands broadcast against each other, as tensors do; a number stands for a scalar.
 */
export interface Expression {
  /** Lengths of its axes. */
  readonly shape: number[];
  /** Number of its axes. */
  readonly rank: number;
  /** x + b. */
  add(b: Expression | number): Expression;
  /** x - b. */
  sub(b: Expression | number): Expression;
  /** x b. */
  mul(b: Expression | number): Expression;
  /** x / b. */
  div(b: Expression | number): Expression;
  /** The larger of x and b; at ties, any share of the gradient is right. */
  maximum(b: Expression | number): Expression;
  /** The smaller of x and b; at ties, any share of the gradient is right. */
  minimum(b: Expression | number): Expression;
  /** -x. */
  neg(): Expression;
  /** |x|; at 0, any gradient from -dy to dy is right. */
  abs(): Expression;
  /** max(x, 0); at 0, any gradient from 0 to dy is right. */
  relu(): Expression;
  /** x^2. */
  square(): Expression;
  /** sqrt(x). */
  sqrt(): Expression;
  /** 1 / sqrt(x). */
  rsqrt(): Expression;
  /** x^p for a constant p. */
  pow(exponent: number): Expression;
  /** e^x. */
  exp(): Expression;
  /** The natural logarithm. */
  log(): Expression;
  /** The hyperbolic tangent. */
  tanh(): Expression;
  /** The error function. */
  erf(): Expression;
  /** 1 / (1 + e^-x). */
  sigmoid(): Expression;
  /** e^x / sum(e^x) over an axis, default the last; shifted by the maximum, so that nothing overflows. */
  softmax(axis?: number): Expression;
  /** The logarithm of {@linkcode Expression.softmax}. */
  logSoftmax(axis?: number): Expression;
  /** Sum over axes. */
  sum(axis?: Axes, keepDims?: boolean): Expression;
  /** Mean over axes. */
  mean(axis?: Axes, keepDims?: boolean): Expression;
  /** The largest element over axes; at ties, any share of the gradient is right. */
  max(axis?: Axes, keepDims?: boolean): Expression;
  /** Product of matrices in the last two axes; the axes before must be the same. */
  matMul(b: Expression, transposeA?: boolean, transposeB?: boolean): Expression;
  /** The same elements in another shape, of which one length may be -1. */
  reshape(shape: number[]): Expression;
  /** With an axis of length 1 more. */
  expandDims(axis?: number): Expression;
  /** With its axes in another order, by default reversed. */
  transpose(permutation?: number[]): Expression;
  /** Repeated along axes of length 1. */
  broadcastTo(shape: number[]): Expression;
  /** The part from `begin`, as long as `size` says or to the end. */
  slice(begin: number | number[], size?: number | number[]): Expression;
  /** Joined with others along an axis, default 0. */
  concat(others: Expression | Expression[], axis?: number): Expression;
}

/** An input of an operation, in addition to `x`. */
export interface OperationInput {
  /** Lengths of its axes. */
  readonly shape: Shape;
  /** `weight` (default), which the gradient reaches, or `state`, which an output of its name replaces. */
  readonly role?: "weight" | "state";
  /** Whether its elements must be above 0, as those of a variance; default false. */
  readonly positive?: boolean;
}

/**
 * What {@linkcode defineOperation} makes an operation of.
 *
 * @typeParam O Its options.
 * @typeParam Input Names of its inputs in addition to `x`.
 */
export interface OperationDefinition<
  O extends object = NormOptions,
  Input extends string = string,
> {
  /** Name in records and ids of cases. */
  readonly name: string;
  /**
   * The inputs in addition to `x`, by name, for an `x` of this shape; left out, there are none.
   *
   * @throws {RangeError} if the options do not fit the shape.
   */
  inputs?(shape: Shape, options: O): Readonly<Record<Input, Shape | OperationInput>>;
  /** The formula: `y`, or an object of `y` and states. It also runs on tensors. */
  compute(
    inputs: Readonly<Record<Input | "x", Expression>>,
    options: O,
  ): Expression | Readonly<Record<string, Expression>>;
  /**
   * Implementations to judge, by name, which return `y` or an object with `y` and states; default the formula
   * itself, run on tensors, as `composed`.
   */
  readonly implementations?: Readonly<
    Record<string, (inputs: Tensors, options: O) => Tensor | Tensors>
  >;
  /** Shapes of `x`, with options, on which it is tried; default some of rank 2. */
  readonly shapes?: readonly OperationShape<O>[];
  /** The axes of `x` along which records count elements and conditioning; default the last. */
  groups?(shape: Shape, options: O): Groups;
}

/** A shape on which an operation is tried. */
export interface OperationShape<O extends object = NormOptions> {
  /** Of `x`. */
  readonly shape: Shape;
  /** The operation's options. */
  readonly options?: O;
}

/**
 * Makes an operation of a formula, which {@linkcode parity} can judge implementations of: a norm, an
 * activation, a loss, an attention score.
 *
 * The formula is written in the methods of a tensor. It is evaluated in float64 for the values, with the
 * bounds of {@linkcode bounded} arithmetic beside them, and backward for the gradients, with bounds as well:
 *
 * - the careful bound is that of the formula as it is written, with the gradient that TensorFlow.js has for
 *   each operation, and sums in blocks;
 * - the other bound takes sums in any order, and two roundings where the formula has one, for whoever
 *   writes x (1 / s) in place of x / s.
 *
 * Bounds that are made for a norm know which errors a whole group shares. Those of a formula are up to 7
 * times as wide for the norms of this library, where data have no offset. At an offset, those of `y` are up
 * to 4 times as wide, but of gradients that pass a variance 25 times at 10 deviations, 520 times at 1000.
 *
 * @throws {TypeError} if the shapes are no shapes; from the oracle, if the formula returns no `y`.
 *
 * @example Dynamic tanh: is a version of one's own right?
 * ```ts
 * import { defineOperation, parity } from "../../mod.ts";
 *
 * const dyt = defineOperation({
 *   name: "dyt",
 *   inputs: (shape) => ({ gamma: shape.slice(-1), beta: shape.slice(-1) }),
 *   compute: ({ x, gamma, beta }, { alpha = 0.5 }: { alpha?: number }) =>
 *     x.mul(alpha).tanh().mul(gamma).add(beta),
 * });
 * const { summary } = await parity(({ x, gamma, beta }) => {
 *   const e = x!.exp(); // exp(2 alpha x) for alpha = 0.5
 *   return e.sub(1).div(e.add(1)).mul(gamma!).add(beta!);
 * }, { norm: dyt, shape: [4, 8], backend: "cpu" });
 * console.log(summary);
 * ```
 */
export function defineOperation<O extends object = NormOptions, Input extends string = never>(
  definition: OperationDefinition<O, Input>,
): Operation {
  // Types that its author needs; from here on, names are texts, and options whatever is given.
  const given = definition as unknown as OperationDefinition;
  const { name, shapes } = given;
  checkShapes(name, shapes);
  const composed: Implementation = (tensors, options) =>
    outputsOf(name, given.compute(tensors as unknown as Inputs, options)) as unknown as Tensors;
  return {
    name,
    normalized: "x",
    inputs: (shape, options) => specsOf(shape, given.inputs?.(shape, options) ?? {}),
    groups: (shape, options) => given.groups?.(shape, options) ?? rowsOf(shape),
    implementations: mapValues(given.implementations ?? { composed }, named),
    references: { formula: functionSubject(composed) },
    oracle: {
      forward: (inputs, options) =>
        mapValues(trace(given, inputs, options).outputs, ({ bounded }) => rewritten(bounded)),
      backward: (inputs, options, dy) => {
        const { tape, outputs, terms } = trace(given, inputs, options);
        const wanted = Object.entries(terms).filter(([, term]) => term.isDifferentiable);
        const gradients = tape.gradients(outputs["y"]!, dy, wanted.map(([, term]) => term));
        return Object.fromEntries(wanted.map(([input], i) => [input, rewritten(gradients[i]!)]));
      },
    },
    ...(shapes && { shapes }),
  };
}

/** @throws {TypeError} if the shapes are not objects with a shape: bare lists of lengths are taken for these. */
function checkShapes(operation: string, shapes: unknown): void {
  if (shapes === undefined) return;
  const called = `shapes of operation ${operation}`;
  if (!Array.isArray(shapes)) {
    throw new TypeError(`${called} is ${kindOf(shapes)}: give a list such as [{ shape: [4, 8] }]`);
  }
  for (const [i, each] of shapes.entries()) {
    const shape: unknown = each?.shape;
    if (Array.isArray(shape) && shape.every((length) => Number.isInteger(length) && length > 0)) {
      continue;
    }
    const example = Array.isArray(each) && each.length > 0 ? each.join(", ") : "4, 8";
    throw new TypeError(`${called}: shapes[${i}] is no { shape: [${example}] }`);
  }
}

/** An implementation whose outputs have names, where it returns `y` alone. */
function named(
  implementation: (inputs: Tensors, options: NormOptions) => Tensor | Tensors,
): Implementation {
  const { length } = implementation;
  const call: Implementation = (inputs, options) => {
    const result = implementation(inputs, options);
    return kindOf(result) === "a tensor" ? { y: result as Tensor } : result as Tensors;
  };
  // Whoever counts its arguments is to find those of the implementation.
  return Object.defineProperty(call, "length", { value: length });
}

type Inputs = Readonly<Record<string, Expression>>;

function mapValues<T, U>(from: Readonly<Record<string, T>>, map: (value: T) => U) {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, map(value)]));
}

function specsOf(
  shape: Shape,
  others: Readonly<Record<string, Shape | OperationInput>>,
): readonly InputSpec[] {
  const specs = Object.entries(others).map(([name, given]): InputSpec => {
    const input: OperationInput = "shape" in given ? given : { shape: given };
    const { role = "weight", positive = false } = input;
    return { name, shape: input.shape, role, positive, initializer: "zeros" };
  });
  return [{ name: "x", shape, role: "data", initializer: "none" }, ...specs];
}

/** The last axis; a scalar is a row of one. */
function rowsOf(shape: Shape): Groups {
  return shape.length === 0 ? { shape: [1], axes: [0] } : { shape, axes: [shape.length - 1] };
}

function outputsOf(
  name: string,
  result: Expression | Readonly<Record<string, Expression>>,
): Readonly<Record<string, Expression>> {
  const outputs = typeof (result as Expression)?.matMul === "function"
    ? { y: result as Expression }
    : result as Readonly<Record<string, Expression>>;
  if (outputs?.["y"] === undefined) {
    throw new TypeError(`the formula of ${name} returned no y: return y, or an object with y`);
  }
  return outputs;
}

/** A formula that was evaluated. */
interface Trace {
  readonly tape: Tape;
  readonly terms: Readonly<Record<string, Term>>;
  readonly outputs: Readonly<Record<string, Term>>;
}

/** The last trace for each set of inputs: a case asks for several gradients of the same data. */
const LATEST = new WeakMap<
  BoundedArrays,
  { readonly definition: object; readonly options: object; readonly result: Trace }
>();

function trace(
  definition: OperationDefinition,
  inputs: BoundedArrays,
  options: NormOptions,
): Trace {
  const latest = LATEST.get(inputs);
  if (latest?.definition === definition && latest.options === options) return latest.result;
  const tape = new Tape();
  const shape = inputs["x"]!.shape;
  const roles = Object.fromEntries(
    specsOf(shape, definition.inputs?.(shape, options) ?? {}).map(({ name, role }) => [name, role]),
  );
  const terms = Object.fromEntries(
    Object.entries(inputs).filter(([name]) => name in roles)
      .map(([name, input]) => [name, tape.input(input, roles[name] !== "state")]),
  );
  const computed = definition.compute(terms as unknown as Inputs, options);
  const outputs = outputsOf(definition.name, computed) as unknown as Trace["outputs"];
  const result = { tape, terms, outputs };
  LATEST.set(inputs, { definition, options, result });
  return result;
}

/** Allows for a form of the formula that rounds twice where this one does once. */
function rewritten(a: Bounded): Bounded {
  const anyOrder = a.anyOrder.map((bound) => 2 * bound);
  return new Bounded(a.shape, a.values, a.careful, { ...a, anyOrder });
}
