import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { recorded } from "../../fixtures/distribution.ts";
import { batchNorm, BatchNormalization } from "../../norms/batch_norm.ts";
import type { BatchNormOptions, RMSNormOptions } from "../../norms/basics/options.ts";
import { roundTo, type StorageType } from "../../norms/oracle/storage.ts";
import * as tf from "../../norms/basics/tf.ts";
import type { InputsOf } from "../../norms/registry.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import { testOn } from "../backend/backends_testing.ts";
import { type CustomNorm, parity } from "./parity.ts";

interface Options {
  readonly axis: number;
  readonly epsilon: number;
}

const OPTIONS: Options = { axis: -1, epsilon: 1e-3 };

/** Layer norm as most people write it first. */
const layerNorm: CustomNorm<Options, "layer"> = ({ x, gamma, beta }, { axis, epsilon }) => {
  const { mean, variance } = tf.moments(x, axis, true);
  return x.sub(mean).div(variance.add(epsilon).sqrt()).mul(gamma).add(beta);
};

/** The same with epsilon in the wrong place. */
const wrongLayerNorm: CustomNorm<Options, "layer"> = ({ x, gamma, beta }, { axis, epsilon }) => {
  const { mean, variance } = tf.moments(x, axis, true);
  return x.sub(mean).div(variance.sqrt().add(epsilon)).mul(gamma).add(beta);
};

/** What fails here is not shrunk: that has tests of its own, and takes its time. */
const QUICKLY = { backend: "cpu", shrink: false } as const;

const CASE = { norm: "layer", shape: [8, 32], options: OPTIONS, ...QUICKLY } as const;

Deno.test("a right custom norm is right, forward and gradient", async () => {
  const result = await parity(layerNorm, CASE);
  assertEquals([result.isRight, result.verdict], [true, "right"]);
  assert(result.ratio > 0 && result.ratio <= 1);
  const [header, record] = result.records;
  assertEquals(header?.kind, "header");
  assert(record?.kind === "parity");
  assertEquals(record.quantities.map(({ name }) => name), ["y", "dx", "dgamma", "dbeta"]);
});

Deno.test("a wrong custom norm is blamed, and the table says so", async () => {
  const result = await parity(wrongLayerNorm, { ...CASE, name: "mine" });
  assertEquals([result.isRight, result.verdict], [false, "wrong"]);
  assertStringIncludes(result.summary, "wrong: mine layer/custom-8x32");
});

const rmsNorm: CustomNorm<RMSNormOptions, "rms"> = ({ x, gamma }, { axis = -1, epsilon = 1e-6 }) =>
  x.div(x.square().mean([axis].flat(), true).add(epsilon).sqrt()).mul(gamma ?? 1);

Deno.test("without a shape, the norm's own cases are run", async () => {
  const { records } = await parity(rmsNorm, { norm: "rms", ...QUICKLY });
  const ids = records.flatMap((record) => record.kind === "parity" ? [record.case.id] : []);
  assert(ids.length > 10);
  assert(ids.includes("rms/axis-2-1") && ids.includes("rms/museum-huge"));
});

Deno.test("parameters come in the shape that the function wants", async () => {
  const shapes: unknown[] = [];
  const { isRight } = await parity((inputs, options) => {
    shapes.push(inputs.gamma.shape);
    return layerNorm(inputs, options);
  }, { ...CASE, parameterShapes: { gamma: [1, 32] } });
  assert(isRight);
  assertEquals(shapes[0], [1, 32]);
});

Deno.test("a batch norm that returns its states is judged by them over several steps", async () => {
  const { isRight, records } = await parity(
    ({ x, gamma, beta, movingMean, movingVariance }, { training, momentum }) => {
      const batch = tf.moments(x, 0);
      const [mean, variance] = training
        ? [batch.mean, batch.variance]
        : [movingMean, movingVariance];
      const follow = (moving: tf.Tensor, value: tf.Tensor) =>
        training ? moving.mul(momentum).add(value.mul(1 - momentum)) : moving;
      return {
        y: x.sub(mean).div(variance.add(1e-3).sqrt()).mul(gamma).add(beta),
        movingMean: follow(movingMean, batch.mean),
        movingVariance: follow(movingVariance, batch.variance),
      };
    },
    {
      norm: "batch",
      shape: [16, 4],
      options: { training: true, momentum: 0.9 },
      steps: 3,
      backend: "cpu",
    },
  );
  assert(isRight);
  const [, record] = records;
  assert(record?.kind === "parity");
  const names = record.quantities.map(({ name }) => name);
  assert(names.includes("movingVariance") && names.includes("yPredict"));
});

