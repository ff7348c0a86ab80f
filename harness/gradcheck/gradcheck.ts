/**
 * Is the gradient of a function of tensors the slope of its values?
 *
 * @module
 */
import { standardNormal, uniformStream } from "../../norms/basics/random.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { assertHealthy, rememberBackend } from "../backend/active_backend.ts";
import { exclusively } from "../backend/exclusive.ts";
import { checkFunction, checkInputs, checkOptions, checkOutput } from "./check_call.ts";
import {
  checkInput,
  type CheckSettings,
  type GradcheckMode,
  type InputCheck,
} from "./check_input.ts";
import { describeCheck } from "./describe.ts";
import type { Situation } from "./differences.ts";
import { differentiate } from "./tape.ts";

export type { GradcheckMode, InputCheck, NotJudged, WorstSlope } from "./check_input.ts";
export type { GradientVerdict } from "./judge.ts";

/** The largest input whose elements move one at a time, unless told otherwise: four evaluations each. */
const LARGEST_FULL = 1000;

const DIRECTIONS = 8;

/** Options of {@linkcode gradcheck} and {@linkcode gradgradcheck}. */
export interface GradcheckOptions {
  /**
   * How elements move: `full` moves each alone, which finds a single wrong element at four evaluations an
   * element. `directional` moves all at once along random directions: four evaluations a direction, in memory
   * for a constant number of arrays of the input's size; an error in a few of many elements may go undetected.
   * Default: `full` for inputs of at most 1000 elements.
   */
  readonly mode?: GradcheckMode;
  /**
   * The first step, in units of the input's spread (its standard deviation, or its size where all elements are
   * the same); default 2^-8, in directional mode 2^-10. Truncation error grows with its square, rounding
   * noise with its inverse. Where it is too long it is shortened.
   */
  readonly step?: number;
  /** Random directions of the directional mode, for each input; default 8. */
  readonly directions?: number;
  /** Seed of the random numbers; default 0. */
  readonly seed?: number;
}

/** Result of {@linkcode gradcheck} and {@linkcode gradgradcheck}. */
export interface GradcheckResult {
  /** Whether every gradient is right, and an error would have been detected. */
  readonly isRight: boolean;
  /** One for each float32 input; empty where the function is not deterministic. */
  readonly inputs: readonly InputCheck[];
  /** The result in words: the worst element of each input, or why there is no result. */
  readonly summary: string;
}

type Inputs<Name extends string> = Readonly<Record<Name, Tensor>>;

type Differentiable<Name extends string> = (inputs: Record<Name, Tensor>) => Tensor;

