import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { testOnEveryBackend } from "../../harness/backend/backends_testing.ts";
import { assertNoLeak } from "../../harness/backend/kernels_testing.ts";
import * as tf from "../basics/tf.ts";
import { BatchNormalization } from "../batch_norm.ts";
import { GroupNormalization } from "../group_norm.ts";
import { InstanceNormalization } from "../instance_norm.ts";
import { LayerNormalization } from "../layer_norm.ts";
import { RMSNormalization } from "../rms_norm.ts";
import { apply, read, wavesOf } from "./layers_testing.ts";
import { WeightNormConv2D, WeightNormDense } from "../weight_norm.ts";

type Open = readonly (number | null)[];

interface LayerCase {
  readonly layer: tf.layers.Layer;
  readonly shape: readonly number[];
  /** The same with as many open lengths as the layer allows. */
  readonly open: Open;
  /** Names and shapes of the weights, in order. */
  readonly weights: readonly (readonly [string, readonly number[]])[];
  /** Shapes of the output for the two above; left out: the same. */
  readonly outputs?: readonly [readonly number[], Open];
  /** Configuration of the layer without what every layer has. */
  readonly config: Readonly<Record<string, unknown>>;
}

const layerCases: () => Readonly<Record<string, LayerCase>> = () => ({
  BatchNormalization: {
    layer: new BatchNormalization({ axis: 1, momentum: 0.9 }),
    shape: [4, 3, 2, 5],
    open: [null, 3, null, null],
    weights: [["gamma", [3]], ["beta", [3]], ["moving_mean", [3]], ["moving_variance", [3]]],
    config: {
      axis: 1,
      momentum: 0.9,
      epsilon: 1e-3,
      scale: true,
      center: true,
      unbiasedVariance: false,
      implementation: "composed",
    },
  },
  LayerNormalization: {
    layer: new LayerNormalization({ axis: [3, 1], scale: false, implementation: "analytic" }),
    shape: [4, 3, 2, 5],
    open: [null, 3, null, 5],
    weights: [["beta", [5, 3]]],
    config: {
      axis: [3, 1],
      epsilon: 1e-3,
      scale: false,
      center: true,
      implementation: "analytic",
    },
  },
  GroupNormalization: {
    layer: new GroupNormalization({ groups: 3, epsilon: 1e-5 }),
    shape: [4, 3, 2, 6],
    open: [null, null, null, 6],
    weights: [["gamma", [6]], ["beta", [6]]],
    config: {
      axis: -1,
      groups: 3,
      epsilon: 1e-5,
      scale: true,
      center: true,
      implementation: "composed",
    },
  },
  InstanceNormalization: {
    layer: new InstanceNormalization({ axis: 1, center: false }),
    shape: [4, 3, 6],
    open: [null, 3, null],
    weights: [["gamma", [3]]],
    config: { axis: 1, epsilon: 1e-3, scale: true, center: false, implementation: "composed" },
  },
  RMSNormalization: {
    layer: new RMSNormalization(),
    shape: [4, 6],
    open: [null, 6],
    weights: [["gamma", [6]]],
    config: { axis: -1, epsilon: 1e-6, scale: true, implementation: "composed" },
  },
  WeightNormDense: {
    layer: new WeightNormDense({ units: 2 }),
    shape: [4, 6],
    open: [null, 6],
    weights: [["v", [6, 2]], ["g", [2]], ["bias", [2]]],
    outputs: [[4, 2], [null, 2]],
    config: { units: 2, useBias: true, activation: "linear", implementation: "composed" },
  },
  WeightNormConv2D: {
    layer: new WeightNormConv2D({ filters: 2, kernelSize: 3, strides: [1, 2], useBias: false }),
    shape: [4, 7, 6, 3],
    open: [null, null, 6, 3],
    weights: [["v", [3, 3, 3, 2]], ["g", [2]]],
    outputs: [[4, 5, 2, 2], [null, null, 2, 2]],
    config: {
      filters: 2,
      kernelSize: [3, 3],
      strides: [1, 2],
      padding: "valid",
      useBias: false,
      activation: "linear",
      implementation: "composed",
    },
  },
});

const names = Object.keys(layerCases());

/** `gamma` of `some_layer/gamma`. */
const shortName = ({ originalName }: tf.LayerVariable) => originalName.split("/").at(-1)!;

