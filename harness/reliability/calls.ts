/** Every function and every layer of a norm, called with anything: a right answer or a clear error. */
import { withLast } from "../../fixtures/distribution.ts";
import { generatedCases } from "../../fixtures/generated/cases.ts";
import { type CaseInputs, drawInputs, type ParityCase } from "../../fixtures/parity_case.ts";
import { batchNorm, BatchNormalization, batchNormalization } from "../../norms/batch_norm.ts";
import { messageOf, MissingError, UsageError } from "../../norms/basics/errors.ts";
import type { InputSpec, Norm } from "../../norms/basics/norm.ts";
import type { NormOptions } from "../../norms/basics/options.ts";
import { type Uniform, uniformStream } from "../../norms/basics/random.ts";
import { applyKernel } from "../../norms/basics/reparameterization.ts";
import { functionSubject, layerSubject, type Subject } from "../../norms/basics/subject.ts";
import type { Layer, Tensors } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { implementationsOf } from "../../norms/frames/apply.ts";
import { groupNorm, GroupNormalization, groupNormalization } from "../../norms/group_norm.ts";
import {
  instanceNorm,
  InstanceNormalization,
  instanceNormalization,
} from "../../norms/instance_norm.ts";
import { layerNorm, LayerNormalization, layerNormalization } from "../../norms/layer_norm.ts";
import { lpNorm, LpNormalization, lpNormalization } from "../../norms/lp_norm.ts";
import { rmsNorm, RMSNormalization, rmsNormalization } from "../../norms/rms_norm.ts";
import {
  weightNorm,
  weightNormalization,
  WeightNormConv2D,
  WeightNormDense,
} from "../../norms/weight_norm.ts";
import { useBackend } from "../backend/exclusive.ts";
import { type BackendName, backendNamed, BACKENDS } from "../backend/registry.ts";
import { compareAnswers } from "../parity/compare.ts";
import { evaluate } from "../parity/evaluate.ts";
import { type Expectation, expectation } from "../parity/expect.ts";
import { fails } from "../parity/verdict.ts";
import { gradcheck } from "../gradcheck/gradcheck.ts";
import { train } from "../train/train.ts";
import { SMALL_IMAGES, SMALL_TRIAL } from "../train/train_testing.ts";
import type { Outcome, Trial } from "./trial.ts";

// deno-lint-ignore no-explicit-any -- what they are given is wrong on purpose
type Loose = (...args: any[]) => any;

/** Inputs or options, of which some may be anything. */
type Given = Readonly<Record<string, unknown>>;

/** A norm as users call it. */
interface Callable {
  readonly norm: Norm;
  /** The inputs that its function takes. */
  readonly takes?: readonly string[];
  readonly callFunction: (inputs: Given, options: unknown) => unknown;
  readonly makeLayer: (options: unknown) => Layer;
}

function ofData(record: unknown, f: Loose, LayerClass: new (options: never) => Layer): Callable {
  return {
    norm: record as Norm,
    callFunction: ({ x, ...others }, options) =>
      f(x, isRecord(options) ? { ...others, ...options } : options),
    makeLayer: (options) => new LayerClass(options as never),
  };
}

const CALLABLE: readonly Callable[] = [
  ofData(batchNorm, batchNormalization, BatchNormalization),
  ofData(layerNorm, layerNormalization, LayerNormalization),
  ofData(groupNorm, groupNormalization, GroupNormalization),
  ofData(instanceNorm, instanceNormalization, InstanceNormalization),
  ofData(rmsNorm, rmsNormalization, RMSNormalization),
  ofData(lpNorm, lpNormalization, LpNormalization),
  {
    norm: weightNorm as unknown as Norm,
    takes: ["v", "g"],
    callFunction({ x, v, g, bias }, options) {
      const layerOptions = Object.keys(weightNorm.defaults);
      const own = isRecord(options)
        ? Object.fromEntries(
          Object.entries(options).filter(([name]) => !layerOptions.includes(name)),
        )
        : options;
      const kernel = (weightNormalization as Loose)(v, g, own);
      return (applyKernel as Loose)(x, kernel, bias, options);
    },
    makeLayer(options) {
      if (!isRecord(options)) return new WeightNormDense(options as never);
      const { units, ...others } = options;
      const { kernelSize, strides: _, padding: __, ...ofDense } = options;
      return kernelSize === undefined
        ? new WeightNormDense(ofDense as never)
        : new WeightNormConv2D({ filters: units, ...others } as never);
    },
  },
];

