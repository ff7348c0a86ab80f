/**
 * What a norm is: a data record.
 *
 * Its inputs, the axes it takes statistics over, its implementations, its float64 oracle and its
 * references are fields of one object, and so are its layer, its options in networks and its colour in
 * figures. Parity, benchmarks, networks and tests are loops over these records. A new norm is one file,
 * its oracle and one line in `registry.ts`.
 *
 * @module
 */
import { type Shape, size } from "./shape.ts";
import type { Arrangement } from "./arrangement.ts";
import type { AffineOptions, CallOption, Defaults, NormOptions } from "./options.ts";
import type { Bounded } from "../oracle/bounded.ts";
import type { Subject } from "./subject.ts";
import type { Layer, Tensors } from "./tensor.ts";

export type { Tensors };

/** Float64 arrays with error bounds, by name, as {@linkcode Tensors}. */
export type BoundedArrays = Readonly<Record<string, Bounded>>;

/** One input of a norm. */
export interface InputSpec {
  /** Name, spelled as `tf.layers` spells it: `x`, `gamma`, `movingMean`. */
  readonly name: string;
  /** Lengths of its axes. */
  readonly shape: Shape;
  /**
   * - `data`: what is normalized.
   * - `weight`: learned; the gradient reaches it.
   * - `state`: carried from step to step; an output of the same name replaces it.
   */
  readonly role: "data" | "weight" | "state";
  /** How a layer fills it at first. */
  readonly initializer: "ones" | "zeros" | "randomNormal" | "none";
  /** Whether its elements must be above 0, as those of a variance; default false. */
  readonly positive?: boolean;
  /** The axes of `x` that its own stand for, where a function takes what broadcasts to its shape. */
  readonly axes?: readonly number[];
}

/** Computes a norm's outputs, `y` among them, from its inputs. */
export type Implementation<O extends NormOptions = NormOptions> = (
  inputs: Tensors,
  options: O,
) => Tensors;

/** The backends of TensorFlow.js that Normbench has its own kernels for. */
export type FusedBackend = "wasm" | "webgpu" | "tensorflow";

/** Implementations by the backend that they run on. */
export type ByFusedBackend<T> = Readonly<Partial<Record<FusedBackend, T>>>;

/** A norm's float64 twin. */
export interface Oracle<O extends NormOptions = NormOptions> {
  /** The outputs that an {@linkcode Implementation} has, with the error a float32 one may make. */
  forward(inputs: BoundedArrays, options: O): BoundedArrays;
  /** Gradients of `sum(y * dy)` with respect to every input whose role is not `state`. */
  backward(inputs: BoundedArrays, options: O, dy: Bounded): BoundedArrays;
}

/** Whole tensors the size of `x` that the memory must move at the least, reads and writes. */
export interface Traffic {
  /** Of the forward pass. */
  readonly forward: number;
  /** Of the backward pass alone. */
  readonly backward: number;
}

/** A view of an array, and the axes over which its elements share statistics. */
export interface Groups {
  /** Shape of the view. */
  readonly shape: Shape;
  /** Ascending axes of the view. */
  readonly axes: readonly number[];
}

/** All that parity has to know of a computation to judge implementations of it. */
export interface Operation<O extends NormOptions = NormOptions> {
  /** Name on the command line and in records. */
  readonly name: string;
  /**
   * Describes the inputs for data of this shape, `x` first.
   *
   * @throws {RangeError} if the options do not fit the shape.
   */
  inputs(shape: Shape, options: O): readonly InputSpec[];
  /** The input whose conditioning counts: what is normalized, `x`, or `v` for a norm of weights. */
  readonly normalized: string;
  /** The view of that input in which statistics run over `axes`. */
  groups(shape: Shape, options: O): Groups;
  /** By name; the first is the one that a layer uses unless told otherwise. */
  readonly implementations: Readonly<Record<string, Implementation<O>>>;
  /** The float64 twin that says what is right. */
  readonly oracle: Oracle<O>;
  /** Other people's implementations of the same computation, by name. */
  readonly references: Readonly<Record<string, Subject<O>>>;
  /** Shapes of `x`, with options, that an operation without cases of its own is tried on. */
  readonly shapes?: readonly { readonly shape: Shape; readonly options?: NormOptions }[];
}

/**
 * A norm as its paper writes it, in steps that can be replaced one by one: basic operations in the order
 * of the formula.
 *
 * Two passes and no conditioning of the data, which is what a careful student writes first. Benchmarks
 * time it together with the implementations, and faults are planted in it one step at a time. Where the
 * squares of the data leave the range of float32 it fails, as `tf.layers` does.
 */