for (const name of names) {
  Deno.test(`${name}: weights are named, shaped and ordered as tf.layers has them`, () => {
    const { layer, open, weights } = layerCases()[name]!;
    layer.build([...open]);
    assertEquals<unknown>(
      layer.weights.map((weight) => [shortName(weight), weight.shape]),
      weights,
    );
    const states = weights.filter(([name]) => name.startsWith("moving"));
    assertEquals(layer.nonTrainableWeights.map(shortName), states.map(([name]) => name));
    assertEquals(layer.countParams(), layer.getWeights().reduce((sum, { size }) => sum + size, 0));
  });

  Deno.test(`${name}: the configuration makes the same layer again`, () => {
    const { layer, config } = layerCases()[name]!;
    layer.trainable = false;
    const { name: layerName, trainable, ...rest } = layer.getConfig();
    assertEquals<unknown>(rest, config);
    const Class = layer.constructor as new (config: unknown) => tf.layers.Layer;
    const twin = new Class(layer.getConfig());
    assertEquals(twin.getConfig(), layer.getConfig());
    assertEquals([twin.name, twin.trainable], [layerName, trainable]);
  });

  testOnEveryBackend(`${name}: output has the shape of computeOutputShape`, () => {
    const { layer, shape, open, outputs: [output, openOutput] = [shape, open] } =
      layerCases()[name]!;
    assertEquals<unknown>(layer.computeOutputShape([...open]), openOutput);
    assertEquals<unknown>(layer.computeOutputShape([...shape]), output);
    tf.tidy(() => assertEquals<unknown>(apply(layer, wavesOf(shape)).shape, output));
    layer.dispose();
  });

  testOnEveryBackend(`${name}: no tensor leaks`, () => {
    const { layer, shape, outputs: [output] = [shape] } = layerCases()[name]!;
    const x = wavesOf(shape);
    const dy = wavesOf(output, 1);
    apply(layer, x).dispose();
    for (const training of [false, true]) {
      assertNoLeak(() => {
        apply(layer, x, training).dispose();
        const gradient = tf.grad((x) => apply(layer, x, training))(x, dy);
        gradient.dispose();
      });
    }
    tf.dispose([x, dy]);
    layer.dispose();
  });

  Deno.test(`${name}: an option or implementation that does not exist is refused`, () => {
    const { layer } = layerCases()[name]!;
    const Class = layer.constructor as new (config: unknown) => tf.layers.Layer;
    const refuses = (config: object, ErrorClass: typeof TypeError, message: string) =>
      assertThrows(() => new Class({ ...layer.getConfig(), ...config }), ErrorClass, message);
    const noOption = `Normbench${name} has no option "epsilom": it takes `;
    refuses({ epsilom: 1 }, TypeError, noOption);
    const noImplementation = 'no implementation "magic": choose one of composed, analytic';
    refuses({ implementation: "magic" }, RangeError, noImplementation);
  });
}

const NOT_FIXED = "has no fixed length";

const REFUSALS: readonly [string, () => tf.layers.Layer, Open, string][] = [
  [
    "the batch as feature axis",
    () => new BatchNormalization({ axis: 0 }),
    [null, 4],
    `axis 0 of the input [null,4] ${NOT_FIXED}`,
  ],
  [
    "the batch among the axes",
    () => new LayerNormalization({ axis: [0, 1] }),
    [null, 4],
    `axis 0 of the input [null,4] ${NOT_FIXED}`,
  ],
  [
    "an open number of channels",
    () => new GroupNormalization({ groups: 2 }),
    [null, 8, null],
    `axis 2 of the input [null,8,null] ${NOT_FIXED}`,
  ],
  [
    "an open number of features",
    () => new WeightNormDense({ units: 2 }),
    [null, null],
    `axis 1 of the input [null,null] ${NOT_FIXED}`,
  ],
  [
    "an axis that is not there",
    () => new BatchNormalization({ axis: 2 }),
    [null, 4],
    "axis 2 is out of range for an input of rank 2",
  ],
  [
    "an axis named twice",
    () => new RMSNormalization({ axis: [1, -1] }),
    [null, 4],
    "axis 1 is named twice",
  ],
  [
    "groups that do not divide the channels",
    () => new GroupNormalization(),
    [null, 4],
    "groups 32 does not divide the 4 channels",
  ],
  [
    "a momentum above 1",
    () => new BatchNormalization({ momentum: 99 }),
    [null, 4],
    "momentum 99 is not between 0 and 1",
  ],
  [
    "a negative epsilon",
    () => new InstanceNormalization({ epsilon: -1 }),
    [null, 4, 2],
    "epsilon -1 is not a number from 0 up",
  ],
  [
    "images for a dense layer",
    () => new WeightNormDense({ units: 2 }),
    [null, 4, 4, 1],
    "a dense layer takes [samples, features]",
  ],
];

