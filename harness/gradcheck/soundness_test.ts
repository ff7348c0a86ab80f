/**
 * The verdicts of gradient checks: no right gradient is called wrong, and no planted mistake is missed.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { standardNormal, uniformStream } from "../../norms/basics/random.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { testOn } from "../backend/backends_testing.ts";
import { gradcheck } from "./gradcheck.ts";

const SHAPE = [4, 4];
const SIZE = 16;
const SEEDS = [1, 2];
const BACKENDS = ["cpu", "wasm", "tensorflow"] as const;
const MODES = ["full", "directional"] as const;

type Draw = (seed: string) => Tensor;

const normal: Draw = (seed) =>
  tf.tensor(Float32Array.from(standardNormal(SIZE, uniformStream(seed))), SHAPE);

function between(low: number, high: number): Draw {
  return (seed) => {
    const uniform = uniformStream(seed);
    return tf.tensor(
      Float32Array.from({ length: SIZE }, () => low + (high - low) * uniform()),
      SHAPE,
    );
  };
}

/** Sizes from 1e-8 to 1. */
const wide: Draw = (seed) => tf.pow(10, tf.mul(-8, between(0, 1)(seed)));

type Operation = (x: Tensor) => Tensor;

const OPERATIONS: Readonly<Record<string, readonly [Draw, Record<string, Operation>]>> = {
  "all numbers": [normal, {
    abs: (x) => tf.abs(x),
    asinh: (x) => tf.asinh(x),
    atan: (x) => tf.atan(x),
    ceil: (x) => tf.ceil(x),
    clipByValue: (x) => tf.clipByValue(x, -0.5, 0.5),
    cos: (x) => tf.cos(x),
    cosh: (x) => tf.cosh(x),
    cumsum: (x) => tf.cumsum(x, 1),
    elu: (x) => tf.elu(x),
    erf: (x) => tf.erf(x),
    exp: (x) => tf.exp(x),
    "exp, steep": (x) => tf.exp(tf.mul(x, 10)),
    expm1: (x) => tf.expm1(x),
    floor: (x) => tf.floor(x),
    leakyRelu: (x) => tf.leakyRelu(x),
    logSigmoid: (x) => tf.logSigmoid(x),
    logSoftmax: (x) => tf.logSoftmax(x),
    logSumExp: (x) => tf.logSumExp(x, 1),
    max: (x) => tf.max(x, 1),
    mean: (x) => tf.mean(x, 0),
    neg: (x) => tf.neg(x),
    norm: (x) => tf.norm(x),
    pow: (x) => tf.pow(x, 5),
    prod: (x) => tf.prod(x, 1),
    reciprocal: (x) => tf.reciprocal(x),
    relu: (x) => tf.relu(x),
    relu6: (x) => tf.relu6(x),
    selu: (x) => tf.selu(x),
    sigmoid: (x) => tf.sigmoid(x),
    sign: (x) => tf.sign(x),
    sin: (x) => tf.sin(x),
    "sin, fast": (x) => tf.sin(tf.mul(x, 20)),
    sinh: (x) => tf.sinh(x),
    softmax: (x) => tf.softmax(x),
    softplus: (x) => tf.softplus(x),
    square: (x) => tf.square(x),
    step: (x) => tf.step(x),
    sum: (x) => tf.sum(x),
    tan: (x) => tf.tan(x),
    tanh: (x) => tf.tanh(x),
    transpose: (x) => tf.transpose(x),
  }],
  "positive numbers": [between(0, 2), {
    log: (x) => tf.log(x),
    log1p: (x) => tf.log1p(x),
    pow: (x) => tf.pow(x, 1.5),
    rsqrt: (x) => tf.rsqrt(x),
    sqrt: (x) => tf.sqrt(x),
  }],
  "numbers of all sizes": [wide, {
    log: (x) => tf.log(x),
    reciprocal: (x) => tf.reciprocal(x),
    sqrt: (x) => tf.sqrt(x),
  }],
  "numbers between -1 and 1": [between(-1, 1), {
    acos: (x) => tf.acos(x),
    asin: (x) => tf.asin(x),
    atanh: (x) => tf.atanh(x),
  }],
  "numbers above 1": [between(1, 3), { acosh: (x) => tf.acosh(x) }],
};

for (const backend of BACKENDS) {
  for (const [domain, [draw, operations]] of Object.entries(OPERATIONS)) {
    testOn(backend, `${domain}: no gradient of TensorFlow.js is called wrong`, async () => {
      for (const [name, operation] of Object.entries(operations)) {
        for (const [mode, seed] of MODES.flatMap((mode) => SEEDS.map((s) => [mode, s] as const))) {
          const x = draw(`${name}/${seed}`);
          const { inputs, summary } = await gradcheck(({ x }) => operation(x!), { x }, {
            mode,
            seed,
          });
          assertNotEquals(inputs[0]!.verdict, "wrong", `${name}, ${mode}, ${seed}: ${summary}`);
          assert(!/NaN/.test(summary), summary);
        }
      }
    });
  }
}

/** `x`, with another gradient. */
function planted(x: Tensor, gradient: Operation): Tensor {
  return tf.customGrad((x) => ({
    value: tf.clone(x as Tensor),
    gradFunc: (dy: Tensor) => gradient(dy),
  }))(x);
}

const MISTAKES: Readonly<Record<string, Operation>> = {
  "a hundredth too large": (dx) => tf.mul(dx, 1.01),
  "the wrong sign": (dx) => tf.neg(dx),
  "transposed": (dx) => tf.transpose(dx),
  "a mean in place of a sum": (dx) => tf.div(dx, SHAPE[0]!),
  "one row forgotten": (dx) => tf.mul(dx, tf.tensor2d([1, 0, 1, 1], [4, 1])),
};

const FUNCTIONS: Readonly<Record<string, Operation>> = {
  tanh: (x) => tf.tanh(x),
  softmax: (x) => tf.softmax(x),
  square: (x) => tf.square(x),
  sqrt: (x) => tf.sqrt(tf.abs(x)),
  product: (x) => tf.matMul(tf.sin(x) as tf.Tensor2D, tf.exp(x) as tf.Tensor2D),
  standardized: (x) => tf.div(tf.sub(x, tf.mean(x, 1, true)), tf.norm(x, 2, 1, true)),
};

for (const backend of BACKENDS) {
  for (const [mistake, gradient] of Object.entries(MISTAKES)) {
    testOn(backend, `found in all functions and modes: ${mistake}`, async () => {
      for (const [name, f] of Object.entries(FUNCTIONS)) {
        for (const [mode, seed] of MODES.flatMap((mode) => SEEDS.map((s) => [mode, s] as const))) {
          const x = normal(`${name}/${seed}`);
          const wrong = ({ x }: Record<string, Tensor>) => f(planted(x!, gradient));
          const { inputs, summary } = await gradcheck(wrong, { x }, { mode, seed });
          assertEquals(inputs[0]!.verdict, "wrong", `${name}, ${mode}, ${seed}: ${summary}`);
        }
      }
    });
  }
}
