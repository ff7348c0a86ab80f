/**
 * The tape's derivative of every norm's gradient, against the float64 oracle's.
 *
 * @module
 */
import { assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import { normal } from "../fixtures/distribution.ts";
import { drawInputs } from "../fixtures/parity_case.ts";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { centralDifferences } from "../harness/gradcheck/float64.ts";
import { implementationsOf } from "./frames/apply.ts";
import type { InputSpec, Norm } from "./basics/norm.ts";
import { standardNormal, uniformStream } from "./basics/random.ts";
import { type Shape, size } from "./basics/shape.ts";
import * as tf from "./basics/tf.ts";
import { Bounded } from "./oracle/bounded.ts";
import { NORMS } from "./registry.ts";

type Arrays = Readonly<Record<string, Float32Array>>;

/** By how much float32 may be off, as a share of the largest second derivative: some 200 roundings. */
const TOLERANCE = 200 * 2 ** -24;

interface Setting {
  readonly norm: Norm;
  readonly options: object;
  readonly specs: readonly InputSpec[];
  readonly values: Arrays;
  /** What the gradient is taken of: sum(y dy). */
  readonly dy: { readonly values: Float32Array; readonly shape: Shape };
  /** The inputs that have a gradient. */
  readonly wrt: readonly string[];
  /** What is differentiated again: the sum of these times the gradients. */
  readonly factors: Arrays;
}

function drawNormal(shape: Shape, seed: string): Float32Array {
  return Float32Array.from(standardNormal(size(shape), uniformStream(seed)));
}

/** Data with an offset, and a spread that `condition` scales. */
function settingOf(norm: Norm, variant: object): Setting {
  const options = { training: true, units: 3, groups: 2, ...variant };
  const shape = norm.name === "instance" ? [3, 5, 4] : [6, 4];
  const data = { id: norm.name, about: "", shape, options, input: normal(0.5, 2) };
  const { specs, values } = drawInputs(norm, data, 1);
  const outputs = norm.oracle.forward(bounded(specs, values), options);
  const dy = { shape: outputs["y"]!.shape, values: drawNormal(outputs["y"]!.shape, "dy") };
  const learned = specs.filter(({ role }) => role !== "state");
  const factors = learned.map(({ name, shape }) => [name, drawNormal(shape, name)]);
  const wrt = learned.map(({ name }) => name);
  return { norm, options, specs, values, dy, wrt, factors: Object.fromEntries(factors) };
}

function bounded(specs: readonly InputSpec[], values: Readonly<Record<string, ArrayLike<number>>>) {
  return Object.fromEntries(
    specs.map(({ name, shape }) => [
      name,
      Bounded.exact(Float64Array.from(values[name]!), shape),
    ]),
  );
}

/** From differences of the oracle's gradients. */
function expectedDerivative(
  { norm, options, specs, values, dy, wrt, factors }: Setting,
  name: string,
): Promise<Float64Array> {
  const upstream = Bounded.exact(Float64Array.from(dy.values), dy.shape);
  const gradients = (x: Float64Array) => {
    const moved = bounded(specs, { ...values, [name]: x });
    const each = norm.oracle.backward(moved, options, upstream);
    return wrt.flatMap((input) => Array.from(each[input]!.values));
  };
  const weights = wrt.flatMap((input) => Array.from(factors[input]!));
  return centralDifferences(gradients, Float64Array.from(values[name]!), weights, 1e-5);
}

/** By the tape twice; zero where it finds no path. */
function tapeDerivatives(
  { specs, options, values, dy, wrt, factors }: Setting,
  implementation: Norm["implementations"][string],
): tf.Tensor[] {
  const inputs = Object.fromEntries(
    specs.map(({ name, shape }) => [name, tf.tensor(values[name]!, [...shape])]),
  );
  const wanted = wrt.map((name) => inputs[name]!);
  const upstream = tf.tensor(dy.values, [...dy.shape]);
  const y = () => implementation(inputs, options)["y"]!;
  const combined = () => {
    const gradients = tf.grads(y)(wanted, upstream);
    return tf.addN(
      gradients.map((gradient, i) =>
        tf.sum(tf.mul(gradient, tf.tensor(factors[wrt[i]!]!, gradient.shape)))
      ),
    );
  };
  const { grads } = tf.engine().gradients(combined, wanted, tf.scalar(1), true);
  return wanted.map((input, i) => grads[i] ?? tf.zerosLike(input));
}

for (const norm of NORMS) {
  for (const [variant, options] of Object.entries({ plain: {}, ...norm.variants })) {
    testOnEveryBackend(`${norm.name}, ${variant}: second derivatives`, async () => {
      const setting = settingOf(norm, options);
      const { fused, ...differentiable } = implementationsOf(norm);
      for (const [name, implementation] of Object.entries(differentiable)) {
        const derivatives = tapeDerivatives(setting, implementation);
        for (const [i, input] of setting.wrt.entries()) {
          const expected = await expectedDerivative(setting, input);
          const got = await derivatives[i]!.data();
          const largest = Math.max(...expected.map(Math.abs));
          assertEquals(got.length, expected.length);
          expected.forEach((value, j) =>
            assertLessOrEqual(
              Math.abs(got[j]! - value),
              TOLERANCE * largest,
              `${name}, ${input}[${j}]: ${got[j]}, expected ${value}`,
            )
          );
        }
      }
      if (fused === undefined) return;
      assertThrows(() => tapeDerivatives(setting, fused), RangeError, "first derivatives only");
    });
  }
}
