/**
 * What all public functions of norms have in common, as a table of functions.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { batchNorm, batchNormalization } from "./batch_norm.ts";
import { groupNorm, groupNormalization } from "./group_norm.ts";
import { instanceNorm, instanceNormalization } from "./instance_norm.ts";
import { layerNorm, layerNormalization } from "./layer_norm.ts";
import { rmsNorm, rmsNormalization } from "./rms_norm.ts";
import { normalTensor, valuesOf } from "./basics/tensors_testing.ts";
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
  { readonly implementations: object; readonly inputNames: readonly string[] },
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
      "an unknown implementation",
      RangeError,
      () => apply(ones(...shape), { implementation: "fast" }),
      `has no implementation "fast": choose one of ${implementations.join(", ")}`,
    ],
  ];
  if (hasBeta) {
    refusals.push([
      "a beta of another rank",
      RangeError,
      () => apply(ones(...shape), { beta: ones(1, 4) }),
      "input beta has shape [1, 4], but these options need [4]",
    ]);
  }
  for (const epsilon of [-1e-3, NaN, Infinity]) {
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