Deno.test("a norm that stores half precision is judged by what that type holds", async () => {
  for (const storage of ["float16", "bfloat16"] as const) {
    const half = (x: tf.Tensor) => roundAll(x, storage);
    const storing: CustomNorm<Options, "layer"> = (inputs, options) => {
      const y = layerNorm(inputs, options) as tf.Tensor;
      return tf.customGrad((y) => ({
        value: half(y as tf.Tensor),
        gradFunc: (dy) => dy as tf.Tensor,
      }))(y);
    };
    const options = { ...CASE, quantities: ["y"] };
    assertEquals((await parity(storing, options)).verdict, "wrong");
    assertEquals((await parity(storing, { ...options, storage })).verdict, "right");
    assertEquals((await parity(wrongLayerNorm, { ...options, storage })).verdict, "wrong");
  }
});

function roundAll(x: tf.Tensor, storage: StorageType): tf.Tensor {
  return tf.tensor(x.dataSync().map((value) => roundTo(storage, value)), x.shape);
}

/** Batch norm that forgets its running statistics. */
const forgetful: CustomNorm<BatchNormOptions, "batch"> = ({ x, gamma, beta }) => {
  const { mean, variance } = tf.moments(x, 0, true);
  return x.sub(mean).div(variance.add(1e-3).sqrt()).mul(gamma!).add(beta!);
};

const BATCH_CASE = {
  norm: "batch",
  shape: [16, 4],
  options: { training: true },
  backend: "cpu",
} as const;

Deno.test("a prediction need not return the running statistics that it leaves as they are", async () => {
  const predict: CustomNorm<BatchNormOptions, "batch"> = (
    { x, gamma, beta, movingMean, movingVariance },
  ) => x.sub(movingMean).div(movingVariance.add(1e-3).sqrt()).mul(gamma!).add(beta!);
  const { verdict } = await parity(predict, { ...BATCH_CASE, options: {} });
  assertEquals(verdict, "right");
});

/** A summary without the line breaks of a terminal. */
const unwrapped = (summary: string) => summary.replace(/\n +/g, " ");

Deno.test("a batch norm that returns y alone is told what it did not return", async () => {
  for (const steps of [1, 3]) {
    const result = await parity(forgetful, { ...BATCH_CASE, steps });
    assertEquals([result.isRight, result.verdict], [false, "not returned"]);
    assertStringIncludes(
      unwrapped(result.summary),
      "movingMean, movingVariance, yPredict: not returned",
    );
  }
});

Deno.test("states that are returned by other names are named", async () => {
  for (const steps of [1, 2]) {
    const { summary } = await parity(
      (inputs, options) => ({
        y: forgetful(inputs, options) as tf.Tensor,
        runningMean: tf.scalar(1),
      }),
      { ...BATCH_CASE, steps },
    );
    assertStringIncludes(
      unwrapped(summary),
      "it returned runningMean, which is not asked for: the outputs of batch norm are named y, " +
        "movingMean, movingVariance",
    );
  }
});

Deno.test("a prediction that changes the running statistics is told so", async () => {
  const { summary } = await parity(
    ({ x, gamma, beta, movingMean, movingVariance }: InputsOf<"batch">) => ({
      y: x.sub(movingMean).div(movingVariance.add(1e-3).sqrt()).mul(gamma!).add(beta!),
      movingMean: movingMean.mul(0.99),
      movingVariance,
    }),
    { ...BATCH_CASE, options: {} },
  );
  assertStringIncludes(summary, "It returned another movingMean than it was given");
});

