import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { testOn, testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { read } from "../norms/layers/layers_testing.ts";
import * as tf from "../norms/basics/tf.ts";
import type { Engine } from "./compile.ts";
import type { NormChoice } from "./description.ts";
import { kernelsOf } from "./initial_weights.ts";
import { testOnGraphs } from "./graph/graphs_testing.ts";
import { ADAM, batchOf, build, losses } from "./models_testing.ts";
import { NORM_SETTINGS } from "./norm_layer.ts";
import type { OptimizerOptions, OptimizerState } from "./optimizer.ts";
import { TrainingStep } from "./training_step.ts";

for (const architecture of ["mlp", "cnn"] as const) {
  for (const norm of ["none", "batch", "weight"] as const) {
    testOnEveryBackend(
      `training lowers the loss of a ${architecture} with ${norm} norm`,
      async () => {
        const model = build({ architecture, norm });
        const [first, ...rest] = await losses(model, 12);
        assertLess(rest.at(-1)!, 0.8 * first!);
      },
    );
  }
}

testOnEveryBackend("steps are those of model.trainOnBatch with tf.train.adam", async () => {
  for (const norm of ["none", "batch"] as const) {
    const model = build({ architecture: "cnn", norm });
    const theirs = build({ architecture: "cnn", norm });
    theirs.compile({
      optimizer: tf.train.adam(ADAM.learningRate),
      loss: (labels, logits) => tf.losses.softmaxCrossEntropy(labels, logits),
    });
    const { images, labels } = batchOf(6);
    const expected: number[] = [];
    for (let i = 0; i < 3; i++) {
      expected.push(await theirs.trainOnBatch(images, tf.oneHot(labels, 3)) as number);
    }
    const got = await losses(model, 3);
    got.forEach((loss, i) => assertAlmostEquals(loss, expected[i]!, 1e-4));
    const [ours, wanted] = [model, theirs].map((model) => read(model.getWeights()));
    (await ours!).forEach(async (weight, i) => {
      const expected = (await wanted!)[i]!;
      weight.forEach((value, j) => assertAlmostEquals(value, expected[j]!, 1e-3));
    });
  }
});

testOnEveryBackend("a step returns the loss and the right answers before its update", async () => {
  const model = build();
  const { images, labels } = batchOf(6);
  const logits = model.apply(images) as tf.Tensor;
  const [rows, classes] = [await logits.array() as number[][], await labels.array()];
  const right = rows.filter((row, i) => row.indexOf(Math.max(...row)) === classes[i]).length;
  const step = new TrainingStep(model, { optimizer: ADAM, l2: 0 });
  const { loss, correct } = step.run(images, labels);
  const [expected] = await read([
    tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 3), logits) as tf.Tensor,
  ]);
  assertEquals(await correct.array(), right);
  assertAlmostEquals((await loss.data())[0]!, expected![0]!, 1e-5);
});

/** Weights before one step of SGD with rate 1, less those after: the gradient. */
async function gradients(norm: "none" | "batch" | "weight", l2: number) {
  const model = build({ norm });
  const before = await read(model.getWeights(true));
  await losses(model, 1, { optimizer: { name: "sgd", learningRate: 1 }, l2 } as never);
  const after = await read(model.getWeights(true));
  const penalized = kernelsOf(model).map(({ kernel, length }) => (length ?? kernel).name);
  return model.trainableWeights.map(({ name }, i) => ({
    before: before[i]!,
    gradient: before[i]!.map((value, j) => value - after[i]![j]!),
    penalized: penalized.includes(name),
  }));
}

for (const norm of ["none", "batch", "weight"] as const) {
  testOnEveryBackend(`L2 adds l2 W to the gradient of kernels alone: ${norm}`, async () => {
    const l2 = 0.25;
    const plain = await gradients(norm, 0);
    const regularized = await gradients(norm, l2);
    assertEquals(plain.filter(({ penalized }) => penalized).length, 2);
    plain.forEach(({ before, gradient, penalized }, i) =>
      gradient.forEach((value, j) => {
        const expected = value + (penalized ? l2 * before[j]! : 0);
        assertAlmostEquals(regularized[i]!.gradient[j]!, expected, 1e-6);
      })
    );
  });
}