function isRecord(value: unknown): value is Given {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof tf.Tensor);
}

/** What is done to a call that would be right. */
interface Fault {
  readonly name: string;
  /** Replaces one of the tensors. */
  input?(tensor: tf.Tensor): unknown;
  /** Whether it leaves data and kernels alone, of which many shapes are right. */
  readonly sparesData?: boolean;
  /** Replaces the options. */
  options?(options: Given, uniform: Uniform): unknown;
  /** Whether the call may be right nevertheless, and is then judged. */
  readonly mayBeRight?: boolean;
}

const STRANGE: readonly unknown[] = [
  ...[-1, 0, 1, 2, 3, -2, 7, 0.5, NaN, Infinity, 1e-3, 1e30, true, false, "x", null],
  ...[[0, 1], [], [1, 1], {}],
];

/** The call as it is, as often as all faults together. */
const FAULTS: readonly Fault[] = [
  { name: "whole numbers", input: (tensor) => tf.cast(tensor, "int32") },
  { name: "truth values", input: (tensor) => tf.cast(tensor, "bool") },
  { name: "texts", input: ({ size, shape }) => tf.tensor(Array(size).fill("a"), shape, "string") },
  {
    name: "a disposed tensor",
    input: (tensor) => {
      const copy = tf.clone(tensor);
      copy.dispose();
      return copy;
    },
  },
  { name: "an empty tensor", input: ({ shape }) => tf.zeros([0, ...shape.slice(1)]) },
  { name: "three axes more", input: ({ shape }) => tf.ones([3, 2, 7, ...shape]), sparesData: true },
  ...[null, 5, "x", [1, 2], {}, Promise.resolve(1), () => 1].map((value): Fault => ({
    name: `${typeof value} ${String(value)} in place of a tensor`,
    input: () => value,
  })),
  {
    name: "an unknown option",
    options: (options) => ({ ...options, epsilom: 1 }),
  },
  {
    name: "an unknown implementation",
    options: (options) => ({ ...options, implementation: "fast" }),
  },
  ...[null, 5, "x", [1, 2]].map((value): Fault => ({
    name: `${JSON.stringify(value)} in place of options`,
    options: () => value,
  })),
  ...Array.from({ length: 6 }, (): Fault => ({
    name: "another value of an option",
    mayBeRight: true,
    options: (options, uniform) => {
      const names = Object.keys(options).filter((name) => name !== "implementation");
      return names.length === 0
        ? options
        : { ...options, [pick(names, uniform)]: pick(STRANGE, uniform) };
    },
  })),
];

export function pick<T>(items: readonly T[], uniform: Uniform): T {
  return items[Math.floor(items.length * uniform())]!;
}

/** Errors that name a wrong call and its remedy; others are those of an engine that was led astray. */
export function isClear(error: unknown): boolean {
  const isOwn = error instanceof RangeError || error instanceof TypeError ||
    error instanceof UsageError || error instanceof MissingError;
  const engine =
    /is not (a function|iterable|defined)|Cannot (read|convert|destructure|use|set)|call stack|array length|passed to '|reading '/;
  return isOwn && !engine.test(error.message);
}

/** One call: of what, with what, and how. */
interface Call {
  readonly callable: Callable;
  readonly parityCase: ParityCase;
  readonly isLayer: boolean;
  readonly implementation: string | undefined;
  readonly fault: Fault | undefined;
}

