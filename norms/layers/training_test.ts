import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { useBackend } from "../../harness/backend/active_backend.ts";
import type { BackendName } from "../../harness/backend/registry.ts";
import { testOnEveryBackend } from "../../harness/backend/backends_testing.ts";
import * as tf from "../basics/tf.ts";
import { BatchNormalization } from "../batch_norm.ts";
import { LayerNormalization } from "../layer_norm.ts";
import { read, setWavyWeights, wavesOf } from "./layers_testing.ts";
import { WeightNormDense } from "../weight_norm.ts";

const STEPS = 4;
const BATCH = 4;
const CLASSES = 3;

/** The layers of a network, of which the first knows the shape of its input. */
type Network = () => tf.layers.Layer[];

function cnn(
  norm: () => tf.layers.Layer,
  { useBias = true, last = () => [] }: { useBias?: boolean; last?: Network } = {},
): Network {
  return () => [
    tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 3, kernelSize: 3, useBias }),
    norm(),
    tf.layers.activation({ activation: "relu" }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.flatten(),
    ...last(),
    tf.layers.dense({ units: CLASSES }),
  ];
}

const NETWORKS: Readonly<Record<string, Network>> = {
  CNN: cnn(() => new BatchNormalization({ momentum: 0.9 }), {
    useBias: false,
    last: () => [new LayerNormalization()],
  }),
  MLP: () => [
    new WeightNormDense({ inputShape: [6], units: 8, activation: "tanh" }),
    new WeightNormDense({ units: CLASSES }),
  ],
};

interface Training {
  /** Loss before each step. */
  readonly losses: number[];
  /** Tensors and buffers after each step. */
  readonly counts: string[];
  readonly before: Float32Array[];
  readonly after: Float32Array[];
}

/** Trains on one batch with SGD. */
async function train(layers: Network): Promise<Training> {
  const model = tf.sequential({ layers: layers() });
  setWavyWeights(model);
  model.compile({ optimizer: tf.train.sgd(0.01), loss: "meanSquaredError" });
  const x = wavesOf(model.inputs[0]!.shape.with(0, BATCH) as number[], 9);
  const y = wavesOf([BATCH, CLASSES], 7);
  const [losses, counts]: [number[], string[]] = [[], []];
  const before = await read(model.getWeights());
  for (let step = 0; step < STEPS; step++) {
    losses.push(await model.trainOnBatch(x, y) as number);
    const { numTensors, numDataBuffers } = tf.memory();
    counts.push(`${numTensors} ${numDataBuffers} ${tf.engine().backend.numDataIds()}`);
  }
  const after = await read(model.getWeights());
  model.dispose();
  tf.dispose([x, y]);
  return { losses, counts, before, after };
}

function assertClose(got: readonly number[], expected: readonly number[], tolerance: number): void {
  got.forEach((loss, i) => {
    const error = Math.abs(loss / expected[i]! - 1);
    assert(error <= tolerance, `step ${i}: ${loss}, expected ${expected[i]}`);
  });
}

async function lossesOn(backend: BackendName, network: Network): Promise<number[]> {
  await useBackend(backend);
  return (await train(network)).losses;
}

for (const [name, network] of Object.entries(NETWORKS)) {
  testOnEveryBackend(
    `training lowers the loss of the ${name} as much as on cpu`,
    async (backend) => {
      const expected = await lossesOn("cpu", network);
      const got = await lossesOn(backend, network);
      assert(got.at(-1)! < got[0]!, `the loss does not fall: ${got}`);
      // The longest sums are the filter gradient's, over 4 images of 6 x 6 positions, in float32.
      assertClose(got, expected, BATCH * 36 * 2 ** -24);
    },
  );

  testOnEveryBackend(
    `training the ${name} changes every weight and leaks no tensor`,
    async () => {
      const { counts, before, after } = await train(network);
      assertEquals(new Set(counts).size, 1, counts.join("; "));
      before.forEach((weight, i) => assertNotEquals(after[i]!, weight, `weight ${i}`));
    },
  );
}

testOnEveryBackend(`${STEPS} SGD steps are those of tf.layers.batchNormalization`, async () => {
  const ours = await train(cnn(() => new BatchNormalization()));
  const theirs = await train(cnn(() => tf.layers.batchNormalization()));
  assertClose(ours.losses, theirs.losses, 1e-5);
  ours.after.forEach((weight, i) => {
    const expected = theirs.after[i]!;
    const largest = Math.max(...expected.map(Math.abs));
    weight.forEach((value, j) =>
      assert(Math.abs(value - expected[j]!) <= 1e-5 * largest, `weight ${i}: ${value}`)
    );
  });
});
