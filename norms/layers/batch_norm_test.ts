import { assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { testOnEveryBackend } from "../../harness/backend/backends_testing.ts";
import * as tf from "../basics/tf.ts";
import { BatchNormalization, batchNormalization } from "../batch_norm.ts";
import { apply, read, setWavyWeights, wavesOf } from "./layers_testing.ts";

const BATCHES = [0, 1, 2].map((phase) => () => wavesOf([6, 4], phase));

function modelOf(layer: tf.layers.Layer, rate = 0.1): tf.Sequential {
  const model = tf.sequential({ layers: [layer] });
  setWavyWeights(model);
  compile(model, rate);
  return model;
}

function compile(model: tf.LayersModel, rate = 0.1): void {
  model.compile({ optimizer: tf.train.sgd(rate), loss: "meanSquaredError" });
}

async function train(model: tf.LayersModel): Promise<void> {
  const target = wavesOf([6, 4], 9);
  for (const batch of BATCHES) {
    const x = batch();
    await model.trainOnBatch(x, target);
    x.dispose();
  }
  target.dispose();
}

/** gamma, beta, running mean and running variance. */
const weightsOf = (layer: tf.layers.Layer) => read(layer.getWeights());

for (const unbiasedVariance of [false, true]) {
  const kind = unbiasedVariance ? "unbiased" : "biased";
  testOnEveryBackend(`running statistics with ${kind} variance follow 3 steps`, async () => {
    const options = { momentum: 0.8, unbiasedVariance };
    const layer = new BatchNormalization({ inputShape: [4], ...options });
    // Without learning, so that only the statistics move.
    const model = modelOf(layer, 0);
    const [, , ...start] = layer.getWeights();
    const expected = tf.tidy(() =>
      BATCHES.reduce(
        ([movingMean, movingVariance], batch) => {
          const step = batchNormalization(batch(), {
            ...options,
            training: true,
            movingMean: movingMean!,
            movingVariance: movingVariance!,
          });
          return [step.movingMean, step.movingVariance];
        },
        start.map((tensor) => tensor.clone()),
      )
    );
    await train(model);
    assertEquals((await weightsOf(layer)).slice(2), await read(expected));
    assertNotEquals((await weightsOf(layer)).slice(2), await read(start.slice(2)));
    tf.dispose(expected);
    model.dispose();
  });
}

testOnEveryBackend(
  "predict and evaluate use running statistics without changing them",
  async () => {
    const layer = new BatchNormalization({ inputShape: [4] });
    const model = modelOf(layer);
    await train(model);
    const before = await weightsOf(layer);
    const [x, target] = [wavesOf([6, 4], 5), wavesOf([6, 4], 9)];
    const [gamma, beta, movingMean, movingVariance] = layer.getWeights();
    const { y } = batchNormalization(x, {
      gamma: gamma!,
      beta: beta!,
      movingMean: movingMean!,
      movingVariance: movingVariance!,
    });
    const predicted = model.predict(x) as tf.Tensor;
    assertEquals(await read([predicted]), await read([y]));
    const evaluated = model.evaluate(x, target) as tf.Scalar;
    const loss = tf.tidy(() => tf.losses.meanSquaredError(target, y));
    const [[got], [expected]] = await read([evaluated, loss]) as [Float32Array, Float32Array];
    // Two sums of the same squares, each in its own order: at most n roundings apart, twice.
    assertAlmostEquals(got!, expected!, 2 * x.size * 2 ** -24 * expected!);
    assertEquals(await weightsOf(layer), before);
    tf.dispose([x, target, y, predicted, evaluated, loss]);
    model.dispose();
  },
);

testOnEveryBackend("fit trains with the statistics of each batch", async () => {
  const layers = [0, 1].map(() => new BatchNormalization({ inputShape: [4] }));
  const [fitted, stepped] = layers.map((layer) => modelOf(layer)) as [tf.Sequential, tf.Sequential];
  const [x, target] = [wavesOf([6, 4], 5), wavesOf([6, 4], 9)];
  await fitted.fit(x, target, { batchSize: 3, epochs: 1, shuffle: false, verbose: 0 });
  for (const begin of [0, 3]) {
    const [part, targets] = [tf.slice(x, [begin, 0], [3, 4]), tf.slice(target, [begin, 0], [3, 4])];
    await stepped.trainOnBatch(part, targets);
    tf.dispose([part, targets]);
  }
  assertEquals(await weightsOf(layers[0]!), await weightsOf(layers[1]!));
  tf.dispose([x, target]);
  fitted.dispose();
  stepped.dispose();
});

/** Ways to freeze a layer of a model. */
const FREEZES: Readonly<Record<string, () => [tf.LayersModel, tf.layers.Layer]>> = {
  "at construction": () => {
    const layer = new BatchNormalization({ inputShape: [4], trainable: false });
    return [withDense(layer), layer];
  },
  "later": () => {
    const layer = new BatchNormalization({ inputShape: [4] });
    const model = withDense(layer);
    layer.trainable = false;
    return [model, layer];
  },
  "later, without gamma and beta": () => {
    const layer = new BatchNormalization({ inputShape: [4], scale: false, center: false });
    const model = withDense(layer);
    layer.trainable = false;
    return [model, layer];
  },
  "with the model around it": () => {
    const layer = new BatchNormalization({ inputShape: [4] });
    const inner = tf.sequential({ layers: [layer] });
    const model = withDense(inner);
    inner.trainable = false;
    return [model, layer];
  },
};

/** A model of the layer behind one that learns. */
function withDense(layer: tf.layers.Layer): tf.Sequential {
  const model = tf.sequential({
    layers: [tf.layers.dense({ units: 4, inputShape: [4] }), layer],
  });
  setWavyWeights(model);
  return model;
}

for (const [how, freeze] of Object.entries(FREEZES)) {
  testOnEveryBackend(
    `a layer frozen ${how} predicts in training, and does not change`,
    async () => {
      const [model, layer] = freeze();
      compile(model);
      const before = await weightsOf(layer);
      const x = wavesOf([6, 4], 5);
      const outputs = [true, false].map((training) => apply(layer, x, training));
      const [training, predicting] = await read(outputs);
      assertEquals(training, predicting);
      await train(model);
      assertEquals(await weightsOf(layer), before);
      tf.dispose([x, ...outputs]);
      model.dispose();
    },
  );
}

testOnEveryBackend("a layer that is unfrozen learns again", async () => {
  const layer = new BatchNormalization({ inputShape: [4], trainable: false });
  const model = modelOf(layer);
  layer.trainable = true;
  compile(model);
  const before = await weightsOf(layer);
  await train(model);
  (await weightsOf(layer)).forEach((after, i) => assertNotEquals(after, before[i]!));
  model.dispose();
});
