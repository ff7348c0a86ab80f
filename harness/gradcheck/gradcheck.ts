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
import { checkInput, type InputCheck, type Situation } from "./check_input.ts";
import { describeCheck } from "./describe.ts";

export type { GradientVerdict, InputCheck, WorstSlope } from "./check_input.ts";

/** The step in units of an input's spread: the cube root of float32's roundoff, 2^-24. */
const STEP = 2 ** -8;

/** The same where all elements move: slopes are larger, and kinks on the way more frequent. */
const FAST_STEP = 2 ** -10;

/** Random directions of the fast mode. */
const DIRECTIONS = 8;

/** How a gradient is checked. */
export interface GradcheckOptions {
  /**
   * How far an input moves, in units of its own spread (standard deviation, or size where all of its
   * elements are the same); default 2^-8, in fast mode 2^-10. Truncation grows with its square, rounding noise with its inverse.
   */
  readonly step?: number;
  /**
   * Whether all elements move at once, along random directions, in place of one after the other: for
   * large inputs. The median of the directions decides, and an error of a few elements among many may hide;
   * default false.
   */
  readonly fast?: boolean;
  /** How many directions the fast mode takes for each input; default 8. */
  readonly directions?: number;
  /** What the random numbers follow from; default 0. */
  readonly seed?: number;
}

/** What came out. */
export interface GradcheckResult {
  /** Whether every gradient is right, and could have been seen to be wrong. */
  readonly isRight: boolean;
  /** One for each float32 input; empty where the function is not deterministic. */
  readonly inputs: readonly InputCheck[];
  /** The result in words: the worst element of each input, or what stands in the way. */
  readonly summary: string;
}

/**
 * Compares the tape's gradient of a function with central differences of its values.
 *
 * It runs on the backend that is active when it is called; calls side by side, and those of
 * {@linkcode parity} and {@linkcode train}, wait for one another.
 *
 *     numeric = sum((f(x + h d) - f(x - h d)) dy) / 2h        analytic = sum(gradient d)
 *
 * with a random upstream gradient `dy`, for every float32 input and every direction `d`.
 *
 * How exact can that be? Values of float32 carry a relative error of 2^-24 at least, which the difference
 * divides by 2h; truncation adds h^2/6 times the third derivative. With h = 2^-8 both are near 2^-16, so
 * that 1e-4 to 1e-3 of the gradient's size is what to expect, and not the 1e-8 of float64. The tolerance is
 * not picked, but measured: each slope is taken with the steps h and 2h, and what lies between the two, for
 * the element and for nine of ten, is what the differences may be off by. Where that is more than a tenth of
 * the gradient, the result is `unclear`, and not right. An element at a kink, as of a ReLU near zero, has no
 * slope that differences could tell: it is counted, and passes.
 *
 * @param f Any function of tensors whose gradient the tape finds, with `tf.customGrad` or without; its
 *   inputs come by name, as {@linkcode parity} gives them.
 * @param inputs Tensors by name, of any shape. Those of another dtype than float32 are left as they are.
 * @throws {TypeError} if no input is float32.
 * @throws {RangeError} if an input holds a number that is not finite, or an option is out of range.
 * @throws {Error} if another backend is made the active one in the meantime.
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
    throw new RangeError(`directions ${directions} is not a whole number from 1 up`);
  }
  const names = (Object.keys(inputs) as Name[]).filter((name) => inputs[name].dtype === "float32");
  if (names.length === 0) {
    throw new TypeError("no input is float32, so there is no gradient to check: cast one");
  }
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
  const y = tf.tidy(f);
  const values = Float32Array.from(await y.data());
  y.dispose();
  return { values, shape: y.shape };
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
      `${first} and then ${second}. Switch dropout off, or give it a seed.`,
  };
}
