/**
 * Runs a norm's implementation with its inputs checked.
 *
 * @module
 */
import * as tf from "../basics/tf.ts";
import { hasKernels } from "../fused/backends.ts";
import { type ByFusedBackend, checkInputs, type Norm, type Tensors } from "../basics/norm.ts";
import type { NormOptions } from "../basics/options.ts";

const FUSED = "fused";

/** Something with implementations, of which the fused one depends on the backend. */
interface Implemented<T> {
  readonly name: string;
  /** Those that run on every backend; the first is the default. */
  readonly implementations: Readonly<Record<string, T>>;
  /** Those that run on one backend each. */
  readonly fused?: ByFusedBackend<T>;
}

/** The implementations that the active backend has, by name; the default first. */
export function implementationsOf<T>(
  { implementations, fused = {} }: Implemented<T>,
): Readonly<Record<string, T>> {
  const backend = tf.getBackend();
  const kernels = hasKernels(backend) ? fused[backend] : undefined;
  return kernels === undefined ? implementations : { ...implementations, [FUSED]: kernels };
}

/**
 * The implementation of that name on the active backend, or the first.
 *
 * @throws {RangeError} if there is no such implementation, or not on this backend.
 */
export function implementationOf<T>(norm: Implemented<T>, name: string | undefined): T {
  checkImplementation(norm, name);
  const available = implementationsOf(norm);
  const implementation = available[name ?? Object.keys(available)[0]!];
  if (implementation !== undefined) return implementation;
  throw new RangeError(
    `${norm.name} norm has no fused kernels on the backend ${tf.getBackend()}: choose one of ${
      Object.keys(available).join(", ")
    }, or a backend among ${Object.keys(norm.fused ?? {}).join(", ")}; on tensorflow, ` +
      "`deno task setup` compiles them, for the processor only",
  );
}

/**
 * Refuses the name of an implementation that no backend has.
 *
 * @throws {RangeError} if there is none.
 */
export function checkImplementation<T>(norm: Implemented<T>, name: string | undefined): void {
  const names = [
    ...Object.keys(norm.implementations),
    ...(norm.fused === undefined ? [] : [FUSED]),
  ];
  if (name === undefined || names.includes(name)) return;
  throw new RangeError(
    `${norm.name} norm has no implementation "${name}": choose one of ${names.join(", ")}`,
  );
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

export interface FunctionArguments {
  readonly gamma?: tf.Tensor;
  readonly beta?: tf.Tensor;
  readonly implementation?: string;
}

/** {@linkcode applyNorm}, with gamma and beta switched off where they are left out. */
export function applyFunction<O extends NormOptions>(
  norm: Norm<O>,
  inputs: Readonly<Record<string, tf.Tensor | undefined>>,
  { gamma, beta, implementation, ...options }: FunctionArguments & NormOptions,
): Record<string, tf.Tensor> {
  const switches = { scale: gamma !== undefined, center: beta !== undefined };
  const all = { ...options, ...switches } as unknown as O;
  return applyNorm(norm, { ...inputs, gamma, beta }, all, implementation);
}
