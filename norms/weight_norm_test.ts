import { assertAlmostEquals, assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import type { WeightNormOptions } from "./basics/options.ts";
import { momentsOf, normalTensor, valuesOf } from "./basics/tensors_testing.ts";
import * as tf from "./basics/tf.ts";
import { applyKernel, dataDependentInitialization } from "./basics/reparameterization.ts";
import { initialOutput } from "./layers/weight_norm_layer.ts";
import { weightNorm, weightNormalization } from "./weight_norm.ts";

const IMPLEMENTATIONS = ["composed", "analytic"] as const;

testOnEveryBackend("weightNormalization gives every unit the length g", async () => {
  // Columns of length 5 and 13.
  const v = tf.tensor2d([[3, 5], [4, 12]]);
  for (const implementation of IMPLEMENTATIONS) {
    const [w] = await valuesOf(weightNormalization(v, tf.tensor1d([10, -26]), { implementation }));
    [6, -10, 8, -24].forEach((expected, i) => assertAlmostEquals(w![i]!, expected, 1e-5));
  }
});

testOnEveryBackend("the length of v does not matter, tiny or huge", async () => {
  const v = normalTensor([3, 3, 2, 4], "v");
  const g = normalTensor([4], "g");
  const [expected] = await valuesOf(weightNormalization(v, g));
  // Powers of two, which float32 multiplies without an error.
  for (const scale of [2 ** -100, 2 ** 100]) {
    const [w] = await valuesOf(weightNormalization(tf.mul(v, scale), g));
    assertEquals(w, expected);
  }
});

testOnEveryBackend("weightNormalization leaves only the kernel behind", () => {
  const v = normalTensor([3, 4], "v");
  const g = normalTensor([4], "g");
  for (const implementation of IMPLEMENTATIONS) {
    const before = tf.memory().numTensors;
    const w = weightNormalization(v, g, { implementation });
    assertEquals(tf.memory().numTensors, before + 1);
    w.dispose();
    const apply = (v: tf.Tensor, g: tf.Tensor) => weightNormalization(v, g, { implementation });
    const gradients = tf.grads(apply)([v, g]);
    assertEquals(tf.memory().numTensors, before + 2);
    tf.dispose(gradients);
  }
});

testOnEveryBackend("the gradient of v is orthogonal to v", async () => {
  const v = normalTensor([6, 4], "v");
  const g = normalTensor([4], "g");
  const dw = normalTensor([6, 4], "dw");
  for (const implementation of IMPLEMENTATIONS) {
    const apply = (v: tf.Tensor) => weightNormalization(v, g, { implementation });
    const dv = tf.grad(apply)(v, dw);
    const [products] = await valuesOf(tf.sum(tf.mul(v, dv), 0));
    // Sums of six products of order 1.
    for (const product of products!) assertLessOrEqual(Math.abs(product), 32 * 2 ** -24);
  }
});

const REFUSED: readonly (readonly [string, () => unknown, typeof TypeError, string])[] = [
  ...[[2], [1, 3], []].map((shape) =>
    [
      `a g of shape [${shape}]`,
      () => weightNormalization(tf.ones([2, 3]), tf.ones(shape)),
      RangeError,
      `g has shape [${shape.join(", ")}], but v of shape [2, 3] needs [3]`,
    ] as const
  ),
  [
    "whole numbers",
    () => weightNormalization(tf.ones([3, 3], "int32"), tf.ones([3])),
    TypeError,
    "input v is int32: cast it to float32",
  ],
  [
    "an unknown implementation",
    () => weightNormalization(tf.ones([2, 3]), tf.ones([3]), { implementation: "fast" }),
    RangeError,
    'weight norm has no implementation "fast": choose one of composed, analytic',
  ],
];

for (const [what, call, ErrorClass, message] of REFUSED) {
  Deno.test(`weightNormalization refuses ${what}`, () => {
    tf.tidy(() => {
      assertThrows(call, ErrorClass, message);
    });
  });
}

const LAYERS: Readonly<Record<string, { x: number[]; v: number[]; options: WeightNormOptions }>> = {
  "a dense layer": { x: [50, 6], v: [6, 4], options: { units: 4 } },
  "a convolution": {
    x: [3, 9, 8, 2],
    v: [3, 3, 2, 5],
    options: { units: 5, kernelSize: [3, 3], strides: [2, 1], padding: "same" },
  },
};

for (const [name, layer] of Object.entries(LAYERS)) {
  testOnEveryBackend(`${name} starts with outputs of mean 0 and variance 1`, async () => {
    const x = tf.add(tf.mul(normalTensor(layer.x, "x"), 3), 7);
    const v = normalTensor(layer.v, "v");
    const { g, bias } = dataDependentInitialization(initialOutput(weightNorm, x, v, layer.options));
    assertEquals([g.shape, bias.shape], [[layer.options.units], [layer.options.units]]);
    const y = applyKernel(x, weightNormalization(v, g), bias, layer.options);
    for (const { mean, variance } of momentsOf((await valuesOf(y))[0]!, layer.options.units)) {
      assertLessOrEqual(Math.abs(mean), 1e-5);
      assertLessOrEqual(Math.abs(variance - 1), 1e-5);
    }
  });

  testOnEveryBackend(`initialization of ${name} leaves only its results behind`, () => {
    const x = normalTensor(layer.x, "x");
    const v = normalTensor(layer.v, "v");
    const before = tf.memory().numTensors;
    const t = initialOutput(weightNorm, x, v, layer.options);
    dataDependentInitialization(t);
    assertEquals(tf.memory().numTensors, before + 3);
  });
}

Deno.test("an initial batch without spread is refused", () => {
  tf.tidy(() => {
    for (const shape of [[1, 3], [3], [0, 3]]) {
      assertThrows(
        () => dataDependentInitialization(tf.zeros(shape)),
        RangeError,
        `an initial batch of shape [${shape.join(", ")}] has no spread`,
      );
    }
  });
});

Deno.test("a layer has a whole number of units", () => {
  for (const units of [0, -1, 0.5]) {
    assertThrows(
      () => weightNorm.inputs([2, 4], { units }),
      RangeError,
      `units ${units} is not a positive whole number`,
    );
  }
});

Deno.test("a layer refuses data of a rank that it does not take", () => {
  const cases: [number[], number[], WeightNormOptions, string][] = [
    [
      [8, 9, 3],
      [3, 3, 3, 5],
      { units: 5, kernelSize: [3, 3] },
      "x of shape [8, 9, 3] does not fit: " +
      "a convolution takes [samples, height, width, channels]",
    ],
    [
      [2, 3, 4],
      [4, 5],
      { units: 5 },
      "x of shape [2, 3, 4] does not fit: a dense layer takes [samples, features]",
    ],
    [[2, 4], [3, 5], { units: 5 }, "input v has shape [3, 5], but these options need [4, 5]"],
  ];
  tf.tidy(() => {
    for (const [x, v, options, message] of cases) {
      const call = () => initialOutput(weightNorm, tf.ones(x), tf.ones(v), options);
      assertEquals(assertThrows(call, RangeError).message, message);
    }
  });
});