function drawCall(uniform: Uniform, number: number): Call | undefined {
  const callable = pick(CALLABLE, uniform);
  const { norm } = callable;
  const [drawn] = generatedCases(norm, 1, Math.floor(uniform() * 2 ** 31));
  if (drawn === undefined) return undefined;
  const input = uniform() < 0.2 ? withLast(drawn.input, NaN) : drawn.input;
  const isLayer = uniform() < 0.5;
  const fault = uniform() < 0.5 ? undefined : pick(FAULTS, uniform);
  return {
    callable,
    parityCase: {
      ...drawn,
      ...{ id: `${norm.name}/call-${number}`, input, steps: 1 },
      options: unambiguous(drawn.options, norm),
    },
    isLayer,
    implementation: pick([undefined, ...Object.keys(implementationsOf(norm))], uniform),
    // A function that takes a part of the options leaves the others to its caller.
    fault: fault?.mayBeRight && !isLayer && callable.takes !== undefined ? undefined : fault,
  };
}

/** A single axis of some norms has two meanings, and a list of it one. */
function unambiguous(options: NormOptions & { readonly axis?: unknown }, norm: Norm): NormOptions {
  const { axis } = options;
  return "fromAxis" in norm.defaults && typeof axis === "number"
    ? { ...options, axis: [axis] } as NormOptions
    : options;
}

/** Whether the call was right or refused, or what is wrong with that. */
type Finding = { readonly is: "right" | "refused" } | { readonly is: "lost"; readonly why: string };

async function tryCall(call: Call, uniform: Uniform, backend: BackendName): Promise<Finding> {
  const { callable: { norm, takes, callFunction, makeLayer }, isLayer, implementation, fault } =
    call;
  const options: unknown = fault?.options === undefined
    ? call.parityCase.options
    : fault.options({ ...call.parityCase.options }, uniform);
  const given: unknown = !isRecord(options) || implementation === undefined
    ? options
    : { implementation, ...options };
  const { given: _, ...undetermined } = call.parityCase;
  const changed = fault?.options === undefined
    ? call.parityCase
    : { ...undetermined, options: (isLayer ? withoutNull(options) : options) as NormOptions };
  const inputs = drawn(norm, changed) ?? drawn(norm, call.parityCase)!;
  const taken = inputs.specs.map(({ name }) => name).filter((name) =>
    !(fault?.sparesData && ["x", norm.normalized].includes(name)) &&
    (isLayer || (takes ?? [name]).includes(name))
  );
  const faulty = fault?.input && taken.length > 0 ? pick(taken, uniform) : undefined;
  const attempt = () =>
    tf.tidy(() => {
      const tensors: Record<string, unknown> = Object.fromEntries(
        inputs.specs.map(({ name, shape }) => [name, tf.tensor(inputs.values[name]!, [...shape])]),
      );
      if (faulty !== undefined) {
        tensors[faulty] = fault!.input!(tensors[faulty] as tf.Tensor);
      }
      if (isLayer) callLayer(makeLayer, inputs.specs, tensors, given, faulty);
      else callFunction(tensors, given);
    });
  try {
    attempt();
  } catch (error) {
    if (fault === undefined) return { is: "lost", why: `is refused: ${messageOf(error)}` };
    return isClear(error)
      ? { is: "refused" }
      : { is: "lost", why: `is refused by ${(error as Error).stack?.slice(0, 600)}` };
  }
  if ((faulty ?? fault?.options) !== undefined && !fault!.mayBeRight) {
    return { is: "lost", why: "is accepted" };
  }
  const subject: Subject = isLayer
    ? layerSubject(() => makeLayer(withoutCallOptions(given)))
    : functionSubject((tensors, { training }) =>
      named(callFunction(tensors, { ...given as Given, training }))
    );
  return await judge(norm, changed, subject, backend);
}

/** Inputs that fit the options; undefined if there are none. */
function drawn(norm: Norm, parityCase: ParityCase): CaseInputs | undefined {
  try {
    return drawInputs(norm, parityCase, 0);
  } catch {
    return undefined;
  }
}

