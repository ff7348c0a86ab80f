/**
 * Translates norms between the conventions of Normbench and those of Keras, PyTorch, ONNX and TensorFlow.js.
 *
 * | | Normbench | Keras 3, `tf.layers` | PyTorch | ONNX |
 * |---|---|---|---|---|
 * | epsilon | `epsilon`, 1e-3 (RMS norm 1e-6) | the same | `eps`, 1e-5 | `epsilon`, 1e-5, a float32 |
 * | momentum m | moving = m moving + (1 - m) batch | the same | moving = (1 - m) moving + m batch | as Normbench |
 * | running variance | biased; `unbiasedVariance` n/(n-1) | biased | n/(n-1) times the batch's | biased |
 * | channels of batch, group, instance norm | `axis`, the last | the same | axis 1 | axis 1 |
 * | axes of layer norm | `axis` in any order, gamma in that order | sorted, gamma ascending | the last ones | from `axis` to the last |
 * | instance norm | a separate norm | group norm of -1 groups | a separate module, without gamma and beta unless `affine` | a separate operator |
 * | gamma, beta | `gamma`, `beta` | the same; RMS norm has `scale` | `weight`, `bias` | `scale`, `B`, always there |
 * | dense kernel of weight norm | v [inputs, units], g [units] | - | `original1` [units, inputs], `original0` [units, 1] | - |
 * | convolution kernel | v [height, width, channels, units] | - | `original1` [units, channels, height, width] | - |
 * | images of a convolution | [samples, height, width, channels] | - | [samples, channels, height, width] | - |
 *
 * @module
 */
import type {
  Conventions,
  ForeignLayer,
  OwnNorm,
  Place,
  Spelling,
} from "./conventions/conventions.ts";
import { KERAS } from "./conventions/keras.ts";
import { ONNX } from "./conventions/onnx.ts";
import { PYTORCH } from "./conventions/pytorch.ts";
import { TFJS } from "./conventions/tfjs.ts";
import { checkNames } from "./basics/options.ts";
import { lengthOf, type NamedAxes, namedAxes, range, type Shape, size } from "./basics/shape.ts";
import { Bounded, transpose } from "./oracle/bounded.ts";
import { normByName } from "./registry.ts";

export type {
  ForeignLayer,
  OwnNorm,
  Place,
  RunningConvention,
  Spelling,
} from "./conventions/conventions.ts";

/** A framework whose conventions are known. */
export type Framework = "keras" | "pytorch" | "onnx" | "tfjs";

const FRAMEWORKS: Readonly<Record<Framework, Conventions>> = {
  keras: KERAS,
  pytorch: PYTORCH,
  onnx: ONNX,
  tfjs: TFJS,
};

/** A norm in the conventions of Normbench and in those of a framework. */
export interface Translation extends OwnNorm {
  /** The framework. */
  readonly framework: Framework;
  /** The layer there, how it is called, where each array is, and where no setting is equal. */
  readonly foreign: Spelling & { readonly shape: Shape };
}

/** Values and their shape. */
export interface PlainArray {
  /** Lengths of its axes. */
  readonly shape: Shape;
  /** Row-major elements. */
  readonly values: ArrayLike<number>;
}

/**
 * Spells a norm of Normbench in the conventions of a framework.
 *
 * The result names the framework's layer, its options and how to call it, where every array is and in which
 * order of axes ({@linkcode carryTo} and {@linkcode carryFrom} lay out values), what its momentum and its
 * running variance are, and `warnings` where no setting is equal.
 *
 * @param own The norm, the shape of its data, and its options; those left out have Normbench's defaults.
 * @throws {RangeError} if the framework has no such norm, or none for data of this rank or these options.
 * @throws {TypeError} if the norm has no such option.
 *
 * @example Batch norm on images, in PyTorch.
 * ```ts
 * import { translate } from "../mod.ts";
 *
 * const { foreign } = translate(
 *   { norm: "batch", shape: [32, 28, 28, 8], options: { momentum: 0.9, training: true } },
 *   "pytorch",
 * );
 * console.log(foreign.layer, foreign.options); // BatchNorm2d { num_features: 8, momentum: 0.1, eps: 0.001, … }
 * console.log(foreign.places.x); // { name: "x", axes: [0, 2, 3, 1] }
 * console.log(foreign.warnings); // the running variance is n/(n-1) times as large there
 * ```
 */