testOnEveryBackend("training continues from weights and state without a difference", async () => {
  const { images, labels } = batchOf(6);
  const options = { optimizer: ADAM, l2: 0.01 };
  const whole = build({ norm: "batch" });
  const steps = new TrainingStep(whole, options);
  for (let i = 0; i < 4; i++) steps.run(images, labels);

  const first = build({ norm: "batch" });
  const half = new TrainingStep(first, options);
  for (let i = 0; i < 2; i++) half.run(images, labels);
  const second = build({ norm: "batch" }, 9);
  second.setWeights(first.getWeights());
  const rest = new TrainingStep(second, options);
  rest.restore(await half.state());
  for (let i = 0; i < 2; i++) rest.run(images, labels);

  assertEquals(await read(second.getWeights()), await read(whole.getWeights()));
});

testOnEveryBackend("a step continues from weights that were set from outside", async () => {
  const [a, b] = [build({}, 1), build({}, 2)];
  const { images, labels } = batchOf(6);
  const step = new TrainingStep(a, { optimizer: { name: "sgd", learningRate: 0.1 }, l2: 0 });
  tf.dispose([step.run(images, labels)] as never);
  a.setWeights(b.getWeights());
  assertEquals(await losses(a, 2), await losses(b, 2));
});

testOnEveryBackend(
  "a diverging network gives a loss of NaN, and no exception",
  async () => {
    const model = build({ activation: "relu", weightScale: 1 });
    const results = await losses(
      model,
      8,
      { optimizer: { name: "sgd", learningRate: 1e30 } } as never,
    );
    assert(!Number.isFinite(results.at(-1)), results.join());
  },
);

testOnEveryBackend("a step leaves two scalars and takes them with tidy, dispose the rest", () => {
  const { images, labels } = batchOf(6);
  const model = build({ norm: "batch" });
  const before = tf.memory().numTensors;
  const step = new TrainingStep(model, { optimizer: ADAM, l2: 0.1 });
  const result = step.run(images, labels);
  const during = tf.memory().numTensors;
  tf.dispose([result.loss, result.correct]);
  assertEquals(tf.memory().numTensors, during - 2);
  tf.tidy(() => void step.run(images, labels));
  assertEquals(tf.memory().numTensors, during - 2);
  step.dispose();
  assertEquals(tf.memory().numTensors, before);
});

/** Runs `f`, and counts the operations that native TensorFlow executes for it. */
function countOperations(f: () => void): number {
  type Execute = (...args: unknown[]) => unknown;
  const backend = tf.backend() as unknown as Record<string, Execute>;
  const names = ["executeSingleOutput", "executeMultipleOutputs"];
  let count = 0;
  for (const name of names) {
    const execute = backend[name]!.bind(backend);
    backend[name] = (...args) => {
      count++;
      return execute(...args);
    };
  }
  try {
    f();
  } finally {
    // What is left is that of the class.
    names.forEach((name) => delete backend[name]);
  }
  return count;
}

for (const [architecture, most] of [["mlp", 46], ["cnn", 51]] as const) {
  testOn("tensorflow", `a step of the ${architecture} takes at most ${most} operations`, () => {
    const step = new TrainingStep(build({ architecture, hidden: [4, 3] }), {
      optimizer: ADAM,
      l2: 0,
      engine: "eager",
    });
    const { images, labels } = batchOf(6);
    const run = () => tf.tidy(() => void step.run(images, labels));
    // What is called for the first time looks for its kernels.
    run();
    assert(countOperations(run) <= most, `${countOperations(run)} operations`);
    step.dispose();
  });
}

const RULES = ["sgd", "momentum", "adam"] as const;

/** Every norm that fits into the small network. */
const NORMS_OF = {
  mlp: ["none", "batch", "layer", "weight", "group", "rms", "lp"],
  cnn: ["none", "batch", "layer", "weight", "group", "instance", "rms", "lp"],
} as const;

