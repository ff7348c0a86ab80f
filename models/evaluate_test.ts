import { assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { read } from "../norms/layers/layers_testing.ts";
import * as tf from "../norms/basics/tf.ts";
import { testOnGraphs } from "./graph/graphs_testing.ts";
import { evaluate, Evaluator } from "./evaluate.ts";
import { compile } from "./compile.ts";
import { ADAM, batchOf, build, CLASSES, losses } from "./models_testing.ts";
import { TrainingStep } from "./training_step.ts";
import { populationStatistics } from "../norms/basics/population_statistics.ts";

const COUNT = 7;

function problem() {
  const { images, labels } = batchOf(COUNT, 3);
  return {
    all: images,
    labels,
    bytes: Uint8Array.from({ length: COUNT }, (_, i) => i % CLASSES),
    images: (from: number, to: number) => tf.slice(images, [from], [to - from]),
  };
}

testOnEveryBackend("loss and accuracy are means over all images, whatever the batch", async () => {
  const model = build({ norm: "batch" });
  await losses(model, 2);
  const { all, labels, bytes, images } = problem();
  const logits = model.predict(all) as tf.Tensor;
  const [expected] = await read([
    tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 3), logits) as tf.Tensor,
  ]);
  const found = await tf.argMax(logits, 1).array() as number[];
  const right = found.filter((label, i) => label === bytes[i]).length;
  const before = tf.memory().numTensors;
  for (const batchSize of [1, 3, COUNT, 100]) {
    const { loss, accuracy } = await evaluate(model, images, bytes, batchSize);
    assertAlmostEquals(loss, expected![0]!, 1e-5);
    assertEquals(accuracy, right / COUNT);
  }
  assertEquals(tf.memory().numTensors, before);
});

testOnEveryBackend(
  "batch norm predicts: evaluation differs from training and changes nothing",
  async () => {
    const model = build({ norm: "batch" });
    const { bytes, images } = problem();
    const before = await read(model.getWeights());
    const { loss } = await evaluate(model, images, bytes, COUNT);
    assertEquals(await read(model.getWeights()), before);
    const [inTraining] = await losses(model, 1);
    assertNotEquals(loss, inTraining);
    assertNotEquals((await evaluate(model, images, bytes, COUNT)).loss, loss);
  },
);

testOnGraphs("as a graph it judges the weights that the network has now", async () => {
  for (const [architecture, norm] of [["mlp", "batch"], ["cnn", "layer"]] as const) {
    const model = build({ architecture, norm });
    const { bytes, images } = problem();
    const before = tf.memory().numTensors;
    const evaluator = new Evaluator(model);
    const step = new TrainingStep(model, { optimizer: ADAM, l2: 0 });
    const batch = batchOf(6);
    const same = async () => {
      const got = await evaluator.evaluate(images, bytes, 3);
      assertEquals(got, await evaluate(model, images, bytes, 3));
      return got.loss;
    };
    const seen = new Set<number>();
    for (let i = 0; i < 6; i++) {
      tf.tidy(() => void step.run(batch.images, batch.labels));
      seen.add(await same());
    }
    assertEquals([evaluator.mode, seen.size], ["graph", 6]);
    tf.tidy(() => model.setWeights(build({ architecture, norm }, 2).getWeights()));
    const [other] = [await same()];
    step.dispose();
    assertEquals(await same(), other);
    evaluator.dispose();
    tf.dispose([batch.images, batch.labels]);
    assertEquals(tf.memory().numTensors - before, model.getWeights().length);
  }
});

testOnGraphs("predictions and population statistics are steps, too", async () => {
  const model = build({ norm: "batch" });
  const batches = [1, 2, 3].map((phase) => batchOf(5, phase).images);
  const run = (...batches: tf.Tensor[]) => {
    const outputs = batches.map((x) => model.apply(x, { training: false }) as tf.Tensor);
    return { outputs, ...populationStatistics(outputs) };
  };
  const step = compile(run);
  const flat = ({ outputs, mean, variance }: ReturnType<typeof run>) =>
    read([...outputs, mean, variance]);
  const expected = await flat(run(...batches));
  for (let i = 0; i < 4; i++) assertEquals(await flat(step(...batches)), expected);
  assertEquals(step.graphs, 1);
});

Deno.test("no images and senseless batch sizes are refused", async () => {
  const model = build();
  const { bytes, images } = problem();
  await assertRejects(() => evaluate(model, images, new Uint8Array(), 2), RangeError, "no images");
  for (const size of [0, -1, 1.5, NaN]) {
    await assertRejects(
      () => evaluate(model, images, bytes, size),
      RangeError,
      `batch size ${size}`,
    );
  }
});
