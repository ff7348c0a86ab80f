/** The library's functions, called with anything: a right answer or a clear error, and nothing left behind. */
import * as tf from "../../norms/basics/tf.ts";
import { type Uniform, uniformStream } from "../../norms/basics/random.ts";
import type { Norm } from "../../norms/basics/norm.ts";
import type { NormOptions } from "../../norms/basics/options.ts";
import { normalTensor } from "../../norms/basics/tensors_testing.ts";
import { applyNorm, implementationsOf } from "../../norms/frames/apply.ts";
import { layerOf } from "../../norms/layers/norm_layer.ts";
import { NORM_SETTINGS } from "../../models/norm_layer.ts";
import { NORMS } from "../../norms/registry.ts";
import { type BackendName, BACKENDS } from "../backend/registry.ts";
import { inspectBackends, useBackend } from "../backend/exclusive.ts";
import { compile } from "../../models/compile.ts";
import { gradcheck, gradgradcheck } from "../gradcheck/gradcheck.ts";
import { parity } from "../parity/parity.ts";
import { train } from "../train/train.ts";
import { SMALL_IMAGES, SMALL_TRIAL } from "../train/train_testing.ts";
import { median } from "../../reports/statistics.ts";
import type { Outcome, Trial } from "./trial.ts";

function below(limit: number, uniform: Uniform): number {
  return Math.floor(limit * uniform());
}

function pick<T>(items: readonly T[], uniform: Uniform): T {
  return items[below(items.length, uniform)]!;
}

/** Options at random, of which some fit. */
function randomOptions(norm: Norm, shape: readonly number[], uniform: Uniform): NormOptions {
  const usual = norm.networkOptions(shape.length === 0 ? [1] : shape, NORM_SETTINGS);
  const values = [-1, 0, 1, 2, 3, -2, 7, 0.5, NaN, Infinity, 1e-3, 1e30, true, false, "x", [0, 1]];
  const entries = Object.entries(usual).map(([name, value]) => [
    name,
    uniform() < 0.15 ? pick(values, uniform) : value,
  ]);
  return Object.fromEntries(entries);
}

