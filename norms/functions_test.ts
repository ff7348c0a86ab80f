/**
 * What all public functions of norms have in common, as a table of functions.
 *
 * @module
 */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { testOn, testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { batchNorm, BatchNormalization, batchNormalization } from "./batch_norm.ts";
import type { Norm } from "./basics/norm.ts";
import { groupNorm, groupNormalization } from "./group_norm.ts";
import { instanceNorm, instanceNormalization } from "./instance_norm.ts";
import { layerNorm, LayerNormalization, layerNormalization } from "./layer_norm.ts";
import { lpNorm, lpNormalization } from "./lp_norm.ts";
import { implementationsOf } from "./frames/apply.ts";
import { rmsNorm, rmsNormalization } from "./rms_norm.ts";
import { weightNormalization } from "./weight_norm.ts";
import { momentsOf, normalTensor, valuesOf } from "./basics/tensors_testing.ts";
import * as tf from "./basics/tf.ts";

/** The arguments that the functions share. */
interface Arguments {
  readonly gamma?: tf.Tensor;
  readonly beta?: tf.Tensor;
  readonly axis?: number;
  readonly epsilon?: number;
  readonly implementation?: string;
}

/** The record of a norm, and its function; the outputs have `y` first. */
type NormFunction = readonly [
  Pick<Norm<never>, "name" | "implementations" | "fused" | "inputNames">,
  (x: tf.Tensor, args: Arguments) => tf.Tensor[],
];

const FUNCTIONS: Readonly<Record<string, NormFunction>> = {
  "batchNormalization in training": [
    batchNorm,
    (x, args) => Object.values(batchNormalization(x, { ...args, training: true })),
  ],
  "batchNormalization in prediction": [
    batchNorm,
    (x, args) => Object.values(batchNormalization(x, args)),
  ],
  layerNormalization: [layerNorm, (x, args) => [layerNormalization(x, args)]],
  groupNormalization: [groupNorm, (x, args) => [groupNormalization(x, { ...args, groups: 2 })]],
  instanceNormalization: [instanceNorm, (x, args) => [instanceNormalization(x, args)]],
  rmsNormalization: [rmsNorm, (x, args) => [rmsNormalization(x, args)]],
  lpNormalization: [
    lpNorm,
    (x, args) => Object.values(lpNormalization(x, { ...args, training: true })),
  ],
};

/** An input that all of them take, and the shape of gamma and beta. */
const [shape, parameters] = [[3, 5, 4], [4]];

function onlyY(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tensors[0]!;
}

for (const [name, [norm, apply]] of Object.entries(FUNCTIONS)) {
  const implementations = Object.keys(norm.implementations);
  const hasBeta = norm.inputNames.includes("beta");
  const allParameters = (): Arguments => ({
    gamma: normalTensor(parameters, "gamma"),
    ...(hasBeta && { beta: normalTensor(parameters, "beta") }),
  });

  testOnEveryBackend(`${name}: y has the shape of x, and differs from it`, async () => {
    const x = normalTensor(shape, "x");
    const y = onlyY(apply(x, allParameters()));
    assertEquals([y.shape, y.dtype], [shape, "float32"]);
    const [before, after] = await valuesOf(x, y);
    assert(after!.every(Number.isFinite));
    assertNotEquals(after, before);
  });

  testOnEveryBackend(`${name}: gamma is 1 and beta 0 where they are left out`, async () => {
    const x = normalTensor(shape, "x");
    const neutral = {
      gamma: tf.ones(parameters),
      ...(hasBeta && { beta: tf.zeros(parameters) }),
    };
    const [given, leftOut] = await valuesOf(onlyY(apply(x, neutral)), onlyY(apply(x, {})));
    assertEquals(given, leftOut);
  });

  testOnEveryBackend(`${name}: the implementations agree, the first is the default`, async () => {
    const x = normalTensor(shape, "x");
    const args = allParameters();
    const [byDefault] = await valuesOf(onlyY(apply(x, args)));
    for (const implementation of implementations) {
      const [values] = await valuesOf(onlyY(apply(x, { ...args, implementation })));
      assertEquals(values, byDefault, implementation);
    }
  });

  testOnEveryBackend(`${name}: only the outputs are left behind`, () => {
    const x = normalTensor(shape, "x");
    const args = allParameters();
    for (const implementation of implementations) {
      const before = tf.memory().numTensors;
      const outputs = apply(x, { ...args, implementation });
      assertEquals(tf.memory().numTensors, before + outputs.length, implementation);
      tf.dispose(outputs);
      const gradient = tf.grad((x) => onlyY(apply(x, { ...args, implementation })))(x);
      assertEquals(tf.memory().numTensors, before + 1, `gradient of ${implementation}`);
      gradient.dispose();
    }
    assert(!x.isDisposed && !args.gamma!.isDisposed);
  });

  testOnEveryBackend(`${name}: two applications in nested scopes keep their outputs`, async () => {
    const x = normalTensor(shape, "x");
    const [once, again] = tf.tidy(() => {
      const once = tf.tidy(() => onlyY(apply(x, {})));
      return [once, onlyY(apply(once, {}))];
    });
    const [first, second] = await valuesOf(once!, again!);
    const [expected] = await valuesOf(onlyY(apply(once!, {})));
    assert(first!.every(Number.isFinite));
    assertEquals(second, expected);
  });

  testOnEveryBackend(`${name}: gamma and beta of shapes that broadcast`, async () => {
    const x = normalTensor(shape, "x");
    const dy = normalTensor(shape, "dy");
    for (const implementation of Object.keys(implementationsOf(norm))) {
      const compute = (gamma: tf.Tensor) =>
        onlyY(apply(x, { gamma, ...(hasBeta && { beta: gamma }), implementation }));
      for (const given of [[], [1], [4], [1, 4], [1, 1, 4], [1, 1, 1], [1, 1, 1, 4]]) {
        const gamma = normalTensor(given, "gamma");
        const full = tf.add(tf.reshape(gamma, [gamma.size]), tf.zeros([4]));
        const what = `[${given}], ${implementation}`;
        const [y, expected] = await valuesOf(compute(gamma), compute(full));
        assertEquals(y, expected, what);
        const gradient = tf.grad(compute)(gamma, dy);
        assertEquals(gradient.shape, given, what);
        const [own, elements] = await valuesOf(gradient, tf.grad(compute)(full, dy));
        const sum = elements!.reduce((total, value) => total + value, 0);
        for (const [i, value] of own!.entries()) {
          assertAlmostEquals(value, gamma.size === 1 ? sum : elements![i]!, 1e-4, what);
        }
      }
    }
  });

  const ones = (...of: number[]) => tf.ones(of);
  const refusals: [string, typeof TypeError, () => tf.Tensor[], string][] = [
    [
      "an axis out of range",
      RangeError,
      () => apply(ones(...shape), { axis: 3 }),
      "axis 3 is out of range for an input of rank 3: use an integer from -3 to 2",
    ],
    [
      "a gamma of another shape",
      RangeError,
      () => apply(ones(...shape), { gamma: ones(5) }),
      "input gamma has shape [5], but these options need [4]",
    ],
    [
      "an empty batch",
      RangeError,
      () => apply(ones(0, 5, 4), {}),
      "input x of shape [0, 5, 4] is empty: statistics need at least one element",
    ],
    [
      "whole numbers",
      TypeError,
      () => apply(tf.ones(shape, "int32"), {}),
      "input x is int32: cast it to float32",
    ],
    [
      "whole numbers for gamma",
      TypeError,
      () => apply(ones(...shape), { gamma: tf.ones(parameters, "int32") }),
      "input gamma is int32: cast it to float32",
    ],
    [
      "a misspelt option",
      TypeError,
      () => apply(ones(...shape), { epsilom: 1e-5 } as Arguments),
      `${norm.name} norm has no option "epsilom": it takes gamma, `,
    ],
    [
      "a number for gamma",
      TypeError,
      () => apply(ones(...shape), { gamma: 1 as unknown as tf.Tensor }),
      "input gamma is no tensor: give one, such as tf.scalar(1)",
    ],
    ...[undefined, null, 5, [1, 2]].map((x): typeof refusals[number] => [
      `${JSON.stringify(x)} for x`,
      TypeError,
      () => apply(x as unknown as tf.Tensor, {}),
      "input x is no tensor: give one, such as tf.scalar(1)",
    ]),
    ...["x", "gamma"].map((which): typeof refusals[number] => [
      `a disposed ${which}`,
      TypeError,
      () => {
        const tensors = { x: ones(...shape), gamma: ones(...parameters) };
        tensors[which as "x"].dispose();
        return apply(tensors.x, { gamma: tensors.gamma });
      },
      `input ${which} is disposed of: give a tensor in use`,
    ]),
    [
      "an unknown implementation",
      RangeError,
      () => apply(ones(...shape), { implementation: "fast" }),
      `has no implementation "fast": choose one of ${implementations.join(", ")}`,
    ],
  ];
  if (hasBeta) {
    refusals.push([
      "a beta that lies along another axis",
      RangeError,
      () => apply(ones(...shape), { beta: ones(4, 1) }),
      "input beta has shape [4, 1], but these options need [4]",
    ]);
  }
  for (const epsilon of [-1e-3, NaN, Infinity, null as unknown as number]) {
    const message = `epsilon ${epsilon} is not a number from 0 up`;
    const call = () => apply(ones(...shape), { epsilon });
    refusals.push([`an epsilon of ${epsilon}`, RangeError, call, message]);
  }
  for (const [what, ErrorClass, call, message] of refusals) {
    Deno.test(`${name} refuses ${what}`, () => {
      const before = tf.memory().numTensors;
      assertThrows(() => tf.tidy(call), ErrorClass, message);
      assertEquals(tf.memory().numTensors, before);
    });
  }
}

Deno.test("what is no object of options is refused", () => {
  const functions = { batchNormalization, layerNormalization, groupNormalization };
  tf.tidy(() => {
    const x = tf.ones(shape);
    for (const normalize of Object.values<(x: tf.Tensor, options: object) => unknown>(functions)) {
      for (const [options, kind] of [[null, "null"], [5, "a number"], [tf.ones([4]), "a tensor"]]) {
        const message = `norm are ${kind}: give them by name`;
        assertThrows(() => normalize(x, options as object), TypeError, message);
      }
    }
    assertThrows(
      () => weightNormalization(tf.ones([2, 3]), tf.ones([3]), null as unknown as object),
      TypeError,
      "the options of weightNormalization are null: give them by name",
    );
  });
});

Deno.test("norms with one channel axis refuse several, in place of taking the first", () => {
  const functions = {
    ...{ batchNormalization, lpNormalization, instanceNormalization, groupNormalization },
  };
  tf.tidy(() => {
    const x = tf.ones(shape);
    for (const normalize of Object.values<(x: tf.Tensor, options: object) => unknown>(functions)) {
      assertThrows(() => normalize(x, { axis: [1, 2] }), RangeError, "axes 1, 2 are several");
    }
    assertThrows(
      () => layerNormalization(x, { fromAxis: [1, 2] as unknown as number }),
      RangeError,
      "axes 1, 2 are several: name one",
    );
  });
});

for (const [name, apply] of Object.entries({ layerNormalization, rmsNormalization })) {
  Deno.test(`${name} refuses an axis named twice, and an empty list`, () => {
    const x = tf.ones([2, 3]);
    assertThrows(() => apply(x, { axis: [1, -1] }), RangeError, "axis 1 is named twice");
    assertThrows(() => apply(x, { axis: [] }), RangeError, "axis is empty");
    x.dispose();
  });

  testOnEveryBackend(`${name}: gamma follows the order in which the axes are named`, async () => {
    const x = normalTensor([2, 3, 4, 5], "x");
    const gamma = normalTensor([4, 3], "gamma");
    const [named, sorted] = await valuesOf(
      apply(x, { gamma, axis: [2, 1] }),
      apply(x, { gamma: tf.transpose(gamma), axis: [1, 2] }),
    );
    assertEquals(named, sorted);
  });
}

testOnEveryBackend(
  "gamma as it lies against channels first, or as a tensor of rank 1",
  async () => {
    const x = normalTensor([2, 4, 3, 5], "x");
    const functions = [
      (gamma: tf.Tensor) => batchNormalization(x, { gamma, axis: 1, training: true }).y,
      (gamma: tf.Tensor) => groupNormalization(x, { gamma, axis: 1, groups: 2 }),
      (gamma: tf.Tensor) => instanceNormalization(x, { gamma, axis: 1 }),
    ];
    const gamma = normalTensor([4], "gamma");
    for (const normalize of functions) {
      const [own, against] = await valuesOf(
        normalize(gamma),
        normalize(tf.reshape(gamma, [4, 1, 1])),
      );
      assertEquals(against, own);
    }
  },
);

testOnEveryBackend("gamma broadcasts along some of the axes, of any number", async () => {
  const x = normalTensor([2, 2, 3, 1, 2, 2, 2], "x");
  const gamma = normalTensor([3, 1, 2, 1, 2], "gamma");
  const full = tf.tile(tf.reshape(gamma, [3, 2, 1, 2]), [1, 1, 2, 1]);
  const [given, expected] = await valuesOf(
    layerNormalization(x, { gamma, fromAxis: 2 }),
    layerNormalization(x, { gamma: tf.reshape(full, [3, 1, 2, 2, 2]), fromAxis: 2 }),
  );
  assertEquals(given, expected);
});

Deno.test("a gamma that can be read in two ways is refused", () => {
  const x = tf.ones([2, 4, 4, 3]);
  const normalize = (gamma: tf.Tensor) => layerNormalization(x, { axis: [1, 2], gamma });
  tf.tidy(() => {
    assertThrows(
      () => normalize(tf.ones([4, 1])),
      RangeError,
      "input gamma of shape [4, 1] has two meanings, [4, 1] and [1, 4]: give it in shape [4, 4]",
    );
    // Whatever it means, it is the same.
    assertEquals(normalize(tf.ones([1, 1])).shape, x.shape);
  });
  x.dispose();
});

for (const [name, apply] of Object.entries({ layerNormalization, rmsNormalization })) {
  testOnEveryBackend(`${name}: fromAxis names all axes to the last`, async () => {
    const x = normalTensor([2, 3, 4, 5], "x");
    const gamma = normalTensor([4, 5], "gamma");
    for (const fromAxis of [2, -2]) {
      const [from, listed] = await valuesOf(
        apply(x, { gamma, fromAxis }),
        apply(x, { gamma, axis: [2, 3] }),
      );
      assertEquals(from, listed);
    }
  });

  Deno.test(`${name} refuses a single axis that is not the last, since it has two meanings`, () => {
    const x = tf.ones([2, 3, 4, 5]);
    const message = "has two meanings: write axis: [1] for that axis alone, as in tf.layers, " +
      "or fromAxis: 1 for all from there to the last, as in ONNX";
    assertThrows(() => apply(x, { axis: 1 }), RangeError, `axis 1 of rank 4 ${message}`);
    assertThrows(() => apply(x, { axis: 1, gamma: tf.ones([3]) }), RangeError, message);
    assertThrows(
      () => apply(x, { axis: -1, fromAxis: 1 }),
      TypeError,
      "axis and fromAxis both say which axes share statistics: give one of them",
    );
    tf.tidy(() => {
      for (const axis of [-1, 3, [1]]) assertEquals(apply(x, { axis }).shape, x.shape);
    });
    x.dispose();
  });
}

Deno.test("a layer norm without weights refuses a single axis that is not the last", () => {
  const build = (args: object) => {
    const layer = new LayerNormalization(args);
    layer.build([null, 3, 4, 5]);
    return layer.weights.map(({ shape }) => shape);
  };
  const bare = { scale: false, center: false };
  assertThrows(() => build({ axis: 1, ...bare }), RangeError, "axis 1 of rank 4 has two meanings");
  assertEquals(build({ axis: 1 }), [[3], [3]]);
  assertEquals(build({ fromAxis: 1 }), [[3, 4, 5], [3, 4, 5]]);
  assertEquals(new LayerNormalization({ fromAxis: 1 }).getConfig()["axis"], undefined);
});

Deno.test("weightNormalization refuses a misspelt option", () => {
  const [v, g] = [tf.ones([2, 3]), tf.ones([3])];
  assertThrows(
    () => weightNormalization(v, g, { implementatoin: "analytic" } as object),
    TypeError,
    'weightNormalization has no option "implementatoin": it takes implementation',
  );
  tf.dispose([v, g]);
});

for (const backend of ["cpu", "wasm", "tensorflow"] as const) {
  testOn(backend, "a negative running spread is refused, NaN is not", async () => {
    const x = normalTensor([5, 2], "x");
    for (const training of [true, false]) {
      const spread = tf.tensor1d([1, -0.5]);
      const batch = () => batchNormalization(x, { movingVariance: spread, training });
      assertThrows(batch, RangeError, "movingVariance holds -0.5: a measure of spread is not");
      const lp = () => lpNormalization(x, { movingSpread: spread, training });
      assertThrows(lp, RangeError, "movingSpread holds -0.5: a measure of spread is not negative");
    }
    const [y] = await valuesOf(
      batchNormalization(x, { movingVariance: tf.tensor1d([1, NaN]) }).y,
    );
    assertEquals(y!.map(Number.isNaN), y!.map((_, i) => i % 2 === 1));
  });

  testOn(backend, "a layer refuses a negative running variance", () => {
    const layer = new BatchNormalization({});
    layer.build([null, 2]);
    const weights = layer.getWeights();
    assertThrows(
      () => layer.setWeights([...weights.slice(0, 3), tf.tensor1d([1, -0.5])]),
      RangeError,
      "moving_variance holds -0.5: a measure of spread is not negative",
    );
    layer.setWeights(weights);
  });
}

testOnEveryBackend("running statistics have the gradient of the batch's", async () => {
  const x = normalTensor([6, 2], "x");
  const [values] = await valuesOf(x);
  const moments = momentsOf(values!, 2);
  const args = { training: true, momentum: 0.5 };
  const outputs: Readonly<Record<string, (x: tf.Tensor, implementation: string) => tf.Tensor>> = {
    mean: (x, implementation) => batchNormalization(x, { ...args, implementation }).movingMean,
    variance: (x, implementation) =>
      batchNormalization(x, { ...args, implementation }).movingVariance,
    "l_p mean": (x, implementation) => lpNormalization(x, { ...args, implementation }).movingMean,
    "l_p variance": (x, implementation) =>
      lpNormalization(x, { ...args, p: 2, implementation }).movingSpread,
  };
  for (const [name, output] of Object.entries(outputs)) {
    for (const implementation of ["composed", "analytic"]) {
      const [gradient] = await valuesOf(tf.grad((x) => output(x, implementation))(x));
      for (const [i, value] of gradient!.entries()) {
        const slope = name.endsWith("mean") ? 1 : 2 * (values![i]! - moments[i % 2]!.mean);
        assertAlmostEquals(value, 0.5 * slope / 6, 1e-6, `${name}, ${implementation}`);
      }
    }
  }
});