export function translate(
  own: Pick<OwnNorm, "norm" | "shape"> & Partial<OwnNorm>,
  framework: Framework,
): Translation {
  const { norm, shape, options = {} } = own;
  const { title, norms } = conventionsOf(framework);
  const { defaults: declared, inputs } = normByName(norm);
  const defaults = declared as Readonly<Record<string, unknown>>;
  checkNames(`${norm} norm`, Object.keys(options), Object.keys(defaults));
  // Refuses options that do not fit the shape.
  inputs(shape, options);
  const spell = norms[norm];
  if (spell === undefined) {
    throw new RangeError(
      `${title} has no ${norm} norm; there are ${Object.keys(norms).join(", ")}`,
    );
  }
  const named = options as NamedAxes;
  const axes = "axis" in defaults || "fromAxis" in defaults ? namedAxes(named, shape.length) : [];
  // Some norms have no beta, or no such switch: then there is nothing to switch off.
  const filled = { scale: true, center: true, trainable: true, ...defaults, ...options };
  const spelled = spell({
    shape,
    axes,
    options: filled as unknown as Parameters<typeof spell>[0]["options"],
  });
  const { axes: order } = spelled.places["x"]!;
  return {
    ...{ norm, shape, options, framework },
    foreign: { ...spelled, shape: order === undefined ? shape : inFrameworkOrder(shape, order) },
  };
}

/**
 * Reads a layer of a framework in the conventions of Normbench; otherwise as {@linkcode translate}.
 *
 * @param foreign The layer, the shape of its data in its own layout, and its options; those left out have
 *   the framework's defaults.
 * @throws {RangeError} if the layer or an option has no translation, or an option is missing.
 *
 * @example Layer norm of Keras, whose gamma is sorted.
 * ```ts
 * import { translateFrom } from "../mod.ts";
 *
 * const { norm, options, foreign } = translateFrom(
 *   { layer: "LayerNormalization", shape: [2, 3, 4], options: { axis: [2, 1] } },
 *   "keras",
 * );
 * console.log(norm, options, foreign.places.gamma); // layer { axis: [2, 1], … } { name: "gamma", axes: [1, 0] }
 * ```
 */
export function translateFrom(foreign: ForeignLayer, framework: Framework): Translation {
  const { title, layers } = conventionsOf(framework);
  const read = layers[foreign.layer];
  if (read === undefined) {
    throw new RangeError(
      `${foreign.layer} of ${title} has no translation; there is one for ${
        Object.keys(layers).join(", ")
      }`,
    );
  }
  const { norm, shape, options } = read(foreign);
  const { defaults, inputs } = normByName(norm);
  const trains = foreign.training === true &&
    inputs(shape, options).some(({ role }) => role === "state");
  const known = Object.fromEntries(
    Object.entries(options).filter(([name]) => Object.hasOwn(defaults, name)),
  );
  return translate(
    { norm, shape, options: trains ? { ...known, training: true } : known },
    framework,
  );
}

function conventionsOf(framework: Framework): Conventions {
  const conventions: Conventions | undefined = Object.hasOwn(FRAMEWORKS, framework)
    ? FRAMEWORKS[framework]
    : undefined;
  if (conventions !== undefined) return conventions;
  throw new RangeError(
    `there is no framework "${framework}": choose one of ${Object.keys(FRAMEWORKS).join(", ")}`,
  );
}

