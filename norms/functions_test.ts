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
import type { Shape } from "./basics/shape.ts";
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

interface NormFunction {
  /** The outputs, `y` first. */
  readonly apply: (x: tf.Tensor, args: Arguments) => tf.Tensor[];
  readonly implementations: readonly string[];
  /** An input that it takes. */
  readonly shape: Shape;
  /** Shape of gamma, and of beta where there is one. */
  readonly parameters: Shape;
  readonly hasBeta: boolean;
}

const FUNCTIONS: Readonly<Record<string, NormFunction>> = {
  "batchNormalization in training": {
    apply: (x, args) => Object.values(batchNormalization(x, { ...args, training: true })),
    implementations: Object.keys(batchNorm.implementations),
    shape: [3, 5, 4],
    parameters: [4],
    hasBeta: true,
  },
  "batchNormalization in prediction": {
    apply: (x, args) => Object.values(batchNormalization(x, args)),
    implementations: Object.keys(batchNorm.implementations),
    shape: [3, 5, 4],
    parameters: [4],
    hasBeta: true,
  },
  layerNormalization: {
    apply: (x, args) => [layerNormalization(x, args)],
    implementations: Object.keys(layerNorm.implementations),
    shape: [3, 5, 4],
    parameters: [4],
    hasBeta: true,
  },
  groupNormalization: {
    apply: (x, args) => [groupNormalization(x, { ...args, groups: 2 })],
    implementations: Object.keys(groupNorm.implementations),
    shape: [3, 5, 4],
    parameters: [4],
    hasBeta: true,
  },
  instanceNormalization: {
    apply: (x, args) => [instanceNormalization(x, args)],
    implementations: Object.keys(instanceNorm.implementations),
    shape: [3, 5, 4],
    parameters: [4],
    hasBeta: true,
  },
  rmsNormalization: {
    apply: (x, args) => [rmsNormalization(x, args)],
    implementations: Object.keys(rmsNorm.implementations),
    shape: [3, 5, 4],
    parameters: [4],
    hasBeta: false,
  },
};

/** gamma, and beta where there is one. */
function parametersOf({ parameters, hasBeta }: NormFunction): Arguments {
  const gamma = normalTensor(parameters, "gamma");
  return hasBeta ? { gamma, beta: normalTensor(parameters, "beta") } : { gamma };
}

function onlyY(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tensors[0]!;
}

for (const [name, entry] of Object.entries(FUNCTIONS)) {
  const { apply, implementations, shape, parameters, hasBeta } = entry;

  testOnEveryBackend(`${name}: y has the shape of x, and differs from it`, async () => {
    const x = normalTensor(shape, "x");
    const y = onlyY(apply(x, parametersOf(entry)));
    assertEquals([y.shape, y.dtype], [[...shape], "float32"]);
    const [before, after] = await valuesOf(x, y);
    assert(after!.every(Number.isFinite));
    assertNotEquals(after, before);
  });

  testOnEveryBackend(`${name}: gamma is 1 and beta 0 where they are left out`, async () => {
    const x = normalTensor(shape, "x");
    const neutral = {
      gamma: tf.ones([...parameters]),
      ...(hasBeta && { beta: tf.zeros([...parameters]) }),
    };
    const [given, leftOut] = await valuesOf(onlyY(apply(x, neutral)), onlyY(apply(x, {})));
    assertEquals(given, leftOut);
  });

  testOnEveryBackend(`${name}: the implementations agree, the first is the default`, async () => {
    const x = normalTensor(shape, "x");
    const args = parametersOf(entry);
    const [byDefault] = await valuesOf(onlyY(apply(x, args)));
    for (const implementation of implementations) {
      const [values] = await valuesOf(onlyY(apply(x, { ...args, implementation })));
      assertEquals(values, byDefault, implementation);
    }
  });

  testOnEveryBackend(`${name}: nothing is left behind but the outputs`, () => {
    const x = normalTensor(shape, "x");
    const args = parametersOf(entry);
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

  const refuses = (
    what: string,
    ErrorClass: typeof RangeError | typeof TypeError,
    call: () => tf.Tensor[],
    message: string,
  ) =>
    Deno.test(`${name} refuses ${what}`, () => {
      const before = tf.memory().numTensors;
      assertThrows(() => tf.tidy(call), ErrorClass, message);
      assertEquals(tf.memory().numTensors, before);
    });

  const ones = (...of: number[]) => tf.ones(of);
  refuses(
    "an axis out of range",
    RangeError,
    () => apply(ones(...shape), { axis: 3 }),
    "axis 3 is out of range for an input of rank 3: use an integer from -3 to 2",
  );
  refuses(
    "a gamma of another shape",
    RangeError,
    () => apply(ones(...shape), { gamma: ones(5) }),
    "input gamma has shape [5], but these options need [4]",
  );
  if (hasBeta) {
    refuses(
      "a beta of another rank",
      RangeError,
      () => apply(ones(...shape), { beta: ones(1, 4) }),
      "input beta has shape [1, 4], but these options need [4]",
    );
  }
  refuses(
    "an empty batch",
    RangeError,
    () => apply(ones(0, 5, 4), {}),
    "input x of shape [0, 5, 4] is empty: statistics need at least one element",
  );
  refuses(
    "whole numbers",
    TypeError,
    () => apply(tf.ones([...shape], "int32"), {}),
    "input x is int32: cast it to float32",
  );
  refuses(
    "whole numbers for gamma",
    TypeError,
    () => apply(ones(...shape), { gamma: tf.ones([...parameters], "int32") }),
    "input gamma is int32: cast it to float32",
  );
  refuses(
    "an implementation that it does not have",
    RangeError,
    () => apply(ones(...shape), { implementation: "fast" }),
    `has no implementation "fast": choose one of ${implementations.join(", ")}`,
  );
  for (const epsilon of [-1e-3, NaN, Infinity]) {
    refuses(
      `an epsilon of ${epsilon}`,
      RangeError,
      () => apply(ones(...shape), { epsilon }),
      `epsilon ${epsilon} is not a number from 0 up`,
    );
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
