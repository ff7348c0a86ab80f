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
import { checkInput, type InputCheck, type Situation, type WorstSlope } from "./check_input.ts";

export type { GradientVerdict, InputCheck, WorstSlope } from "./check_input.ts";

/** The step in units of an input's spread: the cube root of float32's roundoff, 2^-24. */
const STEP = 2 ** -8;

/** The step where all elements move: slopes are larger, and more kinks lie on the way. */
const FAST_STEP = 2 ** -10;

const DIRECTIONS = 8;

/** Options of {@linkcode gradcheck}. */
export interface GradcheckOptions {
  /**
   * The step, in units of the input's spread (its standard deviation, or its size where all elements are the
   * same); default 2^-8, in fast mode 2^-10. Truncation error grows with its square, rounding noise with its inverse.
   */
  readonly step?: number;
  /**
   * Whether all elements move at once, along random directions, instead of one at a time: for large inputs.
   * The median of the directions decides, so an error in a few of many elements may go undetected; default
   * false.
   */
  readonly fast?: boolean;
  /** Random directions of the fast mode, for each input; default 8. */
  readonly directions?: number;
  /** Seed of the random numbers; default 0. */
  readonly seed?: number;
}

/** Result of {@linkcode gradcheck}. */
export interface GradcheckResult {
  /** Whether every gradient is right, and an error would have been detected. */
  readonly isRight: boolean;
  /** One for each float32 input; empty where the function is not deterministic. */
  readonly inputs: readonly InputCheck[];
  /** The result in words: the worst element of each input, or why there is no result. */
  readonly summary: string;
}

