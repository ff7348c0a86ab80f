import { assert, assertEquals, assertThrows } from "@std/assert";
import { testOnEveryBackend } from "../../harness/backend/backends_testing.ts";
import { assertNoLeak } from "../../harness/backend/kernels_testing.ts";
import * as tf from "../basics/tf.ts";
import { apply, read, wavesOf } from "./layers_testing.ts";
import {
  WeightNormConv2D,
  type WeightNormConv2DArgs,
  WeightNormDense,
  type WeightNormDenseArgs,
} from "../weight_norm.ts";
import type { WeightNormConfig, WeightNormLayer } from "./weight_norm_layer.ts";

type Make = (config: { activation?: "relu"; useBias?: boolean }) => WeightNormLayer<
  WeightNormConfig
>;

const KINDS: Readonly<Record<string, { shape: readonly number[]; make: Make }>> = {
  dense: { shape: [16, 6], make: (config) => new WeightNormDense({ units: 3, ...config }) },
  conv2d: {
    shape: [4, 7, 6, 2],
    make: (config) =>
      new WeightNormConv2D({ filters: 3, kernelSize: [3, 2], padding: "same", ...config }),
  },
};

for (const [kind, { shape, make }] of Object.entries(KINDS)) {
  testOnEveryBackend(`data-dependent initialization of ${kind}: mean 0, variance 1`, async () => {
    const layer = make({});
    const x = tf.tidy(() => tf.add(tf.mul(wavesOf(shape), 5), 3));
    layer.initializeFromData(x);
    const [mean, variance] = await read(tf.tidy(() => {
      const y = tf.reshape(apply(layer, x), [-1, 3]);
      const { mean, variance } = tf.moments(y, 0);
      return [mean, variance];
    }));
    // Statistics of at most 168 values of magnitude 1 in float32.
    const tolerance = 168 * 2 ** -23;
    mean!.forEach((value) => assert(Math.abs(value) <= tolerance, `mean ${value}`));
    variance!.forEach((value) => assert(Math.abs(value - 1) <= tolerance, `variance ${value}`));
    x.dispose();
    layer.dispose();
  });

  testOnEveryBackend(
    `data-dependent initialization of ${kind} keeps v and ignores the activation`,
    async () => {
      const layers = [make({}), make({ activation: "relu" })];
      const x = wavesOf(shape);
      for (const layer of layers) apply(layer, x).dispose();
      const v = wavesOf(layers[0]!.weights[0]!.shape as number[], 4);
      for (const layer of layers) {
        layer.setWeights([v, ...layer.getWeights().slice(1)]);
        assertNoLeak(() => layer.initializeFromData(x));
      }
      const [linear, relu] = await Promise.all(layers.map((layer) => read(layer.getWeights())));
      assertEquals(linear, relu);
      assertEquals([linear![0]], await read([v]));
      tf.dispose([x, v]);
      layers.forEach((layer) => layer.dispose());
    },
  );

  testOnEveryBackend(
    `data-dependent initialization of ${kind} without a bias sets g alone`,
    async () => {
      const [layer, biased] = [make({ useBias: false }), make({})];
      const x = wavesOf(shape);
      layer.initializeFromData(x);
      const [v, g] = layer.getWeights();
      apply(biased, x).dispose();
      biased.setWeights([v!, ...biased.getWeights().slice(1)]);
      biased.initializeFromData(x);
      assertEquals(await read([g!]), await read([biased.getWeights()[1]!]));
      x.dispose();
      layer.dispose();
      biased.dispose();
    },
  );

  testOnEveryBackend(`${kind} ends with its activation`, async () => {
    const layers = [make({}), make({ activation: "relu" })];
    const x = wavesOf(shape);
    const [linear, relu] = layers.map((layer) => {
      layer.initializeFromData(x);
      layer.setWeights(layers[0]!.getWeights());
      return apply(layer, x);
    });
    const [expected, got] = await read([tf.relu(linear!), relu!]);
    assertEquals(got, expected);
    assert(expected!.includes(0) && expected!.some((value) => value > 0));
    tf.dispose([x, linear!, relu!]);
    layers.forEach((layer) => layer.dispose());
  });

  Deno.test(`data-dependent initialization of ${kind} refuses a batch without spread`, () => {
    const x = tf.ones(kind === "dense" ? [1, 6] : [0, 7, 6, 2]);
    assertThrows(() => make({}).initializeFromData(x), RangeError);
    x.dispose();
  });
}

