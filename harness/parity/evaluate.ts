/**
 * Runs a subject on a case, on the active backend.
 *
 * @module
 */
import { messageOf } from "../../norms/basics/errors.ts";
import type { InputSpec, Tensors } from "../../norms/basics/norm.ts";
import { type NormOptions, usesBatchStatistics } from "../../norms/basics/options.ts";
import type { Subject } from "../../norms/basics/subject.ts";
import * as tf from "../../norms/basics/tf.ts";
import type { Failure } from "../run/record.ts";
import type { CaseInputs, ParityCase } from "../../fixtures/parity_case.ts";
import {
  type Expectation,
  type Expected,
  type ExpectedGradients,
  gradientName,
  PREDICTION,
} from "./expect.ts";

/** Values, or the error that was thrown. */
export type Answer = Float32Array | Failure;

type ByQuantity = Readonly<Record<string, Answer>>;

/** What a subject answered, by quantity; what it did not return is left out. */
export interface Answers {
  readonly outputs: ByQuantity;
  /** For every upstream gradient of the case. */
  readonly gradients: readonly ByQuantity[];
}

/** A subject that returns no tensors, so that there is nothing to judge. */
export class NoNormError extends TypeError {
  override name = "TypeError";
}

type Values = Readonly<Record<string, Float32Array>>;

async function read(tensors: Tensors): Promise<Record<string, Float32Array>> {
  const names = Object.keys(tensors);
  try {
    const values = await Promise.all(names.map((name) => tensors[name]!.data<"float32">()));
    return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  } finally {
    tf.dispose(Object.values(tensors));
  }
}

/** What `attempt` gives, or its error for every one of `names`. */
async function answer(
  names: readonly string[],
  attempt: () => Promise<Values>,
): Promise<ByQuantity> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof NoNormError) throw error;
    return failed(names, error);
  }
}

/** Answers in which every quantity is the same failure. */
export function allFailed({ outputs, gradients }: Answers, error: unknown): Answers {
  const fail = (answers: ByQuantity) => failed(Object.keys(answers), error);
  return { outputs: fail(outputs), gradients: gradients.map(fail) };
}

/** The same failure in all quantities. */
function failed(names: readonly string[], error: unknown): ByQuantity {
  return Object.fromEntries(names.map((name) => [name, { error: messageOf(error) }]));
}

function inputTensors({ specs, values }: CaseInputs, replaced: Values = {}): Tensors {
  return Object.fromEntries(
    specs.map(({ name, shape }) => [
      name,
      tf.tensor(replaced[name] ?? values[name]!, [...shape], "float32"),
    ]),
  );
}

function namesOf({ specs }: CaseInputs, ...roles: readonly InputSpec["role"][]): string[] {
  return specs.filter(({ role }) => roles.includes(role)).map(({ name }) => name);
}

/**
 * A copy of the answer for a quantity, which outlives the tensors of the subject.
 *
 * @throws {TypeError} if there is none, or it is not float32.
 * @throws {RangeError} if its shape is not the one that is expected.
 */
function comparable(
  quantity: string,
  answer: tf.Tensor | undefined,
  expected: Expected | undefined,
): tf.Tensor {
  if (answer === undefined) throw new TypeError(`there is no ${quantity}`);
  if (answer.dtype !== "float32") {
    throw new TypeError(`${quantity} is ${answer.dtype}, expected float32`);
  }
  const shape = expected?.bounded.shape ?? answer.shape;
  if (!tf.util.arraysEqual([...shape], answer.shape)) {
    throw new RangeError(`${quantity} has shape [${answer.shape}], expected [${shape}]`);
  }
  return answer.clone();
}

async function forward(
  subject: Subject,
  options: NormOptions,
  expected: Expectation,
  replaced: Values = {},
): Promise<Values> {
  return await read(tf.tidy(() => {
    const outputs = subject.forward(inputTensors(expected.inputs, replaced), options);
    return Object.fromEntries(
      Object.entries(outputs).map((
        [name, tensor],
      ) => [name, comparable(name, tensor, expected.outputs[name])]),
    );
  }));
}

/** `y` of the first step; for a norm with states, these after the last step and a prediction with them. */
async function outputs(
  subject: Subject,
  { options }: ParityCase,
  expected: Expectation,
): Promise<Values> {
  const names = namesOf(expected.inputs, "state");
  const states = (from: Values): Values =>
    Object.fromEntries(names.map((name) => [name, from[name]!]));
  const given = usesBatchStatistics(options) ? {} : states(expected.inputs.values);
  // A prediction changes no state, and need not return any.
  const first = { ...given, ...await forward(subject, options, expected) };
  const y = first["y"];
  if (y === undefined) throw new TypeError("the outputs hold no y");
  // Without all states there is no next step, and no prediction.
  if (names.some((name) => first[name] === undefined)) {
    const others = Object.entries(first).filter(([name]) => !names.includes(name));
    return expected.inputs.batches.length > 1 ? Object.fromEntries(others) : first;
  }
  let latest = first;
  for (const x of expected.inputs.batches.slice(1)) {
    latest = await forward(subject, options, expected, { ...states(latest), x });
  }
  const predicting = { ...options, training: false };
  const prediction = await forward(subject, predicting, expected, states(latest));
  return { y, ...states(latest), [PREDICTION]: prediction["y"]! };
}

async function gradients(
  subject: Subject,
  { options }: ParityCase,
  { inputs, outputShape }: Expectation,
  { dy, gradients }: ExpectedGradients,
): Promise<Values> {
  const wrt = namesOf(inputs, "data", "weight")
    .filter((name) => gradients[gradientName(name)] !== undefined);
  if (wrt.length === 0) return {};
  return await read(tf.tidy(() => {
    const upstream = tf.tensor(dy, [...outputShape], "float32");
    const answers = subject.gradients(inputTensors(inputs), options, upstream, wrt);
    return Object.fromEntries(wrt.map((name) => {
      const quantity = gradientName(name);
      return [quantity, comparable(quantity, answers[name], gradients[quantity])];
    }));
  }));
}

/** Runs a subject on a case: its outputs, and its gradients for every upstream gradient. */
export async function evaluate(
  subject: Subject,
  parityCase: ParityCase,
  expected: Expectation,
): Promise<Answers> {
  const names = Object.keys(expected.outputs);
  const answers = await answer(names, () => outputs(subject, parityCase, expected));
  // Reading back takes a graphics card longer than computing: all gradients are read together.
  const byUpstream = await Promise.all(expected.upstreams.map((upstream) => {
    const attempt = () => gradients(subject, parityCase, expected, upstream);
    return answer(Object.keys(upstream.gradients), attempt);
  }));
  return { outputs: answers, gradients: byUpstream };
}
