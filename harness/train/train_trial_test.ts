import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { SCHEMA } from "../run/record.ts";
import type { EpochRecord, TrialRecord } from "./record.ts";
import { TrainingStep } from "../../models/training_step.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import * as tf from "../../norms/basics/tf.ts";
import type { Engine } from "../../models/compile.ts";
import { testOnGraphs } from "../../models/graph/graphs_testing.ts";
import { testOn, testOnEveryBackend } from "../backend/backends_testing.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { SMALL_IMAGES, SMALL_TRIAL } from "./train_testing.ts";
import { trainTrial } from "./train_trial.ts";
import type { Trial } from "./trials.ts";

interface Run {
  readonly result: TrialRecord;
  readonly epochs: EpochRecord[];
  readonly checkpoints: Checkpoint[];
}

async function run(trial: Trial, from?: Checkpoint, engine?: Engine): Promise<Run> {
  const epochs: EpochRecord[] = [];
  const checkpoints: Checkpoint[] = [];
  const result = await trainTrial(trial, SMALL_IMAGES, {
    backend: "here",
    from,
    ...(engine === undefined ? {} : { engine }),
    onEpoch: (record) => epochs.push(record),
    save: (checkpoint) => checkpoints.push(checkpoint),
  });
  return { result, epochs, checkpoints };
}

/** Everything but the measurements. */
const figures = (record: EpochRecord | TrialRecord) => ({ ...record, imagesPerSecond: 0 });

testOnEveryBackend(
  "a trial is judged after every epoch, and tested at the end",
  async () => {
    const { result, epochs } = await run(SMALL_TRIAL);
    assertEquals(epochs.map(({ epoch }) => epoch), [1, 2, 3, 4]);
    for (const { kind, schema, backend, trial, train, validation, imagesPerSecond } of epochs) {
      assertEquals([kind, schema, backend, trial], ["epoch", SCHEMA, "here", SMALL_TRIAL.id]);
      assert([train, validation].every(({ accuracy }) => accuracy >= 0 && accuracy <= 1));
      assertGreater(imagesPerSecond, 0);
    }
    assertGreater(epochs[0]!.train.loss, epochs[3]!.train.loss);
    assertGreater(result.test.accuracy, 0.5, "chance is a third");
    assertEquals([result.outcome, result.lastEpoch], ["finished", 4]);
    // Kernel, gamma and beta of the hidden layer; kernel and bias of the last.
    assertEquals(result.parameters, 16 * 8 + 8 + 8 + 8 * 3 + 3);
  },
);

testOnEveryBackend("a trial that was cut off continues to the same figures", async () => {
  const trial: Trial = { ...SMALL_TRIAL, epochs: 3 };
  const whole = await run(trial);
  const rest = await run(trial, whole.checkpoints[0]);
  assertEquals(rest.epochs.map(figures), whole.epochs.slice(1).map(figures));
  assertEquals(figures(rest.result), figures(whole.result));
  assertEquals(rest.result.imagesPerSecond > 0, true);
});

testOnGraphs("steps as a graph or not make the same records, but for the speed", async () => {
  for (const norm of ["none", "batch"] as const) {
    const trial: Trial = { ...SMALL_TRIAL, model: { ...SMALL_TRIAL.model, norm } };
    const [graph, eager] = [await run(trial), await run(trial, undefined, "eager")];
    assertEquals([graph.result.steps, eager.result.steps], ["graph", "eager"]);
    assertEquals(graph.epochs.map(figures), eager.epochs.map(figures));
    assertEquals(figures({ ...graph.result, steps: "eager" }), figures(eager.result));
    const mixed = await run(trial, graph.checkpoints[1], "eager");
    assertEquals(mixed.epochs.map(figures), eager.epochs.slice(2).map(figures));
  }
});

testOnGraphs(
  "XLA runs dense networks, twice to the same figures, and others as graphs",
  async () => {
    const trial = (changes: Partial<Trial["model"]>): Trial => ({
      ...SMALL_TRIAL,
      model: { ...SMALL_TRIAL.model, norm: "layer", ...changes },
    });
    const [graph, ...xla] = [
      await run(trial({})),
      await run(trial({}), undefined, "xla"),
      await run(trial({}), undefined, "xla"),
    ];
    assertEquals(xla.map(({ result }) => [result.steps, result.implementation]), [
      ["xla", "analytic"],
      ["xla", "analytic"],
    ]);
    assertEquals(xla[0]!.epochs.map(figures), xla[1]!.epochs.map(figures));
    xla[0]!.epochs.forEach(({ train }, i) =>
      assertAlmostEquals(train.loss, graph!.epochs[i]!.train.loss, 1e-4)
    );
    const cnn = await run(trial({ architecture: "cnn" }), undefined, "xla");
    assertEquals([cnn.result.steps, cnn.result.implementation], [
      "graph",
      graph!.result.implementation,
    ]);
  },
);