/** Losses, right answers, weights and moments of 20 steps, with a batch of another size among them. */
async function twentySteps(
  network: keyof typeof NORMS_OF,
  norm: NormChoice,
  name: OptimizerOptions["name"],
  engine: Engine,
  sizes: readonly number[] = [6, 6, 6, 4],
) {
  const model = build({ architecture: network, norm }, 1, { ...NORM_SETTINGS, engine });
  const options = { optimizer: { name, learningRate: 0.01 }, l2: 0.01, engine };
  const step = new TrainingStep(model, options);
  const results: tf.Tensor[] = [];
  for (let i = 0; i < 20; i++) {
    const { images, labels } = batchOf(sizes[i % sizes.length]!, i);
    const { loss, correct } = step.run(images, labels);
    results.push(loss, correct);
  }
  const { moments } = await step.state();
  const values = await read([...results, ...model.getWeights()]);
  const { mode, reason } = step;
  step.dispose();
  model.dispose();
  return {
    mode,
    reason,
    figures: { values, moments },
    losses: results.flatMap((_, i) => i % 2 === 0 ? [...values[i]!] : []),
  };
}

for (const network of ["mlp", "cnn"] as const) {
  testOnGraphs(
    `20 steps of the ${network} with any norm and rule are the same as a graph`,
    async () => {
      for (const norm of NORMS_OF[network]) {
        for (const rule of RULES) {
          const [graph, eager] = [
            await twentySteps(network, norm, rule, "graph"),
            await twentySteps(network, norm, rule, "eager"),
          ];
          assertEquals([graph.mode, eager.mode], ["graph", "eager"]);
          // To the last bit: the graph runs the same kernels on the same numbers.
          assertEquals(graph.figures, eager.figures, `${norm}, ${rule}`);
        }
      }
    },
  );
}

// XLA takes a second or two to compile each, so that norms take turns with the rules.
testOnGraphs(
  "20 steps of the mlp with any norm, and with any rule, are nearly those of XLA",
  async () => {
    for (const [i, norm] of NORMS_OF.mlp.entries()) {
      const rule = RULES[i % RULES.length]!;
      const [xla, eager] = [
        await twentySteps("mlp", norm, rule, "xla", [6]),
        await twentySteps("mlp", norm, rule, "eager", [6]),
      ];
      assertEquals([xla.mode, xla.reason], ["xla", undefined]);
      // XLA rounds in other places; every update carries that on.
      xla.losses.forEach((loss, k) => {
        const expected = eager.losses[k]!;
        assertAlmostEquals(loss, expected, (4 + k) * 2 ** -23 * expected, `${norm}, ${rule}`);
      });
    }
  },
);

testOnGraphs("training continues from another step's weights, as a graph or not", async () => {
  const { images, labels } = batchOf(6);
  const train = async (engines: readonly Engine[]) => {
    let model = build({ norm: "batch" });
    let state: OptimizerState | undefined;
    for (const engine of engines) {
      const weights = model.getWeights();
      model = build({ norm: "batch" }, 9);
      model.setWeights(weights);
      const step = new TrainingStep(model, { optimizer: ADAM, l2: 0.01, engine });
      if (state !== undefined) step.restore(state);
      for (let i = 0; i < 5; i++) tf.tidy(() => void step.run(images, labels));
      state = await step.state();
      step.dispose();
    }
    return [state!.step, state!.moments, await read(model.getWeights())];
  };
  const eager = await train(["eager", "eager", "eager"]);
  assertEquals(await train(["graph", "eager", "graph"]), eager);
  assertEquals(await train(["graph", "graph", "graph"]), eager);
});

Deno.test("a senseless L2 factor is refused", () => {
  const model = build();
  for (const l2 of [-1, NaN, Infinity]) {
    const refused = () => new TrainingStep(model, { optimizer: ADAM, l2 });
    assertStringIncludes(assertThrows(refused, RangeError).message, `L2 factor ${l2}`);
  }
});
