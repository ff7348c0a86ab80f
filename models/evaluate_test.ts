import { assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { read } from "../norms/layers/layers_testing.ts";
import * as tf from "../norms/basics/tf.ts";
import { evaluate } from "./evaluate.ts";
import { batchOf, build, CLASSES, losses } from "./models_testing.ts";

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