/**
 * Compares the tape's gradient of a function with central differences of its values.
 *
 * It runs on the backend that is active when it is called; concurrent calls, and those of
 * {@linkcode parity} and {@linkcode train}, run one after the other.
 *
 *     L(x) = sum(f(x) dy)
 *     numeric = (L(x + h d) - L(x - h d)) / 2h        analytic = sum(gradient d)
 *
 * with a random upstream gradient `dy`, for every float32 input and every direction `d`: the axes in `full`
 * mode, random directions of length 1 in `directional` mode. The latter is the fast mode of
 * `torch.autograd.gradcheck`, except that PyTorch takes one direction, and here the median of several decides.
 *
 * How exact is that? Float32 values have a relative error of at least 2^-24, which the difference divides
 * by 2h; truncation adds h^2/6 times the third derivative. With h = 2^-8 both are near 2^-16, so expect
 * errors of 1e-4 to 1e-3 of the gradient's size, not the 1e-8 of float64. The tolerance is measured: each
 * slope is taken with the steps h and 2h, and the change between the two, for the element and for nine of
 * ten, is how far the differences may be off. Where that is more than a tenth of the gradient, the result is
 * `unclear` instead of right. An element at a kink, as of a ReLU near zero, has no slope that differences
 * could measure: it is counted, and passes.
 *
 * Where the step leaves the domain of the function or crosses a kink, as of `sqrt` near zero, shorter ones
 * are tried, and at the very edge one-sided differences, (-3 L(x) + 4 L(x + h) - L(x + 2h)) / 2h. Nothing is
 * called wrong before shorter steps have said the same. Outputs that are not finite do not count; elements
 * that cannot be judged are listed with the reason, in `notJudged`.
 *
 * @param f Any differentiable function of tensors, with `tf.customGrad` or without; its inputs are named, as
 *   for {@linkcode parity}. It returns a float32 tensor of any shape.
 * @param inputs Tensors by name, of any shape. Only those of dtype float32 are checked; the summary names the
 *   others.
 * @throws {TypeError} if no input is float32, an input is not used, `f` does not return a float32 tensor, or there
 *   is no such option.
 * @throws {RangeError} if an input or the output is empty or an input not finite, no output is finite, an option
 *   is out of range, or a gradient has another shape than its input.
 * @throws {Error} if an operation has no gradient in TensorFlow.js, or the active backend changes in the
 *   meantime.
 *
 * @example Is this gradient right?
 * ```ts
 * import { customGrad, randomNormal, Tensor } from "npm:@tensorflow/tfjs@4.22.0";
 * import { gradcheck, useBackend } from "../../mod.ts";
 *
 * await useBackend("cpu");
 * const cube = customGrad((x) => ({
 *   value: (x as Tensor).pow(3),
 *   gradFunc: (dy: Tensor) => dy.mul(2), // wrong
 * }));
 * const { summary } = await gradcheck(({ x }) => cube(x), { x: randomNormal([2, 3]) });
 * console.log(summary);
 * ```
 */
export function gradcheck<Name extends string>(
  f: (inputs: Record<Name, Tensor>) => Tensor,
  inputs: Readonly<Record<Name, Tensor>>,
  options: GradcheckOptions = {},
): Promise<GradcheckResult> {
  return inTurn("gradcheck()", f, inputs, options, async (settings, names) => {
    const { checks, fault } = await check(f, inputs, names, settings);
    const unused = checks.find((each) => !each.isConnected && each.error + each.resolution === 0);
    if (unused !== undefined) {
      throw new TypeError(
        `the function does not use input ${unused.name}: leave it out, or use it`,
      );
    }
    return resultOf(checks, fault, inputs);
  });
}

/**
 * Compares the derivative of a function's gradient, by the tape twice, with central differences of the gradient.
 *
 *     g(x, dy) = the gradient of sum(f(x) dy) with respect to one input
 *
 * For every float32 input, its g is checked by {@linkcode gradcheck} with respect to all of them and to `dy`, as
 * `torch.autograd.gradgradcheck` does. Check the gradient first: this one only says that its derivative fits it.
 *
 * In TensorFlow.js a `tf.customGrad` can be differentiated twice if its `gradFunc` consists of differentiable
 * operations on its inputs, `dy` and tensors that were made outside. What is computed inside of `tf.customGrad` is
 * a constant to the second derivative, which is then silently wrong: this finds it.
 *
 * @param f As for {@linkcode gradcheck}.
 * @param inputs As for {@linkcode gradcheck}. A derivative by an input that a gradient does not depend on is zero.
 * @returns Checks of which `of` names the gradient, and `name` what it is differentiated by: an input, or
 *   `dy`, which is called `upstream gradient` if there is an input `dy`.
 * @throws {TypeError} as {@linkcode gradcheck}, except that an input need not be used.
 * @throws {RangeError} as {@linkcode gradcheck}, and if `f` is a norm with the implementation `fused`, which has
 *   first derivatives only.
 * @throws {Error} as {@linkcode gradcheck}.
 *
 * @example Can this norm be part of a gradient penalty?
 * ```ts
 * import { randomNormal } from "npm:@tensorflow/tfjs@4.22.0";
 * import { gradgradcheck, layerNormalization, useBackend } from "../../mod.ts";
 *
 * await useBackend("cpu");
 * const { isRight } = await gradgradcheck(
 *   ({ x }) => layerNormalization(x, { implementation: "analytic" }),
 *   { x: randomNormal([4, 6]) },
 * );
 * ```
 */
