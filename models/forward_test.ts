import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { testOn, testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { read, setWavyWeights } from "../norms/layers/layers_testing.ts";
import * as tf from "../norms/basics/tf.ts";
import type { ModelDescription } from "./description.ts";
import { forwardOf } from "./forward.ts";
import { batchOf, build, IMAGE } from "./models_testing.ts";

/** Compares the short way with the model's own, in training; running statistics start equal. */
async function assertSame(make: () => tf.Sequential): Promise<void> {
  const { images } = batchOf(3);
  const [ours, theirs] = [make(), make()];
  const got = forwardOf(ours)(images);
  const expected = theirs.apply(images, { training: true }) as tf.Tensor;
  assertEquals(got.shape, expected.shape);
  const [values, wanted] = await read([got, expected]);
  values!.forEach((value, i) => assertAlmostEquals(value, wanted![i]!, 1e-5));
}

const DESCRIPTIONS: readonly Partial<ModelDescription>[] = [
  { architecture: "mlp", activation: "relu" },
  { architecture: "mlp", activation: "sigmoid", norm: "batch" },
  { architecture: "cnn", activation: "leakyRelu" },
  { architecture: "cnn", activation: "relu", norm: "tf-batch", placement: "post" },
  { architecture: "cnn", activation: "relu", norm: "weight" },
];

for (const description of DESCRIPTIONS) {
  const name = Object.values(description).join(" ");
  testOnEveryBackend(`the short way computes what the model does: ${name}`, () =>
    assertSame(() => {
      const model = build(description);
      setWavyWeights(model);
      return model;
    }));
}

for (const activation of ["relu", "leakyRelu", "sigmoid"] as const) {
  testOnEveryBackend(
    `the gradients are equal, too, where all pixels are: ${activation}`,
    async () => {
      const model = build({ architecture: "cnn", activation, hidden: [4, 3] });
      setWavyWeights(model);
      const labels = tf.oneHot(tf.tensor1d([0, 1], "int32"), 3);
      const ways = [forwardOf(model), (x: tf.Tensor) => model.apply(x, { training: true })];
      const [got, expected] = await Promise.all(ways.map((forward) => {
        const { grads } = tf.variableGrads(() =>
          tf.sum(tf.mul(forward(tf.ones([2, ...IMAGE])) as tf.Tensor, labels)) as tf.Scalar
        );
        return read(model.trainableWeights.map(({ name }) => grads[name]!));
      }));
      got!.forEach((values, i) =>
        values.forEach((value, j) => assertAlmostEquals(value, expected![i]![j]!, 1e-5))
      );
    },
  );
}

const UNKNOWN: Readonly<Record<string, () => tf.layers.Layer[]>> = {
  "an activation inside": () => [
    tf.layers.conv2d({ filters: 2, kernelSize: 3, activation: "relu" }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 4, activation: "tanh" }),
  ],
  "strides": () => [tf.layers.conv2d({ filters: 2, kernelSize: 2, strides: 2 })],
  "dilation": () => [tf.layers.conv2d({ filters: 2, kernelSize: 2, dilationRate: 2 })],
  "another window": () => [tf.layers.maxPooling2d({ poolSize: 3, strides: 1 })],
  "padding of the pool": () => [tf.layers.maxPooling2d({ poolSize: 2, padding: "same" })],
  "another slope": () => [tf.layers.leakyReLU({ alpha: 0.3 })],
  "another activation": () => [tf.layers.activation({ activation: "softplus" })],
  "no bias": () => [
    tf.layers.conv2d({ filters: 2, kernelSize: 3, useBias: false }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 2, useBias: false }),
  ],
  "another kind": () => [tf.layers.averagePooling2d({ poolSize: 2 })],
};

for (const [about, layers] of Object.entries(UNKNOWN)) {
  testOn("cpu", `layers with ${about} run as they are`, () =>
    assertSame(() => {
      const input = tf.layers.inputLayer({ inputShape: [...IMAGE] });
      const model = tf.sequential({ layers: [input, ...layers()] });
      setWavyWeights(model);
      return model;
    }));
}

testOn("cpu", "the gradient of the images is not computed", () => {
  const { images, labels } = batchOf(3);
  const forward = forwardOf(build({ architecture: "cnn" }));
  const kernels: string[] = [];
  const engine = tf.engine();
  const run = engine.runKernel.bind(engine);
  engine.runKernel = ((name, ...rest) => {
    kernels.push(name);
    return run(name, ...rest);
  }) as typeof run;
  try {
    tf.variableGrads(() => tf.mean(tf.mul(forward(images), tf.oneHot(labels, 3))));
  } finally {
    engine.runKernel = run;
  }
  assert(kernels.includes("Conv2DBackpropFilter"));
  assert(!kernels.includes("Conv2DBackpropInput"), kernels.join());
});