export interface Textbook<S extends object = object, O extends NormOptions = NormOptions> {
  /** The steps, all of them right. */
  readonly steps: S;
  /** The norm that takes these steps. */
  implement(steps: S): (inputs: Tensors, options: O) => Tensors;
}

/** Settings that all norms of a network share; each takes those that it has. */
export interface NetworkSettings {
  /** Added to the variance, or mean square, under the root. */
  readonly epsilon: number;
  /** Share of the old running statistics that a step keeps. */
  readonly momentum: number;
}

/**
 * A norm as data: everything that anything outside its file knows about it.
 *
 * @typeParam O Its options.
 * @typeParam Name Its name, as a literal.
 * @typeParam Input Names of all inputs that it can have, as literals.
 */
export interface Norm<
  O extends NormOptions = NormOptions,
  Name extends string = string,
  Input extends string = string,
> extends Operation<O> {
  /** Name on the command line, in records and in networks. */
  readonly name: Name;
  /** Its full name. */
  readonly title: string;
  /** What it computes, and over what. */
  readonly formula: string;
  /** The paper that defines it. */
  readonly source: string;
  /** All inputs that it can have, `x` first; options may switch some of them off. */
  readonly inputNames: readonly Input[];
  /** All its options, with their defaults: its function and its layer refuse others. */
  readonly defaults: Defaults<O>;
  /** The naive formula, which benchmarks time and faults are planted in. */
  readonly textbook: Textbook<object, O>;
  /** The least that memory has to move. */
  readonly traffic: Traffic;
  /**
   * Our own kernels, by the backend they run on: together they are the implementation `fused`, which
   * exists where the active backend has one.
   */
  readonly fused?: ByFusedBackend<Implementation<O>>;
  /** Builds a layer that does what the norm does; whether it trains comes with each call. */
  layer(options: Omit<O, CallOption> & { readonly implementation?: string }): Layer;
  /** Builds the layer of `tf.layers` that computes the same on data of this shape; left out where there is none. */
  counterpart?(options: O, shape: Shape): Layer;
  /**
   * The options that networks give it, for a tensor of this shape in the place of what is normalized:
   * data, samples along axis 0, or the kernel of a layer.
   */
  networkOptions(shape: Shape, settings: NetworkSettings): O;
  /** Options under which it computes another formula, by a name; parity runs its cases with each. */
  readonly variants?: Readonly<Record<string, Partial<O>>>;
  /** Its colour in figures, as `#rrggbb`: the same in all of them, and no grey. */
  readonly colour: string;
}

/** Whether a norm works on the kernel of a dense layer or a convolution, in place of data. */
export function normalizesKernels({ normalized }: Pick<Operation, "normalized">): boolean {
  return normalized !== "x";
}

/** `x`. */
export function dataSpec(shape: Shape): InputSpec {
  return { name: "x", shape, role: "data", initializer: "none" };
}

/** gamma and beta of this arrangement, as far as they are switched on. */
export function affineSpecs(
  { parameterShape, parameterAxes }: Arrangement,
  { scale = true, center = true }: AffineOptions,
): InputSpec[] {
  const common = { shape: parameterShape, axes: parameterAxes, role: "weight" } as const;
  return [
    ...(scale ? [{ ...common, name: "gamma", initializer: "ones" } as const] : []),
    ...(center ? [{ ...common, name: "beta", initializer: "zeros" } as const] : []),
  ];
}

/**
 * Checks tensors against the inputs that a norm describes.
 *
 * @throws {RangeError} if one has another shape than described, or no element.
 * @throws {TypeError} if one is missing or superfluous.
 */
export function checkInputs(
  specs: readonly InputSpec[],
  shapes: Readonly<Record<string, Shape>>,
): void {
  for (const { name, shape } of specs) {
    const given = shapes[name];
    if (given === undefined) {
      throw new TypeError(`input ${name} is missing: give a tensor of shape [${shape.join(", ")}]`);
    }
    if (size(given) === 0) {
      throw new RangeError(
        `input ${name} of shape [${
          given.join(", ")
        }] is empty: statistics need at least one element`,
      );
    }
    if (given.length !== shape.length || given.some((length, axis) => length !== shape[axis])) {
      throw new RangeError(
        `input ${name} has shape [${given.join(", ")}], but these options need [${
          shape.join(", ")
        }]`,
      );
    }
  }
  const superfluous = Object.keys(shapes).find((name) => !specs.some((spec) => spec.name === name));
  if (superfluous !== undefined) {
    throw new TypeError(
      `input ${superfluous} is not used with these options, which take ${
        specs.map((spec) => spec.name).join(", ")
      }: leave it out, or switch it on`,
    );
  }
}