for (const [about, layer, shape, message] of REFUSALS) {
  Deno.test(`build refuses ${about}`, () => {
    assertThrows(() => layer().build([...shape]), RangeError, message);
    const input = tf.input({ batchShape: [...shape] });
    assertThrows(() => layer().apply(input), RangeError, message);
  });
}

Deno.test("a layer refuses an input that does not fit its weights", () => {
  const layer = new BatchNormalization({ axis: 1 });
  layer.apply(tf.input({ shape: [3, 5] }));
  layer.apply(tf.input({ shape: [3, 7] }));
  const { message } = assertThrows(() => layer.apply(tf.input({ shape: [4, 5] })), Error);
  assertStringIncludes(message, "expected axis 1 of input shape to have value 3");
  assertThrows(() => layer.apply(tf.input({ shape: [3] })), Error, "expected ndim=3, found ndim=2");
});

Deno.test("a layer refuses several inputs", () => {
  const inputs = [tf.input({ shape: [3] }), tf.input({ shape: [3] })];
  assertThrows(() => new LayerNormalization().apply(inputs), TypeError, "takes one input, not 2");
});

Deno.test("a layer refuses what is not float32", () => {
  const layer = new LayerNormalization();
  const x = tf.ones([2, 3], "int32");
  assertThrows(() => layer.apply(x), TypeError, "input x is int32");
  x.dispose();
});

Deno.test("a mask is passed on", () => {
  const [x, mask] = [tf.ones([2, 3]), tf.ones([2])];
  assertEquals(new LayerNormalization().computeMask(x, mask) as tf.Tensor, mask);
  tf.dispose([x, mask]);
});

testOnEveryBackend("weights start at ones and zeros, or at the given values", async () => {
  const [gamma, beta] = [wavesOf([3], 1), wavesOf([3], 2)];
  const layers = [new BatchNormalization(), new LayerNormalization({ weights: [gamma, beta] })];
  for (const layer of layers) tf.tidy(() => apply(layer, wavesOf([2, 3])));
  const [ones, zeros] = [new Float32Array(3).fill(1), new Float32Array(3)];
  assertEquals(await read(layers[0]!.getWeights()), [ones, zeros, zeros, ones]);
  assertEquals(await read(layers[1]!.getWeights()), await read([gamma, beta]));
  layers.forEach((layer) => layer.dispose());
  tf.dispose([gamma, beta]);
});

Deno.test("a layer names what is no tensor in use, as input, weight or options", () => {
  const layer = new LayerNormalization();
  for (const x of [undefined, null, 5, "x", [1, 2], {}] as unknown as tf.Tensor[]) {
    assertThrows(() => layer.apply(x), TypeError, "input x is no tensor");
  }
  const x = tf.ones([2, 3]);
  layer.build([null, 3]);
  x.dispose();
  assertThrows(() => layer.apply(x), TypeError, "input x is disposed of: give a tensor in use");
  const set = (weight: unknown) => () => layer.setWeights([weight as tf.Tensor, tf.ones([3])]);
  tf.tidy(() => {
    assertThrows(set(5), TypeError, "input gamma is no tensor");
    assertThrows(set(tf.ones([3], "int32")), TypeError, "input gamma is int32: cast it to float32");
    assertThrows(
      set(tf.ones([4])),
      RangeError,
      "weight gamma has shape [4], but this layer needs [3]",
    );
  });
  layer.weights.forEach((weight) => weight.dispose());
  for (const options of [null, 5, "x", [1]] as unknown as object[]) {
    assertThrows(
      () => new LayerNormalization(options),
      TypeError,
      "the options of a layer of layer norm",
    );
    assertThrows(() => new WeightNormDense(options as never), TypeError, "give them by name");
  }
});