Deno.test("who forgets to ask for training is told that a prediction was checked", async () => {
  const { verdict, summary } = await parity(forgetful, { ...BATCH_CASE, options: {} });
  assertEquals(verdict, "wrong");
  assertStringIncludes(summary, "give options: { training: true }");
});

Deno.test("what is judged can be chosen, and a wrong name is refused", async () => {
  const quantities = ["y", "dx", "dgamma", "dbeta"];
  const { isRight, records } = await parity(forgetful, { ...BATCH_CASE, quantities });
  assertEquals(isRight, true);
  const [, record] = records;
  assert(record?.kind === "parity");
  assertEquals(record.quantities.map(({ name }) => name), quantities);
  await assertRejects(
    () => parity(forgetful, { ...BATCH_CASE, quantities: ["dz"] }),
    RangeError,
    'no quantity "dz": choose of y, movingMean, movingVariance, yPredict, dx, dgamma, dbeta',
  );
});

Deno.test("an error that some order of operations explains loses digits, and is right", async () => {
  const sequential: CustomNorm<Options, "layer"> = ({ x, gamma, beta }, { epsilon }) => {
    const rows = x.arraySync() as number[][];
    const mean = tf.tensor(rows.map((row) => [sumInFloat32(row) / row.length]));
    return x.sub(mean).div(x.sub(mean).square().mean(-1, true).add(epsilon).sqrt()).mul(gamma)
      .add(beta);
  };
  const input = recorded("0.1", Float32Array.from({ length: 4096 }, (_, i) => 100.1 + i % 2));
  const { isRight, verdict, summary } = await parity(sequential, {
    ...CASE,
    shape: [1, 4096],
    input,
    quantities: ["y"],
  });
  assertEquals([isRight, verdict], [true, "loses digits"]);
  assertMatch(summary, /y loses \d+ bits/);
});

function sumInFloat32(values: readonly number[]): number {
  return values.reduce((sum, value) => Math.fround(sum + value), 0);
}

Deno.test("a custom layer is judged like a function", async () => {
  const { isRight } = await parity({
    layer: () => tf.layers.layerNormalization({ axis: -1, epsilon: 1e-3 }),
  }, CASE);
  assert(isRight);
});

Deno.test("a function that throws is blamed with its words", async () => {
  const { verdict, summary } = await parity(() => {
    throw new Error("not written yet");
  }, CASE);
  assertEquals(verdict, "cannot run");
  assertStringIncludes(summary, "not written yet");
});

/** What a function may return that is no norm, and what the error says. */
const NO_NORMS: Readonly<Record<string, readonly [() => unknown, string]>> = {
  "a promise": [
    () => Promise.reject(new Error("too late")),
    "the norm returned a promise: use a function that is not async",
  ],
  "undefined": [
    () => undefined,
    "the norm returned undefined: return y, or an object with y and the updated states",
  ],
  "null": [() => null, "the norm returned null"],
  "a number": [() => 5, "the norm returned a number"],
  "a typed array": [
    () => tf.zeros([8, 32]).dataSync(),
    "the norm returned a Float32Array: return y",
  ],
  "an array": [() => [tf.zeros([8, 32])], "the norm returned an array"],
  "an object without y": [() => ({ out: tf.zeros([8, 32]) }), "the norm returned no y but out"],
  "a y that is no tensor": [() => ({ y: [1, 2] }), "the norm returned an array as y"],
};

for (const [what, [returns, message]] of Object.entries(NO_NORMS)) {
  Deno.test(`a function that returns ${what} is refused`, async () => {
    const custom = returns as unknown as CustomNorm<Options, "layer">;
    await assertRejects(() => parity(custom, CASE), TypeError, message);
  });
}

Deno.test("what is neither a function nor a layer is refused, before anything runs", async () => {
  const run = (custom: unknown) => parity(custom as CustomNorm<Options, "layer">, CASE);
  for (const [custom, what] of [[5, "a number"], [null, "null"], [{}, "an object"]] as const) {
    await assertRejects(() => run(custom), TypeError, `the norm is ${what}: give a function`);
  }
  await assertRejects(
    () => run({ layer: () => undefined }),
    TypeError,
    "layer() returned undefined: return a layer of tf.layers",
  );
});

