import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "../../norms/basics/tf.ts";
import { useBackend } from "./active_backend.ts";
import type { BackendName } from "./registry.ts";
import { waves } from "./kernels_testing.ts";

const STEPS = 5;
const BATCH = 3;

function smallCnn(): tf.Sequential {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 3, kernelSize: 3, padding: "same" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 5 }),
    ],
  });
  const weights = model.getWeights().map(({ shape, size }, i) => tf.tensor(waves(size, i), shape));
  model.setWeights(weights);
  tf.dispose(weights);
  model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
  return model;
}

/** Losses before each step; tensors and buffers after each but the first, which makes the moments. */
async function train(backend: BackendName): Promise<{ losses: number[]; counts: string[] }> {
  await useBackend(backend);
  const model = smallCnn();
  const x = tf.tensor4d(waves(BATCH * 64, 9), [BATCH, 8, 8, 1]);
  const y = tf.tensor2d(waves(BATCH * 5, 7), [BATCH, 5]);
  const losses: number[] = [];
  const counts: string[] = [];
  try {
    for (let step = 0; step < STEPS; step++) {
      losses.push(await model.trainOnBatch(x, y) as number);
      const { numTensors, numDataBuffers } = tf.memory();
      const held = tf.engine().backend.numDataIds();
      if (step > 0) counts.push(`${numTensors} ${numDataBuffers} ${held}`);
    }
  } finally {
    model.dispose();
    tf.dispose([x, y]);
  }
  return { losses, counts };
}

Deno.test("a CNN trained on repaired wasm has the losses of the cpu backend", async () => {
  const cpu = await train("cpu");
  const wasm = await train("wasm");
  assert(wasm.losses.at(-1)! < wasm.losses[0]!, `the loss does not fall: ${wasm.losses}`);
  // Sums of up to 108 products, and of 192 pixels in the filter gradient, in float32.
  const tolerance = 192 * 2 ** -24;
  wasm.losses.forEach((loss, step) => {
    const expected = cpu.losses[step]!;
    assert(Math.abs(loss - expected) <= tolerance * expected, `step ${step}: ${loss}, ${expected}`);
  });
});

Deno.test("training a CNN on repaired wasm leaks nothing", async () => {
  const { counts } = await train("wasm");
  assertEquals(new Set(counts).size, 1, counts.join("; "));
});

Deno.test("stock wasm cannot train a CNN", async () => {
  const error = await assertRejects(() => train("wasm-stock"), Error);
  assertStringIncludes(error.message, "Conv2DBackpropFilter");
});