export function gradgradcheck<Name extends string>(
  f: (inputs: Record<Name, Tensor>) => Tensor,
  inputs: Readonly<Record<Name, Tensor>>,
  options: GradcheckOptions = {},
): Promise<GradcheckResult> {
  return inTurn("gradgradcheck()", f, inputs, options, async (settings, names) => {
    const upstream = "dy" in inputs ? "upstream gradient" : "dy";
    const { values, shape } = await valuesOf(() => f({ ...inputs }));
    const dy = tf.tensor(drawValues(values.length, `${settings.seed}/upstream`), [...shape]);
    const all = { ...inputs, [upstream]: dy };
    const checks: InputCheck[] = [];
    try {
      for (const of of names) {
        const gradient = ({ [upstream]: dy, ...rest }: Record<string, Tensor>) =>
          differentiate(() => checkOutput(f(rest as Record<Name, Tensor>)), [rest[of]!], dy!)[0] ??
            tf.zerosLike(rest[of]!);
        const result = await check(gradient, all, [...names, upstream], settings, of);
        if (result.fault !== undefined) return resultOf([], result.fault, inputs);
        checks.push(...result.checks);
      }
    } finally {
      dy.dispose();
    }
    return resultOf(checks, undefined, inputs);
  });
}

/** Checks a call, and runs its work when no other runs, on the backend that is active now. */
async function inTurn<Name extends string>(
  owner: string,
  f: Differentiable<Name>,
  inputs: Inputs<Name>,
  options: GradcheckOptions,
  work: (settings: Settings, names: readonly Name[]) => Promise<GradcheckResult>,
): Promise<GradcheckResult> {
  checkOptions(owner, options);
  checkFunction(f);
  const names = checkInputs(inputs);
  const { mode, step, directions = DIRECTIONS, seed = 0 } = options;
  const before = rememberBackend();
  return await exclusively(async () => {
    if (!before.isActive()) await before.restore();
    const result = await work({ mode, step, directions, seed }, names);
    await assertHealthy();
    before.assertActive();
    return result;
  });
}

type Settings = Omit<CheckSettings, "mode"> & { readonly mode: GradcheckMode | undefined };

interface Checked {
  readonly checks: readonly InputCheck[];
  /** Why there are none. */
  readonly fault?: string;
}

/**
 * Checks the gradient of `f` with respect to every one of `names`.
 *
 * @param of Of a second derivative: name of the input whose gradient `f` gives.
 */
async function check<Name extends string>(
  f: Differentiable<Name>,
  given: Inputs<Name>,
  names: readonly Name[],
  { mode, ...settings }: Settings,
  of?: string,
): Promise<Checked> {
  // Copies: a tensor that is given under two names has one gradient.
  const inputs = copies(given);
  try {
    const [y, again] = [
      await valuesOf(() => f({ ...inputs })),
      await valuesOf(() => f({ ...inputs })),
    ];
    const changed = y.values.findIndex((value, i) => !Object.is(value, again.values[i]));
    if (changed !== -1) {
      return { checks: [], fault: notDeterministic(changed, y.values, again.values) };
    }
    const dy = drawValues(y.values.length, `${settings.seed}/dy`);
    y.values.forEach((value, i) => Number.isFinite(value) || (dy[i] = 0));
    if (!dy.some((factor) => factor !== 0)) {
      throw new RangeError(
        "no element of the output is finite: give inputs at which the function is defined",
      );
    }
    const gradients = await gradientsOf(f, inputs, names, dy, y.shape);
    const checks: InputCheck[] = [];
    for (const [i, name] of names.entries()) {
      const x = Float32Array.from(await inputs[name].data());
      if (!x.every(Number.isFinite)) {
        throw new RangeError(`input ${name} holds a number that is not finite: replace it`);
      }
      const situation: Situation = {
        name,
        shape: inputs[name].shape,
        x,
        gradient: gradients[i] ?? new Float32Array(x.length),
        y: y.values,
        dy,
        evaluate: (x) => valuesAt(f, inputs, name, x, y.shape),
      };
      const byInput = mode ?? (x.length > LARGEST_FULL ? "directional" : "full");
      const result = await checkInput(situation, { ...settings, mode: byInput });
      const isConnected = gradients[i] !== undefined;
      checks.push({ ...result, isConnected, ...(of !== undefined && { of }) });
    }
    return { checks };
  } finally {
    tf.dispose(inputs);
  }
}