/** Applies a layer to a batch, after its weights were set if one of them is faulty. */
function callLayer(
  makeLayer: Callable["makeLayer"],
  specs: readonly InputSpec[],
  tensors: Given,
  options: unknown,
  faulty: string | undefined,
): void {
  const layer = makeLayer(withoutCallOptions(options));
  try {
    const training = isRecord(options) ? options["training"] : undefined;
    const x = tensors["x"] as tf.Tensor;
    if (faulty !== undefined && faulty !== "x") {
      layer.build([null, ...x.shape.slice(1)]);
      layer.setWeights(specs.slice(1).map(({ name }) => tensors[name] as tf.Tensor));
    }
    layer.apply(x, { training });
  } finally {
    layer.weights.forEach((weight) => weight.dispose());
  }
}

/** What a layer is made with: `training` comes with its calls. */
function withoutCallOptions(options: unknown): unknown {
  if (!isRecord(options)) return options;
  const { training: _, ...others } = options;
  return others;
}

/** Layers take null for what is left out, as the JSON of saved models has it. */
function withoutNull(options: unknown): unknown {
  return isRecord(options)
    ? Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null))
    : options;
}

function named(result: unknown): Tensors {
  return result instanceof tf.Tensor ? { y: result } : result as Tensors;
}

async function judge(
  norm: Norm,
  parityCase: ParityCase,
  subject: Subject,
  backend: BackendName,
): Promise<Finding> {
  const inputs = drawn(norm, parityCase);
  if (inputs === undefined) {
    const options = JSON.stringify(parityCase.options);
    return { is: "lost", why: `accepts ${options}, which the norm does not` };
  }
  const { arithmetic } = backendNamed(backend);
  let expected: Expectation;
  try {
    expected = expectation(norm, parityCase, inputs, 0, arithmetic, 2);
  } catch (error) {
    const options = JSON.stringify(parityCase.options);
    return { is: "lost", why: `accepts ${options}, of which the oracle says: ${messageOf(error)}` };
  }
  const answers = await evaluate(subject, parityCase, expected);
  const at = { norm, parityCase, seed: 0, backend, expected };
  const [record] = compareAnswers(at, [["call", answers]], []);
  const wrong = record!.quantities.filter(({ verdict }) => fails(verdict));
  if (wrong.length === 0) return { is: "right" };
  return { is: "lost", why: `gives ${JSON.stringify(wrong).slice(0, 600)}` };
}

async function callAnything(
  backend: BackendName,
  times: number,
  seed: number,
): Promise<Outcome> {
  await useBackend(backend);
  const uniform = uniformStream(`calls/${seed}`);
  const lost: string[] = [];
  const counts = { right: 0, refused: 0, lost: 0 };
  for (let i = 0; i < times; i++) {
    const call = drawCall(uniform, i);
    if (call === undefined) continue;
    const { callable: { norm }, parityCase: { shape, options, input }, isLayer } = call;
    const what = `${isLayer ? "layer" : "function"} of ${norm.name} norm, ${
      call.implementation ?? "default"
    }, [${shape}] ${JSON.stringify(options)}, ${input.name}, ${call.fault?.name ?? "no fault"}`;
    const before = tf.memory().numTensors;
    const finding = await tryCall(call, uniform, backend);
    counts[finding.is]++;
    if (finding.is === "lost") lost.push(`${what}: ${finding.why}`);
    const left = tf.memory().numTensors - before;
    if (left !== 0) lost.push(`${what}: ${left} tensors are left`);
  }
  return { lost, found: `${counts.right} right, ${counts.refused} refused` };
}

