import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { memory } from "../../norms/basics/tf.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import type { EpochRecord } from "./record.ts";
import { SMALL_IMAGES, SMALL_TRIAL } from "./train_testing.ts";
import { train, type TrainOptions } from "./train.ts";

const IMAGES = { ...SMALL_IMAGES, name: "rows" };
const MODEL = SMALL_TRIAL.model;

const run = (options: TrainOptions = {}) =>
  train(MODEL, IMAGES, { backend: "cpu", batchSize: 9, ...options });

Deno.test("train returns the records of one trial", async () => {
  const seen: EpochRecord[] = [];
  const { trial, epochs, records } = await run({ onEpoch: (record) => seen.push(record) });
  assertEquals(epochs.map(({ epoch }) => epoch), [1, 2, 3, 4, 5]);
  assertEquals(seen, epochs);
  assertEquals(records.map(({ kind }) => kind), [
    "header",
    ...epochs.map(({ kind }) => kind),
    "trial",
  ]);
  assertEquals(trial.trial.data, { name: "rows", train: 63, validation: 7, test: 20 });
  assertEquals([trial.trial.batchSize, trial.trial.epochs, trial.trial.seed], [9, 5, 0]);
  assertGreater(epochs[0]!.train.loss, epochs[4]!.train.loss);
});

Deno.test("train takes seed, sizes and optimizer", async () => {
  const { trial } = await run({
    ...{ seed: 3, epochs: 1, train: 30, validation: 20, test: 10 },
    optimizer: { name: "sgd", learningRate: 0.1 },
  });
  assertEquals(trial.trial.data, { name: "rows", train: 30, validation: 20, test: 10 });
  assertEquals([trial.trial.seed, trial.trial.optimizer.name], [3, "sgd"]);
  assertEquals(trial.trial.id, "custom/mlp/batch/3");
});

Deno.test("train refuses what cannot be trained", async () => {
  await assertRejects(
    () => run({ batchSize: 64 }),
    UsageError,
    "batch of 64 is larger than the 63",
  );
  await assertRejects(() => run({ epochs: 0 }), RangeError, "epochs 0");
  await assertRejects(() => run({ batchSize: 1.5 }), RangeError, "batchSize 1.5");
  await assertRejects(() => run({ train: 70 }), UsageError, "rows has 70 training images");
  await assertRejects(() => run({ backend: "cpu,wasm" }), UsageError, "one backend");
  await assertRejects(() => run({ seed: NaN }), RangeError, "seed NaN");
  await assertRejects(
    () => run({ epoch: 3 } as TrainOptions),
    TypeError,
    'train() has no option "epoch": it takes seed, optimizer, batchSize, epochs',
  );
  const optimizer = { name: "sgd", learningRate: 0 } as const;
  await assertRejects(() => run({ optimizer }), RangeError, "learningRate 0");
});

Deno.test("train refuses a network that memory cannot hold before it is built", async () => {
  const before = memory().numTensors;
  for (const backend of ["cpu", "wasm"]) {
    await assertRejects(
      () => train({ ...MODEL, hidden: [1e6, 1e6] }, IMAGES, { backend, batchSize: 9 }),
      RangeError,
      "custom/mlp/batch/0 with 1000000, 1000000 hidden units and batches of 9 does not fit in memory",
    );
  }
  assertEquals(memory().numTensors, before);
});

Deno.test("concurrent calls train as one after the other", async () => {
  const learned = async (options: TrainOptions) => {
    const { trial, epochs } = await run({ epochs: 2, ...options });
    return [trial.backend, trial.test, epochs.map(({ train, validation }) => [train, validation])];
  };
  const trials = [{ seed: 1 }, { seed: 2, backend: "wasm" }, { seed: 1 }];
  const alone = [];
  for (const options of trials) alone.push(await learned(options));
  assertEquals(await Promise.all(trials.map(learned)), alone);
});

const WRONG: readonly (readonly [about: string, model: object, images: object])[] = [
  ['architecture "transformer"', { architecture: "transformer" }, {}],
  ['activation "tanh"', { activation: "tanh" }, {}],
  ['placement "around"', { placement: "around" }, {}],
  ["label 2 of the train images is out of range", {}, { classes: ["top", "middle"] }],
  ["of shape [4, 5, 1]", {}, { shape: [4, 5, 1] }],
];

for (const [about, model, images] of WRONG) {
  Deno.test(`train refuses ${about}`, async () => {
    const training = train(
      { ...MODEL, ...model } as typeof MODEL,
      { ...IMAGES, ...images } as typeof IMAGES,
      { backend: "cpu", batchSize: 9 },
    );
    await assertRejects(() => training, RangeError, about);
  });
}

Deno.test("train refuses sizes that are no whole numbers, and a backend that is no name", async () => {
  const training = (options: object) =>
    train(MODEL, IMAGES, { backend: "cpu", batchSize: 9, ...options });
  for (const name of ["train", "validation", "test"]) {
    for (const size of [[1, 1], 0.5, -1, "x", NaN]) {
      const message = `${name} ${size} is not a whole number of images`;
      await assertRejects(() => training({ [name]: size }), RangeError, message);
    }
  }
  for (const [backend, kind] of [[null, "null"], [3, "a number"]]) {
    await assertRejects(
      () => training({ backend }),
      TypeError,
      `the backend is ${kind}: give a name`,
    );
  }
});
