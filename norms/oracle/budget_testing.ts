/**
 * Comparing an implementation on the active backend with the oracle, within the oracle's budgets.
 *
 * @module
 */
import { assertEquals, assertLessOrEqual } from "@std/assert";
import { type Distribution, normal, uniform } from "../../fixtures/distribution.ts";
import type { Operation, Tensors } from "../basics/norm.ts";
import type { NormOptions } from "../basics/options.ts";
import { uniformStream } from "../basics/random.ts";
import type { Shape } from "../basics/shape.ts";
import type { Subject } from "../basics/subject.ts";
import { valuesOf } from "../basics/tensors_testing.ts";
import * as tf from "../basics/tf.ts";
import { Bounded } from "./bounded.ts";

const INPUTS: Readonly<Record<string, Distribution>> = {
  x: normal(0.5, 2),
  gamma: normal(1, 0.5),
  beta: normal(0, 1),
  movingMean: normal(0, 1),
  movingVariance: uniform(0.5, 2),
};

function drawInputs<O extends NormOptions>(norm: Operation<O>, shape: Shape, options: O) {
  return Object.fromEntries(
    norm.inputs(shape, options).map(({ name, shape }) => {
      const values = INPUTS[name]!.sample(shape, uniformStream(name));
      return [name, Bounded.exact(values, shape)];
    }),
  );
}

function tensorOf({ values, shape }: Bounded): tf.Tensor {
  return tf.tensor(Float32Array.from(values), [...shape]);
}

/** Random inputs of a norm, the same at every call. */
export function drawTensors<O extends NormOptions>(
  ...norm: [norm: Operation<O>, shape: Shape, options: O]
): Tensors {
  const inputs = Object.entries(drawInputs(...norm));
  return Object.fromEntries(inputs.map(([name, values]) => [name, tensorOf(values)]));
}

async function assertWithin(name: string, got: tf.Tensor, expected: Bounded): Promise<void> {
  assertEquals(got.shape, [...expected.shape], name);
  const [values] = await valuesOf(got);
  expected.values.forEach((value, i) =>
    assertLessOrEqual(Math.abs(values![i]! - value), expected.careful[i]!, `${name}, element ${i}`)
  );
}

/** Asserts that outputs and gradients of `subject` are within the budgets of the norm's oracle. */
export async function assertWithinBudgets<O extends NormOptions>(
  norm: Operation<O>,
  subject: Subject<O>,
  shape: Shape,
  options: O,
): Promise<void> {
  const exact = drawInputs(norm, shape, options);
  const tensors = drawTensors(norm, shape, options);
  const outputs = subject.forward(tensors, options);
  for (const [name, expected] of Object.entries(norm.oracle.forward(exact, options))) {
    await assertWithin(name, outputs[name]!, expected);
  }
  const dy = Bounded.exact(normal(0, 1).sample(shape, uniformStream("dy")), shape);
  const backward = norm.oracle.backward(exact, options, dy);
  const wrt = Object.keys(backward);
  const gradients = subject.gradients(tensors, options, tensorOf(dy), wrt);
  assertEquals(Object.keys(gradients), wrt);
  for (const name of wrt) await assertWithin(`d${name}`, gradients[name]!, backward[name]!);
}
