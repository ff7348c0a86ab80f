/**
 * Custom norms: what a user gives to be judged, and the subject that it is.
 *
 * @module
 */
import { isClass, kindOf, messageOf } from "../../norms/basics/errors.ts";
import type { NormOptions } from "../../norms/basics/options.ts";
import { type Shape, size } from "../../norms/basics/shape.ts";
import { functionSubject, layerSubject, type Subject } from "../../norms/basics/subject.ts";
import type { Layer, Tensor, Tensors } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import type { InputsOf } from "../../norms/registry.ts";
import { NoNormError } from "./evaluate.ts";

/**
 * A custom norm, as a function of tensors.
 *
 * It receives the inputs of the norm that it implements by name (`x`, `gamma`, `beta`; also `movingMean` and
 * `movingVariance` for batch norm; `x`, `v`, `g` and `bias` for weight norm), and returns `y`, or an object
 * with `y` and the updated states. It must not be async.
 *
 * Options that are not given are undefined: it has its own defaults. A batch norm is called with
 * `training: true` as far as the options say so, and once more without it, for a prediction with the
 * running statistics: it normalizes with `movingMean` and `movingVariance` then, and need not return them.
 *
 * @typeParam O The options that it takes.
 * @typeParam Name The norm that it implements, from which the types of its inputs follow.
 */
export type CustomNorm<O = NormOptions, Name extends string = string> = (
  inputs: InputsOf<Name>,
  options: O,
) => Tensor | Record<string, Tensor>;

/** A custom norm, as a layer that is built again for every evaluation. */
export interface CustomLayer<O> {
  /** Makes the layer; its weights have the names of the norm's inputs, in `tf.layers`' spelling. */
  layer(options: O, shape: Shape): Layer;
}

/**
 * The subject that a custom norm is.
 *
 * @param called What messages call it.
 * @throws {TypeError} if it is neither a function nor has one that makes a layer, or takes its tensors one
 *   by one.
 */
export function subjectOf<O extends object>(
  custom: CustomNorm<O> | CustomLayer<O>,
  parameterShapes: Readonly<Record<string, Shape>>,
  called = "the norm",
): Subject {
  refuseClass(called, custom);
  if (typeof custom !== "function") {
    const given: unknown = custom?.layer;
    refuseClass("layer", given);
    if (isLayer(given) && typeof given !== "function") {
      throw new TypeError(
        "layer is a layer that is made already: give a function that makes one, " +
          "{ layer: (options) => ... }, since every evaluation begins with new weights",
      );
    }
    if (typeof custom?.layer !== "function") {
      throw new TypeError(
        `${called} is ${
          kindOf(custom)
        }: give a function of tensors, or { layer: (options) => ... }`,
      );
    }
    // Whether it trains comes with each call.
    return layerSubject(({ training: _, ...options }, shape) =>
      layerIn(custom.layer(options as O, shape))
    );
  }
  if (custom.length > 2) {
    throw new TypeError(
      `${called} takes ${custom.length} arguments: parity calls it with two, the tensors by name and ` +
        "the options, as in ({ x, gamma, beta }, { epsilon }) => y",
    );
  }
  return functionSubject((inputs, options) => {
    const tensors = reshapeParameters(inputs, parameterShapes);
    return outputsOf(hinting(() => custom(tensors, options as O), called), called);
  });
}

/** Adds to an error how the norm is called, where it took the object of tensors for a tensor. */
function hinting<T>(call: () => T, called: string): T {
  try {
    return call();
  } catch (error) {
    const message = messageOf(error);
    const [, method = ""] = /\.(\w+) is not a function/.exec(message) ?? [];
    if (!(/but got 'Object'/.test(message) || method in tf.Tensor.prototype)) throw error;
    throw new TypeError(
      `${called} is called with the tensors by name, as in ({ x, gamma }, options) => y: ${message}`,
      { cause: error },
    );
  }
}

function refuseClass(called: string, given: unknown): void {
  if (!isClass(given)) return;
  throw new TypeError(
    `${called} is ${kindOf(given)}: give a function that makes its layers, ` +
      `{ layer: (options) => new ${given.name}(options) }`,
  );
}

function isLayer(made: unknown): made is Layer {
  return typeof (made as Layer | undefined)?.apply === "function";
}

function layerIn(made: unknown): Layer {
  if (isLayer(made)) return made;
  throw new NoNormError(`layer() returned ${kindOf(made)}: return a layer of tf.layers`);
}

/** The outputs of a norm by name; without a type checker, a norm may return anything. */
function outputsOf(result: unknown, called: string): Tensors {
  if (result instanceof tf.Tensor) return { y: result };
  if (result instanceof Promise) {
    // Its tensors are freed when the call ends, so a later rejection says nothing new.
    result.catch(() => {});
    throw new NoNormError(`${called} returned a promise: use a function that is not async`);
  }
  const expected = "return y, or an object with y and the updated states";
  if (typeof result !== "object" || result === null || Array.isArray(result)) {
    throw new NoNormError(`${called} returned ${kindOf(result)}: ${expected}`);
  }
  if (ArrayBuffer.isView(result)) {
    throw new NoNormError(`${called} returned a ${result.constructor.name}: ${expected}`);
  }
  if (isLayer(result)) {
    throw new NoNormError(
      `${called} returned a layer: give what makes it as { layer: (options) => ... }`,
    );
  }
  if (!("y" in result)) {
    const names = Object.keys(result).join(", ") || "an empty object";
    throw new NoNormError(`${called} returned no y but ${names}: ${expected}`);
  }
  for (const [name, output] of Object.entries(result)) {
    if (output instanceof tf.Tensor) continue;
    throw new NoNormError(`${called} returned ${kindOf(output)} as ${name}: outputs are tensors`);
  }
  return result as Record<string, Tensor>;
}

/** Reshapes parameters on the tape, so that gradients have the norm's shapes. */
function reshapeParameters(
  inputs: Tensors,
  shapes: Readonly<Record<string, Shape>>,
): Record<string, Tensor> {
  const reshaped = Object.entries(shapes).map(([name, shape]) => {
    const parameter = inputs[name];
    if (parameter === undefined) {
      throw new RangeError(
        `there is no parameter ${name}: this norm has ${Object.keys(inputs).join(", ")}`,
      );
    }
    if (parameter.size !== size(shape)) {
      throw new RangeError(
        `parameter ${name} has ${parameter.size} elements, which do not fill shape [${
          shape.join(", ")
        }]`,
      );
    }
    return [name, tf.reshape(parameter, [...shape])];
  });
  return { ...inputs, ...Object.fromEntries(reshaped) };
}
