/**
 * Runs a subject on a case, on the active backend.
 *
 * @module
 */
import { messageOf } from "../../norms/basics/errors.ts";
import type { InputSpec, Tensors } from "../../norms/basics/norm.ts";
import type { NormOptions } from "../../norms/basics/options.ts";
import type { Subject } from "../../norms/basics/subject.ts";
import * as tf from "../../norms/basics/tf.ts";
import type { Failure } from "../run/record.ts";
import type { CaseInputs, ParityCase } from "../../fixtures/parity_case.ts";
import { type Expectation, gradientName, PREDICTION } from "./expect.ts";

/** What a subject answered, by quantity: values, or the error that it threw. */
export type Answers = Readonly<Record<string, Float32Array | Failure>>;

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
): Promise<Answers> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof NoNormError) throw error;
    return failed(names, error);
  }
}

/** The same failure in all quantities. */
export function failed(names: readonly string[], error: unknown): Answers {
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
  { quantities }: Expectation,
): tf.Tensor {
  if (answer === undefined) throw new TypeError(`there is no ${quantity}`);
  if (answer.dtype !== "float32") {
    throw new TypeError(`${quantity} is ${answer.dtype}, expected float32`);
  }
  const shape = quantities[quantity]?.shape ?? answer.shape;
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
      Object.entries(outputs).map(([name, tensor]) => [name, comparable(name, tensor, expected)]),
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
  const first = await forward(subject, options, expected);
  const y = first["y"];
  if (y === undefined) throw new TypeError("the outputs hold no y");
  const absent = names.filter((name) => first[name] === undefined);
  // A function that returns y alone is judged by y alone.
  if (absent.length === names.length) return { y };
  if (absent.length > 0) throw new TypeError(`the outputs hold no ${absent.join(" and no ")}`);
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
  expected: Expectation,
): Promise<Values> {
  const { inputs, dy, outputShape } = expected;
  const wrt = namesOf(inputs, "data", "weight");
  return await read(tf.tidy(() => {
    const upstream = tf.tensor(dy, [...outputShape], "float32");
    const gradients = subject.gradients(inputTensors(inputs), options, upstream, wrt);
    return Object.fromEntries(wrt.map((name) => {
      const quantity = gradientName(name);
      return [quantity, comparable(quantity, gradients[name], expected)];
    }));
  }));
}

export async function evaluate(
  subject: Subject,
  parityCase: ParityCase,
  expected: Expectation,
): Promise<Answers> {
  const gradientNames = namesOf(expected.inputs, "data", "weight").map(gradientName);
  const outputNames = Object.keys(expected.quantities).filter((name) =>
    !gradientNames.includes(name)
  );
  return {
    ...await answer(outputNames, () => outputs(subject, parityCase, expected)),
    ...await answer(gradientNames, () => gradients(subject, parityCase, expected)),
  };
}
