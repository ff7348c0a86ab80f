import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import { testOnEveryBackend } from "../../harness/backend/backends_testing.ts";
import { backendNamed } from "../../harness/backend/registry.ts";
import * as tf from "../basics/tf.ts";
import { valuesOf } from "../basics/tensors_testing.ts";
import { Bounded, WGSL } from "./bounded.ts";
import {
  ABS,
  apply,
  ERF,
  erf,
  EXP,
  LOG,
  NEGATIVE,
  power,
  RSQRT,
  SIGMOID,
  TANH,
} from "./functions.ts";

type Range = readonly [low: number, high: number];

/** Each function, what TensorFlow.js computes it by, and where it is tried. */
const FUNCTIONS = {
  exp: [EXP, tf.exp, [[-80, 80], [-1, 1]]],
  log: [LOG, tf.log, [[1e-30, 1e30], [0.5, 2], [0.99, 1.01]]],
  tanh: [TANH, tf.tanh, [[-12, 12], [-1, 1], [-1e-3, 1e-3]]],
  erf: [ERF, tf.erf, [[-5, 5], [-1, 1], [-1e-3, 1e-3]]],
  sigmoid: [SIGMOID, tf.sigmoid, [[-100, 100], [-4, 4]]],
  rsqrt: [RSQRT, tf.rsqrt, [[1e-3, 10], [1e-30, 1e30]]],
  square: [power(2), (x: tf.Tensor) => tf.pow(x, 2), [[-3, 3]]],
  cube: [power(3), (x: tf.Tensor) => tf.pow(x, 3), [[-3, 3]]],
  "x^1.5": [power(1.5), (x: tf.Tensor) => tf.pow(x, 1.5), [[1e-3, 3], [1e-20, 1e20]]],
  "1/x": [power(-1), (x: tf.Tensor) => tf.pow(x, -1), [[-3, -0.1], [1e-3, 3]]],
  abs: [ABS, tf.abs, [[-3, 3]]],
  neg: [NEGATIVE, tf.neg, [[-3, 3]]],
} as const;

const COUNT = 20_000;

/** Float32 values of the range: evenly by size where it spans many. */
function samples([low, high]: Range): Float32Array {
  const byRatio = low > 0 && high / low > 1e3;
  return Float32Array.from({ length: COUNT }, (_, i) => {
    const t = (i + 0.37) / COUNT;
    return byRatio ? low * (high / low) ** t : low + (high - low) * t;
  });
}

testOnEveryBackend("functions keep to what is stated of them", async (backend) => {
  const { arithmetic } = backendNamed(backend);
  for (const [name, [f, compute, ranges]] of Object.entries(FUNCTIONS)) {
    for (const range of ranges) {
      const x = samples(range);
      const expected = apply(Bounded.exact(x, [COUNT], arithmetic), f);
      const [got] = await valuesOf(compute(tf.tensor1d(x)));
      expected.values.forEach((value, i) =>
        assertLessOrEqual(Math.abs(got![i]! - value), expected.careful[i]!, `${name}(${x[i]})`)
      );
    }
  }
});

for (const [name, [f, , ranges]] of Object.entries(FUNCTIONS)) {
  Deno.test(`${name}: an argument within its bound gives a value within the bound`, () => {
    for (const range of ranges) {
      const x = Float64Array.from(samples(range)).filter((_, i) => i % 50 === 0);
      for (const share of [1e-6, 0.1, 0.9]) {
        const bound = x.map((value) => share * Math.abs(value));
        const { values, careful } = apply(new Bounded([x.length], x, bound), f);
        for (const side of [-1, 1]) {
          x.forEach((value, i) => {
            const moved = f.value(value + side * bound[i]!);
            assertLessOrEqual(
              Math.abs(moved - values[i]!),
              careful[i]! * (1 + 1e-9),
              `at ${value}`,
            );
          });
        }
      }
    }
  });
}

Deno.test("erf has the digits of float64", () => {
  // Abramowitz and Stegun, table 7.1.
  const table = [[0, 0], [0.5, 0.5204998778], [1, 0.8427007929], [2, 0.9953222650]] as const;
  for (const [x, value] of table) {
    assertAlmostEquals(erf(x), value, 1e-10);
    assertEquals(erf(-x), -erf(x));
  }
  // Its series and its continued fraction meet.
  assertAlmostEquals(erf(2.5 - 1e-12), erf(2.5), 1e-14);
  assertAlmostEquals(
    (erf(2.5 + 1e-6) - erf(2.5)) / 1e-6,
    2 / Math.sqrt(Math.PI) * Math.exp(-6.25),
    1e-7,
  );
});

Deno.test("what is beyond float32 is out of range, and what rounding may decide is not known", () => {
  const { outOfRange } = apply(Bounded.exact([1, 100], [2]), EXP);
  assertEquals([...outOfRange!], [0, 1]);
  const perhapsZero = new Bounded([1], Float64Array.of(1e-9), Float64Array.of(1e-8));
  for (const f of [LOG, RSQRT, power(-1), power(0.5)]) {
    assert(apply(perhapsZero, f).careful[0]! > 1e-5);
  }
  assertEquals(apply(perhapsZero, LOG).careful[0], Infinity);
});

Deno.test("WebGPU may be further off for large arguments", () => {
  const ulps = (x: number) => {
    const { values, careful } = apply(Bounded.exact([x], [1], WGSL), EXP);
    return careful[0]! / values[0]! * 2 ** 23;
  };
  assertAlmostEquals(ulps(1), 5, 1e-6);
  assertAlmostEquals(ulps(10), 23, 1e-6);
});
