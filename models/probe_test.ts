import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { read } from "../norms/layers/layers_testing.ts";
import * as tf from "../norms/basics/tf.ts";
import { batchOf, build } from "./models_testing.ts";
import {
  classifierLoss,
  covariateShift,
  type Differentiable,
  disposeSlope,
  Probe,
  walkAlongGradient,
} from "./probe.ts";

/** w3 w2 w1 x, by one number a layer, so that a test can do the same by hand. */
const WEIGHTS = [0.5, -1.5, 2];
const X = [1, 2, 3];
const TARGET = -1;
const RATE = 0.01;

function chain(): Differentiable {
  const variables = WEIGHTS.map((weight) => tf.variable(tf.scalar(weight)));
  return {
    layers: variables.map((variable) => [variable]),
    states: [],
    loss: (x) => {
      const y = variables.reduce<tf.Tensor>((y, weight) => tf.mul(y, weight), x!);
      return tf.mean(tf.square(tf.sub(y, TARGET)));
    },
  };
}

function disposeOf({ layers, states }: Differentiable): void {
  tf.dispose([...layers.flat(), ...states]);
}

/** The gradient of the chain's loss, by hand: the slow, plain implementation. */
function chainGradient(weights: readonly number[]): number[] {
  const product = weights.reduce((a, b) => a * b);
  return weights.map((weight) =>
    X.reduce((sum, x) => sum + 2 * (product * x - TARGET) * x * product / weight, 0) / X.length
  );
}

testOnEveryBackend("a walk along the gradient is that of a plain implementation", async () => {
  const network = chain();
  const probe = new Probe(network);
  const x = tf.tensor1d(X);
  const lengths = [0.005, 0.01, 0.02];
  const walk = await walkAlongGradient(probe, lengths, x);
  const start = chainGradient(WEIGHTS);
  const norm = Math.hypot(...start);
  const changes = lengths.map((length) => {
    const there = chainGradient(WEIGHTS.map((weight, i) => weight - length * start[i]!));
    return Math.hypot(...there.map((each, i) => each - start[i]!));
  });
  lengths.forEach((length, i) => {
    const product = WEIGHTS.reduce((all, weight, i) => all * (weight - length * start[i]!), 1);
    const loss = X.reduce((sum, x) => sum + (product * x - TARGET) ** 2, 0) / X.length;
    assertAlmostEquals(walk.losses[i]!, loss, 1e-4 * loss);
    assertAlmostEquals(walk.gradientChanges[i]!, changes[i]!, 1e-4 * norm);
  });
  const smoothness = Math.max(...changes.map((change, i) => change / (lengths[i]! * norm)));
  assertAlmostEquals(walk.smoothness, smoothness, 1e-3 * smoothness);
  assertEquals(await weightsOf(network), WEIGHTS);
  probe.dispose();
  x.dispose();
  disposeOf(network);
});

testOnEveryBackend("covariate shift moves the layers before, and no other", async () => {
  const network = chain();
  const probe = new Probe(network);
  const x = tf.tensor1d(X);
  const shifts = await covariateShift(probe, RATE, x);
  const before = chainGradient(WEIGHTS);
  shifts.forEach(({ distance, cosine }, layer) => {
    const moved = WEIGHTS.map((weight, i) => i < layer ? weight - RATE * before[i]! : weight);
    const after = chainGradient(moved)[layer]!;
    assertAlmostEquals(distance, Math.abs(after - before[layer]!), 1e-4 * Math.abs(before[layer]!));
    assertAlmostEquals(cosine, Math.sign(after * before[layer]!), 1e-5);
  });
  assertEquals(shifts.length, 3);
  assertEquals(await weightsOf(network), WEIGHTS);
  probe.dispose();
  x.dispose();
  disposeOf(network);
});

testOnEveryBackend("a look leaves weights and running statistics as they were", async () => {
  const model = build({ norm: "batch", hidden: [8, 8] });
  const { images, labels } = batchOf(6);
  const kept = await read(model.getWeights());
  const probe = new Probe(classifierLoss(model));
  for (let i = 0; i < 4; i++) await walkAlongGradient(probe, [0.1], images, labels);
  assertEquals(await read(model.getWeights()), kept);
  const slope = probe.slope(images, labels);
  assertGreater((await slope.loss.data())[0]!, 0);
  disposeSlope(slope);
  probe.dispose();
  tf.dispose([images, labels]);
  model.dispose();
});

for (const norm of ["none", "batch", "weight"] as const) {
  testOnEveryBackend(`the weights of a net with ${norm} norm are taken layer by layer`, () => {
    const model = build({ norm, hidden: [8, 8] });
    const { layers } = classifierLoss(model);
    assertEquals(layers.length, 3);
    const sizes = layers.map((variables) => variables[0]!.shape);
    assertEquals(sizes, [[32, 8], [8, 8], [8, 3]]);
    model.dispose();
  });
}

async function weightsOf({ layers }: Differentiable): Promise<number[]> {
  return (await Promise.all(layers.flat().map((variable) => variable.data()))).flatMap((
    v,
  ) => [...v]);
}