Deno.test("directions are drawn from normal(0, 0.05), lengths are 1, biases 0", async () => {
  const layer = new WeightNormDense({ units: 100 });
  layer.build([null, 100]);
  const [v, g, bias] = await read(layer.getWeights());
  const rms = Math.sqrt(v!.reduce((sum, value) => sum + value * value, 0) / v!.length);
  // Seven standard errors of 10000 draws.
  assert(Math.abs(rms / 0.05 - 1) < 0.05, `root mean square ${rms}`);
  assert(g!.every((value) => value === 1) && bias!.every((value) => value === 0));
});

const CONVOLUTIONS: readonly WeightNormConv2DArgs[] = [
  { filters: 3, kernelSize: 3 },
  { filters: 3, kernelSize: [1, 4] },
  { filters: 1, kernelSize: 3, strides: 2 },
  { filters: 2, kernelSize: [3, 2], strides: [2, 3], padding: "same" },
];

for (const args of CONVOLUTIONS) {
  Deno.test(`the output of ${JSON.stringify(args)} has the shape of tf.layers.conv2d's`, () => {
    const { filters, padding = "valid" } = args;
    const pair = (value: number | readonly number[] = 1) =>
      typeof value === "number" ? value : [...value];
    const theirs = tf.layers.conv2d({
      filters,
      padding,
      kernelSize: pair(args.kernelSize),
      strides: pair(args.strides) as number | [number, number],
    });
    const ours = new WeightNormConv2D(args);
    for (const shape of [[null, 9, 8, 2], [5, 4, 7, 1], [null, null, null, 3]]) {
      assertEquals<unknown>(ours.computeOutputShape(shape), theirs.computeOutputShape(shape));
    }
  });
}

const convolution = (args: Partial<Record<keyof WeightNormConv2DArgs, unknown>>) =>
  new WeightNormConv2D({ filters: 2, kernelSize: 3, ...args } as WeightNormConv2DArgs);

const NO_COUNT = "is not a positive whole number";

const REFUSALS: readonly (readonly [string, () => unknown, string])[] = [
  ["a fraction", () => new WeightNormDense({ units: 1.5 }), `units 1.5 ${NO_COUNT}`],
  [
    "no units",
    () => new WeightNormDense({} as WeightNormDenseArgs),
    "units is left out: give a positive whole number",
  ],
  ["no filters", () => convolution({ filters: 0 }), `filters 0 ${NO_COUNT}`],
  [
    "no kernel",
    () => convolution({ kernelSize: undefined }),
    "kernelSize is left out: give a positive whole number",
  ],
  ["no width", () => convolution({ kernelSize: [3, 0] }), `kernelSize 0 ${NO_COUNT}`],
  [
    "a kernel of three axes",
    () => convolution({ kernelSize: [3, 3, 3] }),
    "kernelSize [3,3,3] holds more than two numbers",
  ],
  ["a stride of 0", () => convolution({ strides: 0 }), `strides 0 ${NO_COUNT}`],
  [
    "an unknown padding",
    () => convolution({ padding: "causal" }),
    'there is no padding "causal": choose one of valid, same',
  ],
];

for (const [about, make, message] of REFUSALS) {
  Deno.test(`the constructor refuses ${about}`, () => {
    assertThrows(make, RangeError, message);
  });
}

Deno.test("the constructor refuses an unknown activation", () => {
  assertThrows(() => convolution({ activation: "wavy" }), Error, "Unknown activation: wavy");
});
