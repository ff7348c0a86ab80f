/**
 * Runs a norm's implementation with its inputs checked.
 *
 * @module
 */
import * as tf from "../basics/tf.ts";
import { hasKernels } from "../fused/backends.ts";
import {
  type ByFusedBackend,
  checkInputs,
  type InputSpec,
  type Norm,
  type Tensors,
} from "../basics/norm.ts";
import { checkNames, checkRecord, type NormOptions } from "../basics/options.ts";
import { broadcastReadings, checkMeaning, type NamedAxes, type Shape } from "../basics/shape.ts";
import { broadcastTo } from "../basics/view.ts";

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
 * Refuses what no operation could take.
 *
 * @throws {TypeError} if one is not a tensor, or disposed of.
 */
export function checkTensors(tensors: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(tensors)) {
    if (!(value instanceof tf.Tensor)) {
      throw new TypeError(`input ${name} is no tensor: give one, such as tf.scalar(1)`);
    }
    if (value.isDisposed) {
      throw new TypeError(`input ${name} is disposed of: give a tensor in use`);
    }
  }
}

/**
 * Refuses whole numbers: operations on them truncate.
 *
 * @throws {TypeError} as {@linkcode checkTensors}, and if a tensor is not float32.
 */
export function checkFloat32(tensors: Tensors): void {
  checkTensors(tensors);
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
 * @throws {TypeError} if an input is missing, superfluous, disposed of or not float32.
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
  checkTensors(given);
  const shapes = Object.fromEntries(
    Object.entries(given).map(([name, tensor]) => [name, tensor.shape]),
  );
  checkInputs(norm.inputs(given["x"]?.shape ?? [], options), shapes);
  checkFloat32(given);
  return tf.tidy(() => ({ ...implementationOf(norm, implementation)(given, options) }));
}

/** What a function of a norm is given in addition to `x`, as its record says. */
interface Arguments<O> {
  /** gamma, beta and states, as far as they are given. */
  readonly tensors: Record<string, tf.Tensor>;
  readonly options: O;
  readonly implementation: string | undefined;
}

/** Tells tensors from options; what is undefined counts as left out. */
function sortArguments<O extends NormOptions>(norm: Norm<O>, given: object): Arguments<O> {
  const [, ...inputs] = norm.inputNames;
  const known = [...inputs, ...Object.keys(norm.defaults), IMPLEMENTATION];
  checkRecord(`${norm.name} norm`, given);
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  checkNames(`${norm.name} norm`, entries.map(([name]) => name), known);
  const { [IMPLEMENTATION]: implementation, ...others } = Object.fromEntries(entries);
  const pick = (isInput: boolean) =>
    Object.fromEntries(
      Object.entries(others).filter(([name]) => inputs.includes(name) === isInput),
    );
  const tensors = pick(true);
  checkTensors(tensors);
  const switches = { scale: "gamma" in tensors, center: "beta" in tensors };
  return { tensors, options: { ...switches, ...pick(false) } as unknown as O, implementation };
}

const IMPLEMENTATION = "implementation";

/**
 * A norm as a function: gamma and beta are switched off where they are left out, and may be of any shape
 * that broadcasts; states that are left out are those before the first step.
 *
 * @param args Tensors, options and `implementation` by name.
 * @throws {RangeError} as {@linkcode applyNorm}; if `axis` or a shape has two meanings, or a spread is negative.
 * @throws {TypeError} as {@linkcode applyNorm}, and if there is no such argument.
 */
export function applyFunction<O extends NormOptions>(
  norm: Norm<O>,
  x: tf.Tensor,
  args: object,
): Record<string, tf.Tensor> {
  checkTensors({ x });
  const { tensors, options, implementation } = sortArguments(norm, args);
  if ("fromAxis" in norm.defaults) checkMeaning(options as NamedAxes, x.rank);
  checkFloat32(tensors);
  return tf.tidy(() => {
    const inputs: Record<string, tf.Tensor> = { x };
    for (const spec of norm.inputs(x.shape, options)) {
      const { name, role, shape, initializer, positive = false } = spec;
      const given = tensors[name];
      if (given !== undefined) {
        if (role === "state" && positive) checkNotNegative(name, given);
        inputs[name] = broadcast(given, spec, x.shape);
      } else if (role === "state") {
        inputs[name] = initializer === "ones" ? tf.ones([...shape]) : tf.zeros([...shape]);
      }
    }
    return applyNorm(norm, { ...tensors, ...inputs }, options, implementation);
  });
}

/** Brings a parameter that broadcasts into its own shape; others are left to {@linkcode applyNorm}. */
function broadcast(
  tensor: tf.Tensor,
  { name, shape, axes }: InputSpec,
  data: Shape,
): tf.Tensor {
  if (axes === undefined || tf.util.arraysEqual(tensor.shape, [...shape])) return tensor;
  const [reading, other] = broadcastReadings(tensor.shape, shape, axes, data);
  if (other !== undefined) {
    throw new RangeError(
      `input ${name} of shape [${tensor.shape.join(", ")}] has two meanings, [${
        reading!.join(", ")
      }] and [${other.join(", ")}]: give it in shape [${shape.join(", ")}]`,
    );
  }
  return reading === undefined ? tensor : broadcastTo(tensor, reading, shape);
}

/**
 * Refuses a negative variance: its root would be NaN, and so would every `y` of the feature.
 *
 * A NaN is let through, since it does not hide. Only what lies in the memory of the processor is looked at:
 * to read from a graphics card is to wait for it, and a step that is being recorded cannot be read from.
 *
 * @throws {RangeError} if an element is negative.
 */
export function checkNotNegative(name: string, tensor: tf.Tensor): void {
  const negative = valuesAtHand(tensor)?.find((value) => value < 0);
  if (negative === undefined) return;
  throw new RangeError(`${name} holds ${negative}: a measure of spread is not negative`);
}

function valuesAtHand(tensor: tf.Tensor): Float32Array | undefined {
  // Those backends whose data live elsewhere have a way of their own to hand it on.
  if (tf.backend().readToGPU !== tf.KernelBackend.prototype.readToGPU) return undefined;
  try {
    return tensor.dataSync<"float32">();
  } catch {
    return undefined;
  }
}