Deno.test("bad input to parity is named", async () => {
  const input = recorded("NaN", new Float32Array(256).fill(NaN));
  await assertRejects(() => parity(layerNorm, { ...CASE, input }), RangeError, "NaN at element 0");
  await assertRejects(
    () => parity(layerNorm as CustomNorm<Options>, { ...CASE, norm: "spectral" }),
    RangeError,
    "spectral",
  );
  await assertRejects(
    () => parity(layerNorm, { ...CASE, options: { ...OPTIONS, axis: 5 } }),
    RangeError,
    "axis 5",
  );
  await assertRejects(() => parity(layerNorm, { ...CASE, shape: [0, 32] }), RangeError, "empty");
  await assertRejects(() => parity(layerNorm, { ...CASE, backend: "abacus" }), UsageError);
  const { summary } = await parity(layerNorm, { ...CASE, parameterShapes: { gamma: [5] } });
  assertStringIncludes(summary.replaceAll(/\n +/g, " "), "do not fill shape [5]");
});

for (
  const [options, message] of [
    [{ shapes: [4, 4] }, 'no option "shapes"'],
    [{ norm: undefined }, "give the norm"],
    [{ shape: undefined }, "options belongs to a shape"],
    [{ shape: 4 }, "shape 4 is not a list of lengths"],
    [{ shape: [4, -4] }, "shape [4,-4] is not"],
    [{ shape: [4, 1.5] }, "shape [4,1.5] is not"],
    [{ shape: [1e5, 1e5] }, "more than 67108864 elements"],
    [
      { input: { mean: 3 } },
      "input is an object and no distribution: give one, such as normal(0, 1)",
    ],
    [{ norm: "weight", options: {} }, "units is left out: give a positive whole number"],
    [{ steps: 0 }, "steps 0 is not"],
    [{ seed: "x" }, "seed x is not"],
    [{ preset: "huge" }, 'no preset "huge"'],
    [{ storage: "float8" }, 'no storage "float8"'],
    [{ options: { epsilom: 1 } }, 'layer norm has no option "epsilom": it takes '],
    [{ quantities: [] }, "quantities is not a list of names"],
    [{ quantities: "y" }, "quantities is not a list of names"],
  ] as const
) {
  Deno.test(`options that do not fit are refused: ${JSON.stringify(options)}`, async () => {
    const given = { ...CASE, ...options } as unknown as typeof CASE;
    await assertRejects(() => parity(layerNorm, given), Error, message);
  });
}

Deno.test("a class or a layer in place of a function that makes layers is refused", async () => {
  const making = "{ layer: (options) => new BatchNormalization(options) }";
  for (
    const [given, message] of [
      [{ layer: BatchNormalization }, `layer is the class BatchNormalization: give a function`],
      [{ layer: BatchNormalization }, making],
      [BatchNormalization, `the norm is the class BatchNormalization: give a function`],
      [{ layer: tf.layers.Layer }, "layer is the class Layer"],
      [{ layer: new BatchNormalization({}) }, "layer is a layer that is made already"],
    ] as const
  ) {
    const custom = given as unknown as CustomNorm<BatchNormOptions, "batch">;
    await assertRejects(() => parity(custom, BATCH_CASE), TypeError, message);
  }
});

testOn(
  "tensorflow",
  "a custom norm is compared with TensorFlow's fused kernel, too",
  async () => {
    const { records } = await parity(
      (inputs, options: object) => batchNorm.implementations["composed"]!(inputs, options)["y"]!,
      { norm: "batch", shape: [8, 4], options: { training: true }, backend: "tensorflow" },
    );
    const contenders = records.flatMap((each) => each.kind === "parity" ? [each.contender] : []);
    assertEquals(contenders, ["custom", "tf.layers", "FusedBatchNormV3"]);
  },
);

/** Parity over several cases, with the tfjs backends that the norm was called on. */
async function watched(backend: string) {
  const ran = new Set<string>();
  const { records } = await parity((inputs, options) => {
    ran.add(tf.getBackend());
    return rmsNorm(inputs, options);
  }, { norm: "rms", ...QUICKLY, backend });
  return { ran: [...ran], records: records.filter(({ kind }) => kind === "parity") };
}