testOn(
  "wasm",
  "a cut changes nothing with any optimizer, nor with weights set from the data",
  async () => {
    for (const name of ["sgd", "momentum", "adam"] as const) {
      const trial: Trial = {
        ...SMALL_TRIAL,
        epochs: 2,
        optimizer: { name, learningRate: 0.01 },
        model: { ...SMALL_TRIAL.model, norm: "weight", dataDependentInitialization: true },
      };
      const whole = await run(trial);
      const rest = await run(trial, whole.checkpoints[0]);
      assertEquals(rest.epochs.map(figures), whole.epochs.slice(1).map(figures), name);
      assertEquals(figures(rest.result), figures(whole.result), name);
    }
  },
);

testOn("wasm", "equal seeds give equal records, other seeds others", async () => {
  const [first, second] = [await run(SMALL_TRIAL), await run(SMALL_TRIAL)];
  assertEquals(second.epochs.map(figures), first.epochs.map(figures));
  const other = await run({ ...SMALL_TRIAL, seed: 6 });
  assertNotEquals(other.epochs.map(figures), first.epochs.map(figures));
});

testOn("wasm", "the final loss is the mean of the last 100 steps, across epochs", async () => {
  // 6 steps an epoch: 20 epochs have 120.
  const { result, epochs, checkpoints } = await run({ ...SMALL_TRIAL, epochs: 20 });
  const losses = checkpoints.at(-1)!.losses;
  assertEquals(losses.length, 100);
  assertAlmostEquals(result.finalLoss, losses.reduce((a, b) => a + b) / 100, 1e-12);
  const lastEpoch = losses.slice(-6).reduce((a, b) => a + b) / 6;
  assertAlmostEquals(epochs.at(-1)!.train.loss, lastEpoch, 1e-12);
});

testOn("wasm", "a trial whose loss is NaN ends as diverged", async () => {
  const trial: Trial = {
    ...SMALL_TRIAL,
    model: { ...SMALL_TRIAL.model, norm: "none" },
    optimizer: { name: "sgd", learningRate: 1e30 },
  };
  const { result, epochs, checkpoints } = await run(trial);
  assertEquals([result.outcome, result.lastEpoch], ["diverged", 1]);
  assertEquals(result.test, { loss: NaN, accuracy: NaN });
  assertEquals(epochs.length, 1);
  assertEquals(Number.isFinite(epochs[0]!.train.loss), false);
  assertEquals(checkpoints, [], "nothing to continue from");
});

testOn("wasm", "weight norm starts from the first batch only if asked to", async () => {
  const first = async (dataDependentInitialization: boolean) => {
    const model = { ...SMALL_TRIAL.model, norm: "weight", dataDependentInitialization } as const;
    return (await run({ ...SMALL_TRIAL, model, epochs: 1 })).epochs.map(figures);
  };
  assertNotEquals(await first(true), await first(false));
});

testOn("wasm", "a trial leaks no tensors", async () => {
  const before = tf.memory().numTensors;
  await run(SMALL_TRIAL);
  assertEquals(tf.memory().numTensors, before);
});

testOn("wasm", "an epoch that leaks tensors is an error", async () => {
  const { run: step } = TrainingStep.prototype;
  TrainingStep.prototype.run = function (...batch) {
    tf.keep(tf.scalar(1));
    return step.apply(this, batch);
  };
  try {
    await assertRejects(() => run(SMALL_TRIAL), Error, "leaks 6 tensors");
  } finally {
    TrainingStep.prototype.run = step;
  }
});

testOn("wasm", "more images than there are is a usage error", async () => {
  const trial: Trial = { ...SMALL_TRIAL, data: { ...SMALL_TRIAL.data, train: 60 } };
  await assertRejects(() => run(trial), UsageError, "rows has 70 training images");
});
