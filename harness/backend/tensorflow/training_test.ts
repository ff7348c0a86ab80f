import { assertLess, assertLessOrEqual } from "@std/assert";
import { BatchNormalization } from "../../../norms/batch_norm.ts";
import { LayerNormalization } from "../../../norms/layer_norm.ts";
import { setWavyWeights, wavesOf } from "../../../norms/layers/layers_testing.ts";
import { WeightNormConv2D, WeightNormDense } from "../../../norms/weight_norm.ts";
import * as tf from "../../../norms/basics/tf.ts";
import { useBackend } from "../active_backend.ts";
import type { BackendName } from "../registry.ts";
import { testOn } from "../backends_testing.ts";

const BATCH = 8;
const FEATURES = 6;
const IMAGE = [8, 8, 1];
const CLASSES = 3;

type Layers = () => tf.layers.Layer[];

function mlpWith(norm: () => tf.layers.Layer): Layers {
  return () => [
    tf.layers.dense({ inputShape: [FEATURES], units: 16, useBias: false }),
    norm(),
    tf.layers.activation({ activation: "relu" }),
    tf.layers.dense({ units: CLASSES }),
  ];
}

function cnnWith(norm: () => tf.layers.Layer): Layers {
  return () => [
    tf.layers.conv2d({ inputShape: IMAGE, filters: 4, kernelSize: 3, useBias: false }),
    norm(),
    tf.layers.activation({ activation: "relu" }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.flatten(),
    tf.layers.dense({ units: CLASSES }),
  ];
}

const MODELS: Readonly<Record<string, Layers>> = {
  "MLP with tf.layers' batch norm": mlpWith(() => tf.layers.batchNormalization()),
  "CNN with tf.layers' batch norm": cnnWith(() => tf.layers.batchNormalization()),
  "MLP with batch norm": mlpWith(() => new BatchNormalization()),
  "MLP with layer norm": mlpWith(() => new LayerNormalization()),
  "MLP with weight norm": () => [
    new WeightNormDense({ inputShape: [FEATURES], units: 16, activation: "relu" }),
    new WeightNormDense({ units: CLASSES }),
  ],
  "CNN with batch norm": cnnWith(() => new BatchNormalization()),
  "CNN with layer norm": cnnWith(() => new LayerNormalization({ axis: [1, 2, 3] })),
  "CNN with weight norm": () => [
    new WeightNormConv2D({ inputShape: IMAGE, filters: 4, kernelSize: 3, activation: "relu" }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.flatten(),
    new WeightNormDense({ units: CLASSES }),
  ],
};

/** Loss before and after one step of SGD, from the same weights on the same batch. */
async function lossesOn(backend: BackendName, layers: Layers): Promise<[number, number]> {
  await useBackend(backend);
  const model = tf.sequential({ layers: layers() });
  setWavyWeights(model);
  model.compile({ optimizer: tf.train.sgd(0.01), loss: "meanSquaredError" });
  const x = wavesOf([BATCH, ...model.inputs[0]!.shape.slice(1) as number[]], 9);
  const y = wavesOf([BATCH, CLASSES], 7);
  const before = await model.trainOnBatch(x, y) as number;
  const after = await model.trainOnBatch(x, y) as number;
  model.dispose();
  return [before, after];
}

for (const [name, layers] of Object.entries(MODELS)) {
  testOn("tensorflow", `one step of a ${name} is that of wasm`, async () => {
    const expected = await lossesOn("wasm", layers);
    const got = await lossesOn("tensorflow", layers);
    assertLess(got[1], got[0], "the loss does not fall");
    // The longest sums are those over a batch of 6 x 6 positions, in another order.
    const tolerance = BATCH * 36 * 2 ** -24;
    got.forEach((loss, i) =>
      assertLessOrEqual(Math.abs(loss / expected[i]! - 1), tolerance, `${got}, ${expected}`)
    );
  });
}