/** The place of an array or of a gradient, `dgamma` where gamma is. */
function placeOf({ foreign: { places } }: Translation, name: string): Place | undefined {
  if (Object.hasOwn(places, name)) return places[name]!;
  const input = name.replace(/^d/, "");
  if (input === name || !Object.hasOwn(places, input)) return undefined;
  return { ...places[input]!, name: `d${places[input]!.name}` };
}

/**
 * Lays arrays of Normbench out as the framework has them, by its names; adds the constants that it needs.
 *
 * Gradients are laid out as what they belong to: `dgamma` becomes PyTorch's `dweight`.
 *
 * @param arrays By the names of Normbench: `x`, `y`, `gamma`, `movingMean`, `dx` …
 * @throws {RangeError} if the framework has no place for an array, or it has another rank.
 */
export function carryTo(
  translation: Translation,
  arrays: Readonly<Record<string, PlainArray>>,
): Record<string, PlainArray> {
  const constants = Object.entries(translation.foreign.constants ?? {}).map(
    ([name, { value, like }]): [string, PlainArray] => [
      name,
      { shape: like, values: new Float32Array(size(like)).fill(value) },
    ],
  );
  const carried = Object.entries(arrays).map(([name, array]): [string, PlainArray] => {
    const place = placeOf(translation, name);
    if (place === undefined) {
      throw noPlace(translation, name, Object.keys(translation.foreign.places));
    }
    const { axes, ones = 0 } = place;
    const { shape, values } = axes === undefined ? array : permuted(array, inverse(axes));
    return [place.name, { shape: [...shape, ...Array<number>(ones).fill(1)], values }];
  });
  return Object.fromEntries([...constants, ...carried]);
}

/**
 * Lays arrays of the framework out as Normbench has them, by its names: the inverse of {@linkcode carryTo}.
 * Arrays that are constants in the translation are left out.
 *
 * @param arrays By the names of the framework.
 * @throws {RangeError} if Normbench has no place for an array, or it has another rank.
 */
export function carryFrom(
  translation: Translation,
  arrays: Readonly<Record<string, PlainArray>>,
): Record<string, PlainArray> {
  const { places, constants = {} } = translation.foreign;
  const names = Object.keys(places).flatMap((name) => [name, `d${name}`]);
  const carried = Object.entries(arrays).flatMap(([foreign, array]): [string, PlainArray][] => {
    const name = names.find((each) => placeOf(translation, each)!.name === foreign);
    if (name === undefined) {
      if (
        Object.hasOwn(constants, foreign.replace(/^d/, "")) || Object.hasOwn(constants, foreign)
      ) return [];
      throw noPlace(translation, foreign, names.map((each) => placeOf(translation, each)!.name));
    }
    const { axes, ones = 0 } = placeOf(translation, name)!;
    const shape = array.shape.slice(0, array.shape.length - ones);
    const own = { shape, values: array.values };
    return [[name, axes === undefined ? own : permuted(own, axes)]];
  });
  return Object.fromEntries(carried);
}

function noPlace({ norm, framework }: Translation, name: string, known: readonly string[]) {
  return new RangeError(
    `${norm} norm has no place for ${name} in ${framework}: there are ${known.join(", ")}`,
  );
}

/** The shape there of data that Normbench has in this one. */
function inFrameworkOrder(shape: Shape, axes: readonly number[]): Shape {
  return inverse(axes).map((axis) => lengthOf(shape, axis));
}

function inverse(axes: readonly number[]): number[] {
  return range(axes.length).map((axis) => axes.indexOf(axis));
}

function permuted({ shape, values }: PlainArray, axes: readonly number[]): PlainArray {
  if (shape.length !== axes.length) {
    throw new RangeError(
      `[${shape.join(", ")}] has not the ${axes.length} axes that are translated`,
    );
  }
  const result = transpose(Bounded.exact(Float64Array.from(values), shape), axes);
  return {
    shape: result.shape,
    values: values instanceof Float32Array ? Float32Array.from(result.values) : result.values,
  };
}
