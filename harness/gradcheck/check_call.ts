/**
 * What a gradient check is called with, and what the function returns.
 *
 * @module
 */
import { kindOf } from "../../norms/basics/errors.ts";
import { checkNames } from "../../norms/basics/options.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import type { GradcheckMode } from "./check_input.ts";
import type { GradcheckOptions } from "./gradcheck.ts";

const MODES: readonly GradcheckMode[] = ["full", "directional"];

/** As a list, of which the type says that it is all. */
const OPTIONS: Readonly<Record<keyof GradcheckOptions, true>> = {
  mode: true,
  step: true,
  directions: true,
  seed: true,
};

/**
 * Checks the options.
 *
 * @param owner Whose they are, in messages.
 * @throws {TypeError} if there is no such option.
 * @throws {RangeError} if one is out of range.
 */
export function checkOptions(owner: string, options: GradcheckOptions): void {
  checkNames(owner, Object.keys(options), Object.keys(OPTIONS));
  const { mode, step, directions, seed } = options;
  if (mode !== undefined && !MODES.some((known) => known === mode)) {
    throw new RangeError(`there is no mode "${mode}": choose one of ${MODES.join(", ")}`);
  }
  if (step !== undefined && !(step > 2 ** -20 && step < 1)) {
    throw new RangeError(
      `step ${step} is not between 2^-20 and 1: it is a share of an input's spread, and float32 has 24 bits`,
    );
  }
  if (directions !== undefined && !(Number.isInteger(directions) && directions >= 1)) {
    throw new RangeError(`directions ${directions} is not a whole number of at least 1`);
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw new RangeError(`seed ${seed} is not a whole number`);
  }
}

/**
 * Checks that it is a function.
 *
 * @throws {TypeError} if it is not.
 */
export function checkFunction(f: unknown): void {
  if (typeof f === "function") return;
  throw new TypeError(
    `${kindOf(f)} is not a function: give one of named tensors, ({ x }) => tensor`,
  );
}

/**
 * The names of the float32 inputs.
 *
 * @throws {TypeError} if an input is not a tensor, or none is float32.
 * @throws {RangeError} if one is empty.
 */
export function checkInputs<Name extends string>(
  inputs: Readonly<Record<Name, Tensor>>,
): Name[] {
  if (!isRecord(inputs)) {
    throw new TypeError(
      `the inputs are ${
        kindOf(inputs)
      }: give tensors by name, as in { x: tf.randomNormal([2, 3]) }`,
    );
  }
  for (const [name, tensor] of Object.entries<unknown>(inputs)) {
    if (!(tensor instanceof tf.Tensor)) {
      throw new TypeError(`input ${name} is ${kindOf(tensor)}: make a tensor of it, by tf.tensor`);
    }
    if (tensor.isDisposed) {
      throw new TypeError(`input ${name} is disposed of: give a tensor in use`);
    }
  }
  const names = (Object.keys(inputs) as Name[]).filter((name) => inputs[name].dtype === "float32");
  if (names.length === 0) {
    const dtypes = Object.entries<Tensor>(inputs).map(([name, { dtype }]) => `${name} is ${dtype}`);
    throw new TypeError(
      `no input is float32${
        dtypes.length === 0 ? "" : ` (${dtypes.join(", ")})`
      }, so there is no gradient ` +
        "to check: cast one, by toFloat()",
    );
  }
  const empty = names.find((name) => inputs[name].size === 0);
  if (empty !== undefined) {
    throw new RangeError(
      `input ${empty} is empty, of shape [${
        inputs[empty].shape.join(", ")
      }]: give at least one element`,
    );
  }
  return names;
}

/**
 * The output, which must be a tensor.
 *
 * @throws {TypeError} if it is not a tensor, or not float32.
 * @throws {RangeError} if it is empty.
 */
export function checkOutput(y: unknown): Tensor {
  if (!(y instanceof tf.Tensor)) {
    throw new TypeError(
      `the function must return a tensor, but returned ${kindOf(y)}: ${remedyFor(y)}`,
    );
  }
  if (y.dtype !== "float32") {
    throw new TypeError(
      `the function returned a tensor of ${y.dtype}, which has no gradient: return float32`,
    );
  }
  if (y.size === 0) {
    throw new RangeError(
      `the function returned an empty tensor of shape [${
        y.shape.join(", ")
      }]: return at least one element`,
    );
  }
  return y;
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof tf.Tensor);
}

function remedyFor(y: unknown): string {
  if (y instanceof Promise) return "use one that is not async";
  if (y === undefined) return "is there a return?";
  if (typeof y === "number") return "do not read values of tensors, as by dataSync or arraySync";
  return "choose one of its tensors, such as y";
}
