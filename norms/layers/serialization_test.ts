import { assert, assertEquals } from "@std/assert";
import { testOnEveryBackend } from "../../harness/backend/backends_testing.ts";
import * as tf from "../basics/tf.ts";
import { BatchNormalization } from "../batch_norm.ts";
import { GroupNormalization } from "../group_norm.ts";
import { InstanceNormalization } from "../instance_norm.ts";
import { LayerNormalization } from "../layer_norm.ts";
import { RMSNormalization } from "../rms_norm.ts";
import { read, setWavyWeights, wavesOf } from "./layers_testing.ts";
import { WeightNormConv2D, WeightNormDense } from "../weight_norm.ts";

const IMAGES = [3, 6, 6, 2];

/** Every layer once, none with only its defaults. */
function everyLayer(): tf.layers.Layer[] {
  return [
    new WeightNormConv2D({
      inputShape: IMAGES.slice(1),
      filters: 4,
      kernelSize: [3, 2],
      padding: "same",
      activation: "hardSigmoid",
    }),
    new BatchNormalization({ momentum: 0.5, implementation: "analytic-graph" }),
    new GroupNormalization({ groups: 2 }),
    new InstanceNormalization({ scale: false }),
    new LayerNormalization({ axis: [3, 1], trainable: false }),
    tf.layers.flatten(),
    new RMSNormalization({ epsilon: 1e-5 }),
    new WeightNormDense({ units: 3, useBias: false, activation: "tanh" }),
  ];
}

function functionalModel(): tf.LayersModel {
  const input = tf.input({ shape: IMAGES.slice(1) });
  const [first, ...rest] = everyLayer();
  const output = rest.reduce(
    (x, layer) => layer.apply(x) as tf.SymbolicTensor,
    first!.apply(input) as tf.SymbolicTensor,
  );
  const skip = tf.layers.dense({ units: 3 }).apply(
    tf.layers.flatten().apply(input),
  ) as tf.SymbolicTensor;
  const sum = tf.layers.add().apply([output, skip]) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: sum });
}

const MODELS: Readonly<Record<string, () => tf.LayersModel>> = {
  sequential: () => tf.sequential({ layers: everyLayer() }),
  functional: functionalModel,
};

/** Saves a model to memory, passes it through JSON as a file would, and loads it again. */
async function saveAndLoad(model: tf.LayersModel): Promise<tf.LayersModel> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(tf.io.withSaveHandler((artifacts) => {
    saved = artifacts;
    return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) });
  }));
  const modelTopology = JSON.parse(JSON.stringify(saved!.modelTopology));
  return await tf.loadLayersModel(tf.io.fromMemory({ ...saved!, modelTopology }));
}

for (const [kind, make] of Object.entries(MODELS)) {
  testOnEveryBackend(`a ${kind} model predicts the same after saving and loading`, async () => {
    const model = make();
    setWavyWeights(model);
    const loaded = await saveAndLoad(model);
    const x = wavesOf(IMAGES, 5);
    const predictions = [model, loaded].map((model) => model.predict(x) as tf.Tensor);
    const [before, after] = await read(predictions);
    assertEquals(after, before);
    assert(before!.every(Number.isFinite), `${before}`);
    assertEquals(
      loaded.layers.map((layer) => [layer.constructor, layer.getConfig()]),
      model.layers.map((layer) => [layer.constructor, layer.getConfig()]),
    );
    assertEquals(await read(loaded.getWeights()), await read(model.getWeights()));
    tf.dispose([x, ...predictions]);
    model.dispose();
    loaded.dispose();
  });
}

Deno.test("the layers of tf.layers keep their classes", async () => {
  const layers = [
    tf.layers.batchNormalization({ inputShape: [4] }),
    tf.layers.layerNormalization(),
  ];
  const classes = layers.map((layer) => layer.constructor);
  const model = tf.sequential({ layers });
  const loaded = await saveAndLoad(model);
  assertEquals(loaded.layers.map((layer) => layer.constructor), classes);
  assert(loaded.layers.every((layer) => !(layer instanceof BatchNormalization)));
  model.dispose();
  loaded.dispose();
});

Deno.test("a model of our batch normalization is loaded as ours", async () => {
  const model = tf.sequential({ layers: [new BatchNormalization({ inputShape: [4] })] });
  const loaded = await saveAndLoad(model);
  assert(loaded.layers[0] instanceof BatchNormalization);
  model.dispose();
  loaded.dispose();
});

testOnEveryBackend("weights move from tf.layers.batchNormalization, in its order", async () => {
  const [theirs, ours] = [
    tf.layers.batchNormalization({ inputShape: [4] }),
    new BatchNormalization({ inputShape: [4] }),
  ].map((layer) => tf.sequential({ layers: [layer] })) as [tf.Sequential, tf.Sequential];
  setWavyWeights(theirs);
  ours.setWeights(theirs.getWeights());
  const x = wavesOf([5, 4], 7);
  const predictions = [theirs, ours].map((model) => model.predict(x) as tf.Tensor);
  const [expected, got] = await read(predictions);
  // A few operations, each rounded once.
  got!.forEach((value, i) => {
    const error = Math.abs(value - expected![i]!);
    assert(error <= 16 * 2 ** -24 * Math.max(1, Math.abs(value)), `${got}; ${expected}`);
  });
  tf.dispose([x, ...predictions]);
  theirs.dispose();
  ours.dispose();
});

Deno.test("summary counts what is trained and what is not", () => {
  const model = tf.sequential({ layers: everyLayer() });
  const lines: string[] = [];
  model.summary(undefined, undefined, (line) => lines.push(line));
  const count = (weights: tf.LayerVariable[]) =>
    weights.reduce((sum, { shape }) => sum + shape.reduce<number>((n, d) => n * d!, 1), 0);
  const text = lines.join("\n");
  assert(text.includes(`Total params: ${count(model.weights)}`), text);
  assert(text.includes(`Non-trainable params: ${count(model.nonTrainableWeights)}`), text);
  assertEquals(model.countParams(), count(model.weights));
  model.dispose();
});