/** A square whose gradient is right or 1 % too large. */
const square = (slope: number) =>
  tf.customGrad((x) => ({
    value: tf.square(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => tf.mul(dy, tf.mul(slope, x as tf.Tensor)),
  }));

/** gradcheck() of a right or a wrong gradient; undefined if its answer is right. */
async function checkAnything(
  fault: Fault | undefined,
  options: Given,
  uniform: Uniform,
): Promise<string | undefined> {
  const isRight = uniform() < 0.5;
  const x = tf.randomUniform([1 + Math.floor(4 * uniform()), 3], 1, 2, "float32", 7);
  const given = fault?.input?.(x) ?? x;
  const f = square(isRight ? 2 : 2.02);
  try {
    const { inputs, isRight: found } = await gradcheck(
      ({ x }) => f(x!),
      { x: given as tf.Tensor },
      options,
    );
    if (isRight ? inputs.some(({ verdict }) => verdict === "wrong") : found) {
      return `${isRight ? "accuses a right" : "does not see a wrong"} gradient`;
    }
  } finally {
    x.dispose();
    if (given instanceof tf.Tensor && !given.isDisposed) given.dispose();
  }
  return undefined;
}

/** train() with one option that may be anything; undefined if it trained or diverged. */
async function trainAnything(options: Given): Promise<string | undefined> {
  const images = { ...SMALL_IMAGES, name: "rows" };
  const small = { backend: "cpu", batchSize: 9, epochs: 1, validation: 5, test: 5, train: 18 };
  const { epochs } = await train(SMALL_TRIAL.model, images, { ...small, ...options });
  return epochs.length > 0 ? undefined : "trains for no epoch";
}

async function harnessAnything(times: number, seed: number): Promise<Outcome> {
  await useBackend("cpu");
  const uniform = uniformStream(`arguments/${seed}`);
  const lost: string[] = [];
  let refused = 0;
  const moderate = STRANGE.filter((value) => typeof value !== "number" || !(value > 10));
  const strange = (names: readonly string[]) =>
    uniform() < 0.5 ? {} : { [pick(names, uniform)]: pick(moderate, uniform) };
  for (let i = 0; i < times; i++) {
    const fault = uniform() < 0.4 ? pick(FAULTS.filter((each) => each.input), uniform) : undefined;
    const isTraining = uniform() < 0.2;
    const options = strange(
      isTraining
        ? [
          "seed",
          "optimizer",
          "batchSize",
          "epochs",
          "train",
          "validation",
          "test",
          "backend",
          "y",
        ]
        : ["mode", "step", "directions", "seed", "eps"],
    );
    const what = `${isTraining ? "train()" : `gradcheck() of ${fault?.name ?? "a tensor"}`} ${
      JSON.stringify(options)
    }`;
    const before = tf.memory().numTensors;
    try {
      const wrong = isTraining
        ? await trainAnything(options)
        : await checkAnything(fault, options, uniform);
      if (wrong !== undefined) lost.push(`${what} ${wrong}`);
    } catch (error) {
      if (isClear(error)) refused++;
      else lost.push(`${what}: ${(error as Error).stack?.slice(0, 400)}`);
    }
    const left = tf.memory().numTensors - before;
    if (left !== 0) lost.push(`${what} leaves ${left} tensors`);
  }
  return { lost, found: `${refused} refused, the others right` };
}

const ARGUMENTS: Trial = {
  name: "arguments",
  about: "`gradcheck()` and `train()` with inputs and options at random: a right answer or an " +
    "error that names what is wrong, and no tensor left",
  quick: 60,
  full: 1000,
  run: harnessAnything,
};

const CALLS_BY_BACKEND: readonly Trial[] = BACKENDS.filter(({ onlyWhenNamed }) => !onlyWhenNamed)
  .map(({ name: backend }): Trial => ({
    name: `calls-${backend}`,
    about:
      `the function or the layer of a norm on ${backend} with shapes, axes, options, dtypes, ` +
      "disposed and empty tensors, NaN and other things at random: outputs and gradients that the " +
      "oracle finds right, or an error of ours that names what is wrong, and no tensor left",
    backend,
    quick: 60,
    full: 1000,
    run: (times, seed) => callAnything(backend, times, seed),
  }));

export const CALLS: readonly Trial[] = [...CALLS_BY_BACKEND, ARGUMENTS];