/**
 * Compares the tape's gradient of a function with central differences of its values.
 *
 * It runs on the backend that is active when it is called; concurrent calls, and those of
 * {@linkcode parity} and {@linkcode train}, run one after the other.
 *
 *     numeric = sum((f(x + h d) - f(x - h d)) dy) / 2h        analytic = sum(gradient d)
 *
 * with a random upstream gradient `dy`, for every float32 input and every direction `d`.
 *
 * How exact is that? Float32 values have a relative error of at least 2^-24, which the difference divides
 * by 2h; truncation adds h^2/6 times the third derivative. With h = 2^-8 both are near 2^-16, so expect
 * errors of 1e-4 to 1e-3 of the gradient's size, not the 1e-8 of float64. The tolerance is measured: each
 * slope is taken with the steps h and 2h, and the change between the two, for the element and for nine of
 * ten, is how far the differences may be off. Where that is more than a tenth of the gradient, the result is
 * `unclear` instead of right. An element at a kink, as of a ReLU near zero, has no slope that differences
 * could measure: it is counted, and passes.
 *
 * @param f Any differentiable function of tensors, with `tf.customGrad` or without; its inputs are named, as
 *   for {@linkcode parity}.
 * @param inputs Tensors by name, of any shape. Only those of dtype float32 are checked.
 * @throws {TypeError} if no input is float32, or `f` does not return a tensor.
 * @throws {RangeError} if an input is empty or not finite, or an option is out of range.
 * @throws {Error} if the active backend changes in the meantime.
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
export async function gradcheck<Name extends string>(
  f: (inputs: Record<Name, Tensor>) => Tensor,
  inputs: Readonly<Record<Name, Tensor>>,
  options: GradcheckOptions = {},
): Promise<GradcheckResult> {
  const { fast = false, directions = DIRECTIONS, seed = 0 } = options;
  const { step = fast ? FAST_STEP : STEP } = options;
  if (!(step > 0 && step < 1)) {
    throw new RangeError(`step ${step} is not between 0 and 1: it is a share of an input's spread`);
  }
  if (!Number.isInteger(directions) || directions < 1) {
    throw new RangeError(`directions ${directions} is not a whole number of at least 1`);
  }
  const names = (Object.keys(inputs) as Name[]).filter((name) => inputs[name].dtype === "float32");
  if (names.length === 0) {
    throw new TypeError("no input is float32, so there is no gradient to check: cast one");
  }
  const empty = names.find((name) => inputs[name].size === 0);
  if (empty !== undefined) throw new RangeError(`input ${empty} is empty`);
  const before = rememberBackend();
  return await exclusively(async () => {
    if (!before.isActive()) await before.restore();
    const result = await check(f, inputs, names, { step, fast, directions, seed });
    before.assertActive();
    return result;
  });
}

async function check<Name extends string>(
  f: (inputs: Record<Name, Tensor>) => Tensor,
  inputs: Readonly<Record<Name, Tensor>>,
  names: readonly Name[],
  options: Required<GradcheckOptions>,
): Promise<GradcheckResult> {
  const [y, again] = [await valuesOf(() => f(inputs)), await valuesOf(() => f(inputs))];
  const changed = y.values.findIndex((value, i) => !Object.is(value, again.values[i]));
  if (changed !== -1) return notDeterministic(changed, y.values, again.values);

  const dy = Float32Array.from(
    standardNormal(y.values.length, uniformStream(`${options.seed}/dy`)),
  );
  const gradients = await gradientsOf(f, inputs, names, dy, y.shape);
  const checks: InputCheck[] = [];
  for (const [i, name] of names.entries()) {
    const situation: Situation = {
      name,
      shape: inputs[name].shape,
      x: Float32Array.from(await inputs[name].data()),
      gradient: gradients[i]!,
      y: y.values,
      dy,
      evaluate: async (x) => {
        const moved = tf.tensor(x, inputs[name].shape, "float32");
        const { values } = await valuesOf(() => f({ ...inputs, [name]: moved }));
        moved.dispose();
        return values;
      },
    };
    checks.push(await checkInput(situation, options));
  }
  await assertHealthy();
  return {
    isRight: checks.every(({ verdict }) => verdict === "right"),
    inputs: checks,
    summary: checks.map(describeCheck).join("\n"),
  };
}

async function valuesOf(f: () => Tensor): Promise<{ values: Float32Array; shape: number[] }> {
  const y = tf.tidy(() => tensorFrom(f()));
  const values = Float32Array.from(await y.data());
  y.dispose();
  return { values, shape: y.shape };
}

function tensorFrom(y: unknown): Tensor {
  if (y instanceof tf.Tensor) return y;
  throw new TypeError(
    y instanceof Promise
      ? "the function returned a promise: use one that is not async"
      : "the function must return a tensor",
  );
}

async function gradientsOf<Name extends string>(
  f: (inputs: Record<Name, Tensor>) => Tensor,
  inputs: Readonly<Record<Name, Tensor>>,
  names: readonly Name[],
  dy: Float32Array,
  shape: number[],
): Promise<Float32Array[]> {
  const ofList = (...list: Tensor[]) =>
    f({ ...inputs, ...Object.fromEntries(names.map((name, i) => [name, list[i]!])) });
  const gradients = tf.tidy(() =>
    tf.grads(ofList)(names.map((name) => inputs[name]), tf.tensor(dy, shape))
  );
  const values = await Promise.all(gradients.map((gradient) => gradient.data()));
  tf.dispose(gradients);
  return values.map((data) => Float32Array.from(data));
}

function notDeterministic(
  at: number,
  { [at]: first }: Float32Array,
  { [at]: second }: Float32Array,
): GradcheckResult {
  return {
    isRight: false,
    inputs: [],
    summary:
      `The function is not deterministic: on the same inputs, element ${at} of its output was ` +
      `${first} and then ${second}. Turn dropout off, or give it a seed.`,
  };
}

/** Significant digits of a slope. */
const DIGITS = 6;

/** The verdict, the worst element, and what to do. */
function describeCheck(check: InputCheck): string {
  const { name, verdict, error, worst } = check;
  const [analytic, numeric] = [digits(worst.analytic), digits(worst.numeric)];
  const where = place(name, worst);
  const resolution = short(check.resolution);
  const worstOf = `worst at ${short(error)} of its size`;
  switch (verdict) {
    case "wrong":
      return `The gradient of ${name} is wrong: ${where} it is ${analytic}, but central differences ` +
        `give ${numeric} ± ${short(worst.allowed)}.`;
    case "right":
      return `The gradient of ${name} is right: ${worstOf} (${where} ${analytic}, by differences ` +
        `${numeric}); errors of ${resolution} or more would have been detected${
          near(check.kinks)
        }.`;
    case "unclear":
      return `The gradient of ${name} is unclear: an error of ${resolution} of its size would not have ` +
        `been detected (${where} ${analytic}, by differences ${numeric}). Either the gradient is zero, or ` +
        "the differences are too inexact: try another step, or inputs with a smaller offset.";
  }
}

function place(name: string, { index }: WorstSlope): string {
  return index === undefined ? "along a random direction" : `at ${name}[${index.join(", ")}]`;
}

function near(kinks: number): string {
  return kinks === 0
    ? ""
    : `, except for ${kinks} at or near a kink, where differences have no meaning`;
}

function digits(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(DIGITS))) : String(value);
}

function short(value: number): string {
  return value.toExponential(0);
}
