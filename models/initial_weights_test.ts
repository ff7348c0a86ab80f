import { assert, assertEquals } from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { read } from "../norms/layers/layers_testing.ts";
import * as tf from "../norms/basics/tf.ts";
import { initializeFromData } from "./initial_weights.ts";
import { batchOf, build } from "./models_testing.ts";

for (const architecture of ["mlp", "cnn"] as const) {
  testOnEveryBackend(`every hidden layer of a ${architecture} starts standardized`, async () => {
    const model = build({ architecture, norm: "weight", hidden: [4, 3] });
    const { images } = batchOf(8);
    const before = tf.memory().numTensors;
    initializeFromData(model, images);
    assertEquals(tf.memory().numTensors, before);
    let x = images;
    for (const layer of model.layers.slice(1)) {
      x = layer.call(x, {}) as tf.Tensor;
      if (!layer.getClassName().includes("WeightNorm")) continue;
      const { mean, variance } = tf.moments(tf.reshape(x, [-1, x.shape.at(-1)!]), 0);
      const [means, variances] = await read([mean, variance]);
      means!.forEach((value) => assert(Math.abs(value) < 1e-4, `mean ${value}`));
      variances!.forEach((value) => assert(Math.abs(value - 1) < 1e-4, `variance ${value}`));
    }
  });
}

testOnEveryBackend("a network without weight norm stays as it is", async () => {
  const model = build({ norm: "batch" });
  const before = await read(model.getWeights());
  initializeFromData(model, batchOf(4).images);
  assertEquals(await read(model.getWeights()), before);
});
