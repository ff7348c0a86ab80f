import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { RandomState } from "../../fixtures/numpy_random.ts";
import * as tf from "../../norms/basics/tf.ts";
import { testOn, testOnEveryBackend } from "../backend/backends_testing.ts";
import recording from "./training_recording.json" with { type: "json" };
import { SCHEMA } from "../run/record.ts";
import { type NotebookImages, prepareImages } from "./images.ts";
import { PUBLISHED } from "./published.ts";
import type { NotebookRunRecord } from "./record.ts";
import { drawAll, trainingPrintouts, trainNetwork } from "./training.ts";

/** The images of the recording. */
function recordedImages(): NotebookImages {
  const { population, train, validation, features } = recording.images;
  const random = new RandomState(recording.seeds.data);
  const count = population + validation;
  const pixels = Uint8Array.from(random.randint(0, 256, count * features));
  const labels = Uint8Array.from(random.randint(0, 10, count));
  return prepareImages({ pixels, labels, count }, { population, train, validation });
}

Deno.test("draws come in the notebook's order: both networks' weights, then both networks' batches", () => {
  const draws = drawAll(220, 3, 1000);
  const random = new RandomState(220);
  const first = random.randn(3, 100);
  assertEquals(
    draws["batch norm"].kernels[0],
    Float32Array.from(first, (z) => 2e-2 * z),
  );
  random.randn(4 * 100 * 100 + 100 * 10);
  assertEquals(
    draws.plain.kernels[0],
    Float32Array.from(random.randn(3, 100), (z) => 2e-2 * z),
  );
  random.randn(4 * 100 * 100 + 100 * 10);
  const batches = Array.from({ length: 400 }, () => random.choice(1000, 50));
  assertEquals(draws["batch norm"].batches, batches.slice(0, 200));
  assertEquals(draws.plain.batches, batches.slice(200));
});

/** What rounding may do to a loss within twenty steps; a wrong formula does more in two. */
const TOLERANCE = 1e-4;

for (const network of ["batch norm", "plain"] as const) {
  testOnEveryBackend(`${network}: an epoch goes as it does in NumPy`, async () => {
    const data = recordedImages();
    const { seeds, images, runs } = recording;
    const draws = drawAll(seeds.training, images.features, images.train)[network];
    const { losses, accuracies } = await trainNetwork(network, draws, data, 1);
    const expected = runs[network];
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
  });
}

testOn("cpu", "a run disposes of its tensors", async () => {
  const data = recordedImages();
  const draws = drawAll(1, data.features, data.train.count).plain;
  const before = tf.memory().numTensors;
  await trainNetwork("plain", draws, data, 1);
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

function run(seed: number, accuracy: number, epochs = 10): NotebookRunRecord {
  return {
    kind: "notebook-run",
    schema: SCHEMA,
    backend: "wasm",
    network: "plain",
    seed,
    losses: Array.from({ length: 20 * epochs }, (_, i) => 2 - i / 1000),
    accuracies: Array.from({ length: epochs + 1 }, (_, epoch) => ({
      epoch,
      train: epoch === epochs ? accuracy : epoch / 100,
      validation: accuracy / 2,
    })),
  };
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