function resultOf(
  checks: readonly InputCheck[],
  fault: string | undefined,
  inputs: Readonly<Record<string, Tensor>>,
): GradcheckResult {
  if (fault !== undefined) return { isRight: false, inputs: [], summary: fault };
  const others = Object.entries(inputs).filter(([, { dtype }]) => dtype !== "float32");
  const notChecked = others.map(([name, { dtype }]) =>
    `${name} is ${dtype}, which has no gradient: not checked.`
  );
  return {
    isRight: checks.every(({ verdict }) => verdict === "right"),
    inputs: checks,
    summary: [...checks.map(describeCheck), ...notChecked].join("\n"),
  };
}

function copies<Name extends string>(inputs: Inputs<Name>): Record<Name, Tensor> {
  const entries = Object.entries<Tensor>(inputs).map(([name, tensor]) => [name, tensor.clone()]);
  return Object.fromEntries(entries);
}

function drawValues(count: number, seed: string): Float32Array {
  return Float32Array.from(standardNormal(count, uniformStream(seed)));
}

interface Values {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

async function valuesOf(f: () => unknown): Promise<Values> {
  // A copy: the function may return one of its inputs.
  const y = tf.tidy(() => checkOutput(f()).clone());
  const values = Float32Array.from(await y.data());
  y.dispose();
  return { values, shape: y.shape };
}

async function valuesAt<Name extends string>(
  f: Differentiable<Name>,
  inputs: Record<Name, Tensor>,
  name: Name,
  x: Float32Array,
  shape: readonly number[],
): Promise<Float32Array> {
  const moved = tf.tensor(x, inputs[name].shape, "float32");
  try {
    const y = await valuesOf(() => f({ ...inputs, [name]: moved }));
    if (y.shape.join() !== shape.join()) {
      throw new RangeError(
        `the shape of the output depends on the values of ${name}: [${shape.join(", ")}], then [${
          y.shape.join(", ")
        }]; leave operations such as booleanMaskAsync out`,
      );
    }
    return y.values;
  } finally {
    moved.dispose();
  }
}

/** Undefined where the tape finds no path from the input to the output. */
async function gradientsOf<Name extends string>(
  f: Differentiable<Name>,
  inputs: Record<Name, Tensor>,
  names: readonly Name[],
  dy: Float32Array,
  shape: readonly number[],
): Promise<(Float32Array | undefined)[]> {
  const gradients = tf.tidy(() =>
    differentiate(
      () => checkOutput(f({ ...inputs })),
      names.map((name) => inputs[name]),
      tf.tensor(dy, [...shape]),
    ) as Tensor[]
  );
  const values = await Promise.all(gradients.map((gradient) => gradient?.data()));
  tf.dispose(gradients);
  return values.map((data) => data && Float32Array.from(data));
}

function notDeterministic(
  at: number,
  { [at]: first }: Float32Array,
  { [at]: second }: Float32Array,
): string {
  return `The function is not deterministic: on the same inputs, element ${at} of its output was ` +
    `${first} and then ${second}. Turn dropout off, or give it a seed.`;
}
