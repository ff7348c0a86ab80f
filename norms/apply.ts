/**
 * Runs a norm's implementation with its inputs checked.
 *
 * @module
 */
import * as tf from "./tf.ts";
import { checkInputs, type Norm, type Tensors } from "./norm.ts";
import type { NormOptions } from "./options.ts";

/**
 * The implementation of that name, or the norm's first.
 *
 * @throws {RangeError} if the norm has no such implementation.
 */
export function implementationOf<T>(
  norm: { readonly name: string; readonly implementations: Readonly<Record<string, T>> },
  name: string | undefined,
): T {
  const names = Object.keys(norm.implementations);
  const chosen = name ?? names[0]!;
  const implementation = norm.implementations[chosen];
  if (implementation === undefined || !names.includes(chosen)) {
    throw new RangeError(
      `${norm.name} norm has no implementation "${name}": choose one of ${names.join(", ")}`,
    );
  }
  return implementation;
}

/**
 * Refuses whole numbers: operations on them truncate.
 *
 * @throws {TypeError} if a tensor is not float32.
 */
export function checkFloat32(tensors: Tensors): void {
  for (const [name, { dtype }] of Object.entries(tensors)) {
    if (dtype !== "float32") {
      throw new TypeError(`input ${name} is ${dtype}: cast it to float32`);
    }
  }
}

/**
 * Checks `inputs` against the norm's description and computes its outputs.
 *
 * Inputs that are `undefined` count as left out.
 *
 * @throws {RangeError} if a shape or an option does not fit.
 * @throws {TypeError} if an input is missing, superfluous or not float32.
 */
export function applyNorm<O extends NormOptions>(
  norm: Norm<O>,
  inputs: Readonly<Record<string, tf.Tensor | undefined>>,
  options: O,
  implementation?: string,
): Record<string, tf.Tensor> {
  const given = Object.fromEntries(
    Object.entries(inputs).filter((entry): entry is [string, tf.Tensor] => entry[1] !== undefined),
  );
  const shapes = Object.fromEntries(
    Object.entries(given).map(([name, tensor]) => [name, tensor.shape]),
  );
  checkInputs(norm.inputs(given["x"]?.shape ?? [], options), shapes);
  checkFloat32(given);
  return tf.tidy(() => ({ ...implementationOf(norm, implementation)(given, options) }));
}
