import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { RandomState } from "../../fixtures/numpy_random.ts";
import * as tf from "../../norms/basics/tf.ts";
import { testOn, testOnEveryBackend } from "../backend/backends_testing.ts";
import recording from "./training_recording.json" with { type: "json" };
import { prepareImages } from "./images.ts";
import { PUBLISHED } from "./published.ts";
import type { NotebookRunRecord } from "./record.ts";
import { fewImages, notebookRun, recordedImages } from "./records_testing.ts";
import { DEEP_ROUND, type Drawn, drawRounds, trainingPrintouts, trainNetwork } from "./training.ts";

Deno.test("draws come in the notebook's order: both networks' weights, then both networks' batches", () => {
  const [first, second] = [
    ...drawRounds(220, [DEEP_ROUND], { features: 3, train: { count: 1000 } }),
  ];
  const random = new RandomState(220);
  for (const { draws } of [first!, second!]) {
    assertEquals(draws.kernels[0], Float32Array.from(random.randn(3, 100), (z) => 2e-2 * z));
    random.randn(4 * 100 * 100 + 100 * 10);
  }
  const batches = Array.from({ length: 400 }, () => random.choice(1000, 50));
  assertEquals(first!.draws.batches, batches.slice(0, 200));
  assertEquals(second!.draws.batches, batches.slice(200));
});

Deno.test("the images are those of the recording", () => {
  const { train, validation } = recordedImages();
  assertEquals([train.x[0], train.x.at(-1), validation.x.at(-1)], recording.centred);
});

/** What rounding may do to a loss within twenty steps; a wrong formula does more in two. */
const TOLERANCE = 1e-4;

testOnEveryBackend("an epoch of the deep network goes as it does in NumPy", async () => {
  const data = recordedImages();
  const { seeds, images, runs } = recording;
  for (const { training, draws } of drawRounds(seeds.training, [DEEP_ROUND], data)) {
    const { losses, accuracies } = await trainNetwork(training, draws, data, 1);
    const expected = runs[training.network as keyof typeof runs];
    assertEquals(losses.length, expected.losses.length);
    losses.forEach((loss, i) =>
      assertAlmostEquals(loss, expected.losses[i]!, TOLERANCE, `step ${i}`)
    );
    assertEquals(accuracies.map(({ epoch }) => epoch), [0, 1]);
    accuracies.forEach(({ train, validation }, i) => {
      const [recordedTrain, recordedValidation] = expected.accuracies[i]!;
      // One image may be on the edge between two classes.
      assertAlmostEquals(train, recordedTrain!, 1.01 / images.train);
      assertAlmostEquals(validation, recordedValidation!, 1.01 / images.validation);
    });
  }
});

testOn("cpu", "a run disposes of its tensors", async () => {
  const data = fewImages();
  const [{ training, draws }] = [...drawRounds(1, [DEEP_ROUND], data)] as [Drawn];
  const before = tf.memory().numTensors;
  await trainNetwork(training, draws, data, 1);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("the mean of the population is subtracted from the images, whose order stays", () => {
  const images = {
    pixels: Uint8Array.of(0, 10, 4, 30, 100, 200),
    labels: Uint8Array.of(3, 1, 2),
    count: 3,
  };
  const data = prepareImages(images, { population: 2, train: 1, validation: 1 });
  assertEquals(data.features, 2);
  assertEquals(data.train, { x: Float32Array.of(-2, -10), labels: Uint8Array.of(3), count: 1 });
  assertEquals(data.validation, {
    x: Float32Array.of(98, 180),
    labels: Uint8Array.of(2),
    count: 1,
  });
  assert(data.raw.shape[0] <= 1);
});

function run(seed: number, accuracy: number): NotebookRunRecord {
  return notebookRun(seed, {
    losses: Array.from({ length: 200 }, (_, i) => 2 - i / 1000),
    accuracies: Array.from({ length: 11 }, (_, epoch) => ({
      epoch,
      train: epoch === 10 ? accuracy : epoch / 100,
      validation: accuracy / 2,
    })),
  });
}

const valuesOf = (runs: NotebookRunRecord[]) =>
  new Map(trainingPrintouts(runs).map(({ name, values }) => [name, values]));

Deno.test("the run of the notebook's seed gives every printed loss and accuracy of its network", () => {
  const printouts = valuesOf([run(220, 0.7)]);
  const printed = Object.keys(PUBLISHED["N7"]!).filter((name) => name.endsWith("plain"));
  assertEquals(printed.filter((name) => !printouts.has(name)), []);
  assertEquals(printouts.get("loss at iteration 21, plain"), [2 - 20 / 1000]);
  assertEquals(printouts.get("training accuracy at epoch 3, plain"), [0.03]);
});

Deno.test("runs from other seeds give no printouts", () => {
  assertEquals(valuesOf([run(221, 0.9)]).size, 0);
});