/** Errors that name a wrong call; any other is one that a user could not understand. */
function isClear(error: unknown): boolean {
  return (error instanceof RangeError || error instanceof TypeError) &&
    !/is not a function|Cannot read|undefined \(reading|call stack|array length/.test(
      error.message,
    );
}

async function properties(times: number, seed: number): Promise<Outcome> {
  const uniform = uniformStream(`properties/${seed}`);
  const lost: string[] = [];
  let refused = 0;
  await useBackend("cpu");
  for (let i = 0; i < times; i++) {
    const norm = pick(NORMS, uniform);
    const lengths = Array.from({ length: below(6, uniform) }, () => below(6, uniform));
    const shape = uniform() < 0.5 ? lengths.map((length) => length + 1) : lengths;
    const implementation = pick(Object.keys(norm.implementations), uniform);
    let options: NormOptions = {};
    const before = tf.memory().numTensors;
    const call = () => `${norm.name} ${implementation} [${shape}] ${JSON.stringify(options)}`;
    try {
      options = randomOptions(norm, shape, uniform);
      const { isRight, records } = await parity<string, NormOptions>(
        (inputs, given) => applyNorm(norm, inputs, given, implementation),
        { norm: norm.name, shape, options, backend: "cpu", seed: i },
      );
      if (!isRight) {
        lost.push(`${call()} is wrong: ${JSON.stringify(records.at(-1)).slice(0, 600)}`);
      }
    } catch (error) {
      if (isClear(error)) refused++;
      else lost.push(`${call()}: ${(error as Error).stack?.slice(0, 400)}`);
    }
    const left = tf.memory().numTensors - before;
    if (left !== 0) lost.push(`${call()} leaves ${left} tensors`);
  }
  return { lost, found: `${refused} refused, the others right` };
}

/** A call that must leave no tensor behind, whether it succeeds or not. */
interface Call {
  readonly name: string;
  readonly run: () => unknown;
}

/** Ways to call one function, which share the number of its calls. */
type CallsOfFunction = readonly Call[];

/** A layer norm as users write it, and wrong ones; some are no norms at all. */
const CUSTOM: Readonly<Record<string, unknown>> = {
  right: ({ x, gamma, beta }: Record<string, tf.Tensor>) => {
    const { mean, variance } = tf.moments(x!, -1, true);
    return x!.sub(mean).div(variance.add(1e-3).sqrt()).mul(gamma!).add(beta!);
  },
  "of another shape": ({ x }: Record<string, tf.Tensor>) => tf.sum(x!),
  "with whole numbers": ({ x }: Record<string, tf.Tensor>) => tf.cast(x!, "int32"),
  throwing: ({ x }: Record<string, tf.Tensor>) => {
    tf.square(x!);
    throw new Error("after an operation");
  },
  "with a disposed result": ({ x }: Record<string, tf.Tensor>) => {
    const y = tf.square(x!);
    y.dispose();
    return y;
  },
  "that disposes its input": ({ x }: Record<string, tf.Tensor>) => {
    const y = tf.square(x!);
    x!.dispose();
    return y;
  },
  async: ({ x }: Record<string, tf.Tensor>) => Promise.resolve(tf.square(x!)),
  "returning nothing": () => undefined,
  "with NaN": ({ x }: Record<string, tf.Tensor>) => tf.mul(x!, NaN),
  "that is a layer that throws": {
    layer: () => {
      throw new Error("no layer");
    },
  },
  "that is no norm": 5,
};

/** Calls of each implementation of a norm, of its gradient and of its layer. */
function normCalls(norm: Norm): CallsOfFunction[] {
  const shape = norm.normalized === "x" ? [2, 3, 3, 4] : [4, 6];
  const options = { ...norm.networkOptions([6, 4], NORM_SETTINGS), training: true };
  const inputs = (dtype?: "int32") =>
    Object.fromEntries(
      norm.inputs(shape, options).map((spec) => [
        spec.name,
        // Squared, since variances are among them.
        tf.cast(tf.square(normalTensor(spec.shape, spec.name)), dtype ?? "float32"),
      ]),
    );
  const tidied = (work: () => unknown) => () => tf.tidy(() => void work());
  return [
    ...Object.keys(implementationsOf(norm)).flatMap((implementation) => [
      tidied(() => applyNorm(norm, inputs(), options, implementation)),
      tidied(() => {
        const { x, ...others } = inputs();
        tf.grad((x) => applyNorm(norm, { x, ...others }, options, implementation)["y"]!)(x!);
      }),
      tidied(() => {
        const given = inputs();
        given["x"]!.dispose();
        applyNorm(norm, given, options, implementation);
      }),
    ]),
    tidied(() => applyNorm(norm, inputs("int32"), options)),
    tidied(() => applyNorm(norm, { x: tf.zeros(shape.with(0, 0)) }, options)),
    () => {
      const layer = layerOf(norm, norm.networkOptions([6, 4], NORM_SETTINGS));
      try {
        tf.tidy(() => void layer.apply(tf.ones(shape), { training: true }));
        tf.tidy(() => void layer.apply(tf.ones([2]), { training: true }));
      } finally {
        layer.weights.forEach((weight) => weight.dispose());
      }
    },
  ].map((run, index) => [{ name: `${norm.name} norm, call ${index + 1}`, run }]);
}

const CASE = { norm: "layer", shape: [4, 6], options: { axis: -1, epsilon: 1e-3 } } as const;

/** Calls of what works on norms, networks and steps. */
function harnessCalls(backend: BackendName): CallsOfFunction[] {
  const images = { ...SMALL_IMAGES, name: "rows" };
  const small = { backend, batchSize: 9, epochs: 1, validation: 5, test: 5, train: 18 };
  const { model } = SMALL_TRIAL;
  const check =
    (f: (inputs: Record<string, tf.Tensor>) => unknown, checker = gradcheck) => async () => {
      const x = normalTensor([2, 3], "x");
      try {
        await checker(f as (inputs: Record<"x", tf.Tensor>) => tf.Tensor, { x });
      } finally {
        x.dispose();
      }
    };
  const step = (f: (x: tf.Tensor) => tf.Tensor) => () => {
    using compiled = compile(f);
    // It is recorded twice, then runs as a graph.
    for (let i = 0; i < 4; i++) tf.tidy(() => void compiled(tf.ones([i < 3 ? 2 : 3])));
  };
  const functions: Record<string, Record<string, () => unknown>> = {
    parity: Object.fromEntries(
      Object.entries(CUSTOM).map(([name, custom]) => [
        `of a norm ${name}`,
        () => parity(custom as Parameters<typeof parity>[0], { ...CASE, backend }),
      ]),
    ),
    gradcheck: {
      "of a square": check(({ x }) => tf.square(x!)),
      "of what throws": check(CUSTOM["throwing"] as () => unknown),
      "of a constant": check(() => tf.tidy(() => tf.ones([2]))),
      "of no tensor": check(() => 1),
    },
    gradgradcheck: {
      "of a cube": check(({ x }) => tf.mul(tf.square(x!), x!), gradgradcheck),
      "of what throws": check(CUSTOM["throwing"] as () => unknown, gradgradcheck),
    },
    train: {
      "to its end": () => train(model, images, small),
      "to a loss of NaN": () =>
        train(model, images, { ...small, optimizer: { name: "sgd", learningRate: 1e30 } }),
      "ended by its caller": () =>
        train(model, images, {
          ...small,
          onEpoch: () => {
            throw new Error("by its caller");
          },
        }),
      "of a network that cannot be": () =>
        train({ ...model, norm: "nope" as "none" }, images, small),
    },
    compile: {
      "of a square": step(tf.square),
      "of what throws": step((x) => {
        tf.square(x);
        throw new Error("after an operation");
      }),
      "of what is never the same": step((x) => tf.mul(x, Math.random())),
      "of a disposed result": step((x) => {
        const y = tf.square(x);
        y.dispose();
        return y;
      }),
    },
  };
  return Object.entries(functions).map(([name, calls]) =>
    Object.entries(calls).map(([how, run]) => ({ name: `${name} ${how}`, run }))
  );
}

async function leaks(backend: BackendName, times: number): Promise<Outcome> {
  const lost: string[] = [];
  let calls = 0;
  await useBackend(backend);
  for (const ways of [...NORMS.flatMap(normCalls), ...harnessCalls(backend)]) {
    const repeats = Math.ceil(times / ways.length);
    for (const { name, run } of ways) {
      const attempt = async () => {
        try {
          await run();
        } catch {
          // That it fails is tested elsewhere; here, that nothing is left.
        }
      };
      await attempt(); // The first may keep what later ones use again.
      const before = tf.memory().numTensors;
      for (let i = 0; i < repeats; i++) await attempt();
      calls += repeats;
      const left = tf.memory().numTensors - before;
      if (left !== 0) lost.push(`${name} leaves ${left} tensors in ${repeats} calls`);
    }
  }
  return { lost, found: `${calls} calls` };
}

/** Megabytes that memory may grow by, once everything is warm; garbage comes and goes by half of that. */
const GROWTH = 48;

/** Trains for some steps, and compares the resident memory of the middle third with the last. */
async function memory(steps: number, seed: number): Promise<Outcome> {
  const lost: string[] = [];
  const found: string[] = [];
  for (const { name, works } of await inspectBackends()) {
    if (!works || BACKENDS.find((each) => each.name === name)?.onlyWhenNamed) continue;
    const batchSize = 7;
    const perEpoch = Math.floor(65 / batchSize);
    const sizes: number[] = [];
    await train(SMALL_TRIAL.model, { ...SMALL_IMAGES, name: "rows" }, {
      ...{ backend: name, batchSize, validation: 5, test: 5, seed },
      epochs: Math.ceil(steps / perEpoch),
      onEpoch: () => sizes.push(Deno.memoryUsage().rss / 2 ** 20),
    });
    const third = Math.floor(sizes.length / 3);
    const growth = median(sizes.slice(-third)) - median(sizes.slice(-2 * third, -third));
    found.push(`${growth.toFixed(0)} MB on ${name}`);
    if (growth > GROWTH) lost.push(`${name} grows by ${growth.toFixed(0)} MB`);
  }
  return { lost, found: `memory grew by ${found.join(", ")}` };
}

export const LIBRARY: readonly Trial[] = [
  {
    name: "properties",
    about:
      "norms with shapes, axes and options at random, judged by `parity()`: a right answer or " +
      "an error that names what is wrong, and no tensor left",
    quick: 40,
    full: 1000,
    run: properties,
  },
  ...BACKENDS.filter(({ onlyWhenNamed }) => !onlyWhenNamed).map(({ name: backend }): Trial => ({
    name: `leaks-${backend}`,
    about: "every implementation of every norm, its gradient and its layer, and `parity()`, " +
      "`gradcheck()`, `gradgradcheck()`, `train()` and `compile()`, many of them failing: after " +
      `so many calls of each, no tensor is left on ${backend}`,
    backend,
    quick: 1,
    full: 1000,
    run: (times) => leaks(backend, times),
  })),
  {
    name: "memory",
    about: `training steps on every backend: resident memory grows by less than ${GROWTH} MB ` +
      "from the middle third to the last",
    quick: 0,
    full: 2000,
    run: memory,
  },
];
