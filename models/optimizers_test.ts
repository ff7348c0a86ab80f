import { assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { read, wavesOf } from "../norms/layers/layers_testing.ts";
import * as tf from "../norms/basics/tf.ts";
import { makeOptimizer } from "./optimizers.ts";
import type { Optimizer, OptimizerOptions } from "./optimizer.ts";

const STEPS = 5;
const RATE = 0.05;
const SHAPES = [[2, 3], [4]] as const;

/** Two variables; the same values at every call. */
function makeVariables(): tf.Variable[] {
  return SHAPES.map((shape, i) => tf.variable(wavesOf(shape, 7 + i)));
}

/** Gradients of very different sizes, so that Adam's epsilon counts for some. */
function gradientsOf(step: number): tf.Tensor[] {
  return SHAPES.map((shape, i) => tf.mul(wavesOf(shape, step), 10 ** (3 - 4 * ((step + i) % 4))));
}

/** Makes the steps from `from` up to, not including, `to`. */
function train(optimizer: Optimizer, from = 0, to = STEPS): void {
  for (let step = from; step < to; step++) tf.tidy(() => optimizer.update(gradientsOf(step)));
}

const THEIRS: Readonly<Record<OptimizerOptions["name"], () => tf.Optimizer>> = {
  adam: () => tf.train.adam(RATE, 0.9, 0.999, 1e-8),
  sgd: () => tf.train.sgd(RATE),
  momentum: () => tf.train.momentum(RATE, 0.9),
};

/** Compares values, relative to the larger of 1 and the expected one. */
function assertClose(
  got: readonly Float32Array[],
  expected: readonly ArrayLike<number>[],
  tolerance: number,
): void {
  got.forEach((values, i) =>
    values.forEach((value, j) => {
      const other = expected[i]![j]!;
      assertAlmostEquals(value, other, tolerance * Math.max(1, Math.abs(other)));
    })
  );
}

for (const name of ["adam", "sgd", "momentum"] as const) {
  const options = { name, learningRate: RATE };

  testOnEveryBackend(`${name} steps as tf.train.${name} does`, async () => {
    const [ours, theirs] = [makeVariables(), makeVariables()];
    train(makeOptimizer(options, ours));
    const optimizer = THEIRS[name]();
    for (let step = 0; step < STEPS; step++) {
      const gradients = gradientsOf(step).map((gradient, i) => [theirs[i]!.name, gradient]);
      optimizer.applyGradients(Object.fromEntries(gradients));
    }
    assertClose(await read(ours), await read(theirs), 1e-5);
  });

  testOnEveryBackend(`${name} continues from its state without a difference`, async () => {
    const [expected, got] = [makeVariables(), makeVariables()];
    train(makeOptimizer(options, expected));
    const first = makeOptimizer(options, got);
    train(first, 0, 2);
    const state = structuredClone(await first.state());
    first.dispose();
    const second = makeOptimizer(options, got);
    second.restore(state);
    train(second, 2);
    assertEquals(await read(got), await read(expected));
    assertEquals((await second.state()).step, STEPS);
  });

  testOnEveryBackend(`${name} leaks no tensors`, async () => {
    const variables = makeVariables();
    const before = tf.memory().numTensors;
    const optimizer = makeOptimizer(options, variables);
    const held = tf.memory().numTensors;
    train(optimizer, 0, 3);
    optimizer.restore(await optimizer.state());
    assertEquals(tf.memory().numTensors, held);
    optimizer.dispose();
    assertEquals(tf.memory().numTensors, before);
  });
}

testOnEveryBackend("Adam is the paper's, in float64", async () => {
  const variables = makeVariables();
  const expected = (await read(variables)).map((values) => Float64Array.from(values));
  train(makeOptimizer({ name: "adam", learningRate: RATE }, variables));
  const gradients = await Promise.all(
    Array.from({ length: STEPS }, (_, step) => read(gradientsOf(step))),
  );
  expected.forEach((parameters, i) =>
    parameters.forEach((_, j) => {
      let [m, v] = [0, 0];
      gradients.forEach((gradient, t) => {
        const g = gradient[i]![j]!;
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g ** 2;
        const [mhat, vhat] = [m / (1 - 0.9 ** (t + 1)), v / (1 - 0.999 ** (t + 1))];
        parameters[j]! -= RATE * mhat / (Math.sqrt(vhat) + 1e-8);
      });
    })
  );
  // 0.999 as float32 has it is 1.3e-8 larger, which is 1.3e-5 of what 1 - 0.999 is.
  assertClose(await read(variables), expected, 3e-6);
});

testOnEveryBackend("Adam's first step has the length of the learning rate", async () => {
  const variable = tf.variable(tf.zeros([3]));
  makeOptimizer({ name: "adam", learningRate: 1 }, [variable])
    .update([tf.tensor1d([1e-8, 1e-3, -1e3])]);
  // The first gradient is as large as epsilon, which halves its step.
  assertClose(await read([variable]), [[-0.5, -1 + 1e-5, 1]], 1e-6);
});

testOnEveryBackend("a state holds the moments of one variable after the other", async () => {
  const gradients = await read(gradientsOf(0));
  const momentsOf = async (name: OptimizerOptions["name"]) => {
    const optimizer = makeOptimizer({ name, learningRate: RATE }, makeVariables());
    train(optimizer, 0, 1);
    return (await optimizer.state()).moments;
  };
  assertEquals(await momentsOf("sgd"), []);
  assertEquals(await momentsOf("momentum"), gradients);
  const expected = gradients.flatMap((g) => [g.map((g) => 0.1 * g), g.map((g) => 0.001 * g * g)]);
  assertClose(await momentsOf("adam"), expected, 2e-5);
});

testOnEveryBackend("the state of another optimizer or network is refused", async () => {
  const state = await makeOptimizer({ name: "adam", learningRate: RATE }, makeVariables()).state();
  const others = [
    makeOptimizer({ name: "sgd", learningRate: RATE }, makeVariables()),
    makeOptimizer({ name: "adam", learningRate: RATE }, makeVariables().slice(1)),
  ];
  for (const other of others) {
    const { message } = assertThrows(() => other.restore(state), RangeError);
    assertStringIncludes(message, "[6, 6, 4, 4]");
  }
});

Deno.test("unknown optimizers and senseless learning rates are refused", () => {
  const refuse = (options: unknown, message: string) =>
    assertStringIncludes(
      assertThrows(() => makeOptimizer(options as OptimizerOptions, []), RangeError).message,
      message,
    );
  refuse({ name: "adagrad", learningRate: 1 }, 'no optimizer "adagrad": choose one of adam, sgd');
  refuse({ name: "toString", learningRate: 1 }, "no optimizer");
  for (const learningRate of [0, -1, NaN, Infinity]) {
    refuse({ name: "sgd", learningRate }, "is not a positive number");
  }
});
