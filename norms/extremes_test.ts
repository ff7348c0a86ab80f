/**
 * Gradients near the end of float32's range, and NaN and infinities in one group: for every norm and
 * implementation.
 */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { testOn, testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { type BoundedArrays, type Norm, normalizesKernels, type Tensors } from "./basics/norm.ts";
import type { NormOptions } from "./basics/options.ts";
import { broadcastIndex, dropAxes, range, type Shape } from "./basics/shape.ts";
import { functionSubject } from "./basics/subject.ts";
import { normalTensor, valuesOf } from "./basics/tensors_testing.ts";
import * as tf from "./basics/tf.ts";
import { implementationsOf } from "./frames/apply.ts";
import { Bounded } from "./oracle/bounded.ts";
import { NORMS } from "./registry.ts";

interface Trial {
  readonly norm: Norm;
  readonly shape: Shape;
  readonly options: NormOptions;
}

/** Several groups in every norm, each of many elements; with every variant, in training. */
const TRIALS: readonly Trial[] = NORMS.flatMap((norm) => {
  const isOfKernel = normalizesKernels(norm);
  const shape = isOfKernel ? [8, 6] : [6, 5, 4, 16];
  const settings = { epsilon: 1e-3, momentum: 0.9 };
  const options = norm.networkOptions(isOfKernel ? [6, 5] : shape, settings);
  return [{}, ...Object.values(norm.variants ?? {})]
    .map((variant) => ({ norm, shape, options: { training: true, ...options, ...variant } }));
});

function nameOf({ norm, options }: Trial): string {
  return `${norm.name} norm ${JSON.stringify(options)}`;
}

function inputsOf({ norm, shape, options }: Trial): Tensors {
  return Object.fromEntries(
    norm.inputs(shape, options).map((spec) => [
      spec.name,
      spec.positive ? tf.ones([...spec.shape]) : normalTensor(spec.shape, spec.name),
    ]),
  );
}

/** What is normalized, and the weights; a kernel's x and bias are no part of its norm. */
function learned({ norm, shape, options }: Trial): string[] {
  return norm.inputs(shape, options)
    .filter(({ name, role }) => role === "weight" || name === norm.normalized)
    .map(({ name }) => name);
}

/** `dy` of both signs, and of one, which sums do not cancel; at most 1. */
const UPSTREAMS: Readonly<Record<string, (shape: Shape) => tf.Tensor>> = {
  "of both signs": (shape) => tf.div(tf.clipByValue(normalTensor(shape, "dy"), -3, 3), 3),
  "of one sign": (shape) => tf.clipByValue(tf.abs(normalTensor(shape, "dy")), 0, 1),
};

const LARGE = 3e37;

async function expectedGradients(
  { norm, options }: Trial,
  inputs: Tensors,
  dy: tf.Tensor,
): Promise<BoundedArrays> {
  const bounded = async (tensor: tf.Tensor) =>
    Bounded.exact((await valuesOf(tensor))[0]!, tensor.shape);
  const entries = Object.entries(inputs)
    .map(async ([name, tensor]) => [name, await bounded(tensor)] as const);
  const all = Object.fromEntries(await Promise.all(entries));
  return norm.oracle.backward(all, options, await bounded(dy));
}

for (const trial of TRIALS) {
  const { norm, options } = trial;
  testOnEveryBackend(`${nameOf(trial)}: gradients hold at a dy of ${LARGE}`, async (backend) => {
    const inputs = inputsOf(trial);
    for (const [implementation, compute] of Object.entries(implementationsOf(norm))) {
      const subject = functionSubject(compute);
      for (const [sign, upstream] of Object.entries(UPSTREAMS)) {
        const dy = upstream(subject.forward(inputs, options)["y"]!.shape);
        const expected = await expectedGradients(trial, inputs, dy);
        const names = learned(trial);
        const gradients = subject.gradients(inputs, options, tf.mul(dy, LARGE), names);
        for (const name of names) {
          const [values] = await valuesOf(gradients[name]!);
          const exact = Array.from(expected[name]!.values, (value) => value * LARGE);
          const inRange = exact.filter((value) => Number.isFinite(Math.fround(value)));
          const tolerance = 1e-5 * Math.max(...inRange.map(Math.abs));
          for (const [i, value] of exact.entries()) {
            const what = `d${name}[${i}] ${sign}, ${implementation} on ${backend}`;
            // A sum may well be out of range.
            if (!Number.isFinite(Math.fround(value))) {
              assertEquals(values![i], Math.fround(value), what);
            } else {assertLessOrEqual(
                Math.abs(values![i]! - value),
                tolerance,
                `${what}: ${values![i]}, not ${value}`,
              );}
          }
        }
      }
    }
  });
}

/** The number of the group that each element belongs to. */
function groupsOf({ norm, shape, options }: Trial): Int32Array {
  const { shape: view, axes } = norm.groups(shape, options);
  return broadcastIndex(dropAxes(view, axes), view);
}

/** The WebGPU Shading Language promises no NaN. */
const PROMISING = ["cpu", "wasm", "tensorflow"] as const;

for (const backend of PROMISING) {
  for (const trial of TRIALS) {
    const { norm, options } = trial;
    testOn(backend, `${nameOf(trial)}: what is not finite stays in its group`, async () => {
      const inputs = inputsOf(trial);
      const { normalized } = norm;
      const groups = groupsOf(trial);
      const at = 7;
      const others = range(groups.length).filter((i) => groups[i] !== groups[at]);
      assert(others.length > 0);
      for (const [implementation, compute] of Object.entries(implementationsOf(norm))) {
        const subject = functionSubject(compute);
        const dy = normalTensor(subject.forward(inputs, options)["y"]!.shape, "dy");
        const evaluate = async (data: tf.Tensor, dy: tf.Tensor) => {
          const all = { ...inputs, [normalized]: data };
          const { y, ...states } = subject.forward(all, options);
          const dx = subject.gradients(all, options, dy, [normalized])[normalized]!;
          const [yValues, dxValues, ...stateValues] = await valuesOf(
            y!,
            dx,
            ...Object.values(states),
          );
          return { y: yValues!, dx: dxValues!, states: stateValues };
        };
        const clean = await evaluate(inputs[normalized]!, dy);
        for (const bad of [NaN, Infinity, -Infinity]) {
          const spoil = async (tensor: tf.Tensor) => {
            const [values] = await valuesOf(tensor);
            return tf.tensor(values!.with(at, bad), tensor.shape);
          };
          const what = `${bad}, ${implementation}`;
          const same = (got: readonly number[], expected: readonly number[], where: string) =>
            assertEquals(
              others.map((i) => got[i]),
              others.map((i) => expected[i]),
              `${where}, ${what}`,
            );
          const spoiled = await evaluate(await spoil(inputs[normalized]!), dy);
          same(spoiled.dx, clean.dx, `dx of data`);
          assert(spoiled.dx.some((value) => !Number.isFinite(value)), what);
          assert(spoiled.y.some((value) => !Number.isFinite(value)), what);
          if (normalizesKernels(norm)) {
            const units = clean.y.length / trial.shape[0]!;
            const kept = clean.y.map((value, i) => i % units === groups[at] ? undefined : value);
            assertEquals(
              spoiled.y.map((value, i) => kept[i] === undefined ? undefined : value),
              kept,
              what,
            );
            continue;
          }
          same(spoiled.y, clean.y, "y");
          for (const [k, state] of spoiled.states.entries()) {
            const own = (value: number, i: number) => i === groups[at] ? undefined : value;
            assertEquals(state.map(own), clean.states[k]!.map(own), `state ${k}, ${what}`);
          }
          const upstream = await evaluate(inputs[normalized]!, await spoil(dy));
          same(upstream.dx, clean.dx, "dx of dy");
          assert(upstream.dx.some((value) => !Number.isFinite(value)), what);
        }
      }
    });
  }
}