Deno.test("calls side by side each run on their own backend, as one after the other", async () => {
  const wasm = await watched("wasm");
  const cpu = await watched("cpu");
  const both = await Promise.all([watched("wasm"), watched("cpu"), watched("wasm")]);
  assertEquals(both, [wasm, cpu, wasm]);
  assertEquals(both.map(({ ran }) => ran), [["wasm"], ["cpu"], ["wasm"]]);
});

Deno.test("a call that fails does not block the next", async () => {
  const failing = parity(layerNorm, { ...CASE, options: { ...OPTIONS, axis: 5 } });
  const next = watched("wasm");
  await assertRejects(() => failing, RangeError, "axis 5");
  assertEquals((await next).ran, ["wasm"]);
});

Deno.test("a norm that runs on another backend than the records would say is refused", async () => {
  await assertRejects(
    () =>
      parity((inputs, options) => {
        const y = layerNorm(inputs, options);
        tf.setBackend("wasm");
        return y;
      }, CASE),
    Error,
    "cpu was to compute, but wasm is active",
  );
});

Deno.test("inputs and options are typed by the name of the norm", () => {
  // Checked by the compiler; never called.
  const checked = [
    () =>
      parity(({ x, gamma, beta }, { epsilon }) => {
        const { mean, variance } = tf.moments(x, -1, true);
        return x.sub(mean).div(variance.add(epsilon).sqrt()).mul(gamma).add(beta);
      }, { norm: "layer", shape: [32, 64], options: { epsilon: 1e-3 } }),
    () =>
      parity(({ x, gamma, beta }, { epsilon = 1e-3 }) => {
        const { mean, variance } = tf.moments(x, -1, true);
        return x.sub(mean).div(variance.add(epsilon).sqrt()).mul(gamma).add(beta);
      }, { norm: "layer" }),
    () => parity(({ v, g, bias }) => v.mul(g).add(bias), { norm: "weight" }),
    // What the case leaves out may still be given: parity adds training, and runs a prediction.
    () =>
      parity(
        ({ x, movingMean, movingVariance }, { training = false, momentum = 0.99, epsilon }) => {
          const { mean, variance } = training
            ? tf.moments(x, 0)
            : { mean: movingMean, variance: movingVariance };
          const follow = (moving: tf.Tensor, batch: tf.Tensor) =>
            moving.mul(momentum).add(batch.mul(1 - momentum));
          return {
            y: x.sub(mean).div(variance.add(epsilon).sqrt()),
            movingMean: follow(movingMean, mean),
            movingVariance: follow(movingVariance, variance),
          };
        },
        { norm: "batch", shape: [32, 8], options: { epsilon: 1e-3 } },
      ),
    () =>
      parity(({ x }, { training, momentum }) => training ? x.mul(momentum ?? 0.99) : x, {
        norm: "batch",
      }),
    // @ts-expect-error There is no such option of the norm.
    () => parity(({ x }, { momemtum }) => x.mul(momemtum), { norm: "batch" }),
    // @ts-expect-error RMS norm has no beta.
    () => parity(({ x, beta }) => x.add(beta), { norm: "rms" }),
    // @ts-expect-error There is no such option in the case.
    () => parity(({ x }, { groups }) => x.mul(groups), { norm: "group", options: { axis: 1 } }),
    // @ts-expect-error What is known at run time only may be missing.
    () => parity(({ gamma }) => gamma.square(), { norm: String("layer") }),
  ];
  assertEquals(checked.length, 9);
  const inputs: InputsOf<"batch"> = {} as InputsOf<"batch">;
  // @ts-expect-error There is no such input.
  assertEquals([inputs.movingMean, inputs.momentum], [undefined, undefined]);
});

Deno.test("a layer of this library can be checked like any other", async () => {
  const ours = { layer: (options: BatchNormOptions) => new BatchNormalization(options) };
  const options = { training: true, axis: 1 };
  const given = { norm: "batch", shape: [8, 4, 3], options, backend: "cpu" } as const;
  assertEquals((await parity(ours, given)).verdict, "right");
});
