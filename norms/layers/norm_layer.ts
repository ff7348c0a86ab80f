/**
 * The base of the layer classes: a norm's record with variables around it.
 *
 * @module
 */
import * as tf from "../basics/tf.ts";
import {
  applyNorm,
  checkFloat32,
  checkImplementation,
  checkNotNegative,
  checkTensors,
} from "../frames/apply.ts";
import type { InputSpec, Norm, Tensors } from "../basics/norm.ts";
import { type CallOption, checkNames, checkRecord, type NormOptions } from "../basics/options.ts";
import { checkMeaning, type NamedAxes, namedAxes } from "../basics/shape.ts";
import type { Layer, Tensor } from "../basics/tensor.ts";
import { type LayerConfig, type LayerShape, StockLayer, type StockLayerArgs } from "./stock.ts";

/** What every layer takes in addition to the options of its norm. */
export interface NormLayerArgs extends StockLayerArgs {
  /** One of the norm's implementations, or `fused` where the backend has it; default `composed`. */
  readonly implementation?: string;
}

/** The options of a norm that are fixed with its layer; the others come with each call. */
export type LayerOptions<O extends NormOptions> = Omit<O, CallOption>;

/** What a constructor takes in addition to options; `tf.layers` adds `customObjects` on loading. */
const LAYER_ARGS: readonly string[] = [
  "batchInputShape",
  "batchSize",
  "customObjects",
  "dtype",
  "implementation",
  "inputShape",
  "name",
  "trainable",
  "weights",
] satisfies readonly (keyof NormLayerArgs | "customObjects")[];

const INITIALIZERS = {
  ones: () => tf.initializers.ones(),
  zeros: () => tf.initializers.zeros(),
  // As in Salimans & Kingma 2016.
  randomNormal: () => tf.initializers.randomNormal({ mean: 0, stddev: 0.05 }),
} satisfies Partial<Record<InputSpec["initializer"], unknown>>;

/**
 * A layer that does what a norm's record says.
 *
 * It has a weight for every input that the norm describes but `x`: trainable for what is learned, not
 * trainable for state; named as `tf.layers` names it (`gamma`, `beta`, `moving_mean`,
 * `moving_variance`) and in that order. In training it takes over the states that the norm returns. A
 * frozen layer, one whose `trainable` or whose model's `trainable` is false, tells its norm so: batch
 * norm then predicts, as in Keras.
 *
 * @typeParam O Options of the norm.
 * @typeParam C The configuration, which is those options unless a class spells them otherwise.
 */
export abstract class NormLayer<O extends NormOptions, C extends object = LayerOptions<O>>
  extends StockLayer {
  /** The configuration, defaults filled in: what `getConfig` gives and the constructor takes. */
  protected readonly config: C;
  readonly #norm: Norm<O>;
  readonly #implementation: string;
  readonly #variables = new Map<string, tf.LayerVariable>();
  /** The states that cannot be negative. */
  readonly #spreads = new Set<tf.LayerVariable>();

  /**
   * Checks what can be checked before the shape of the input is known.
   *
   * @param defaults Value of every configuration entry that `args` leaves out.
   * @throws {RangeError} if the norm has no such implementation.
   * @throws {TypeError} if `args` has an entry that is neither in `defaults` nor a layer's.
   */
  constructor(norm: Norm<O>, defaults: C, args: Partial<C> & NormLayerArgs) {
    checkRecord(`a layer of ${norm.name} norm`, args);
    super(args);
    this.supportsMasking = true;
    this.config = fillIn(defaults, args, this.getClassName());
    this.#norm = norm;
    this.#implementation = args.implementation ?? Object.keys(norm.implementations)[0]!;
    // Whether the backend has it is known only when the layer is called.
    checkImplementation(norm, this.#implementation);
  }

  /** The configuration as the norm spells it. */
  protected get options(): O {
    return this.config as unknown as O;
  }

  /**
   * Makes the weights.
   *
   * @param inputShape Shape of `x`; a length that no weight depends on may be `null`.
   * @throws {RangeError} if the options do not fit the shape, an axis that has weights is `null`, or there
   * are no weights to tell which axes a single `axis` means.
   */
  override build(inputShape: LayerShape | LayerShape[]): void {
    const shape = onlyShape(inputShape);
    const axes = this.#fixedAxes(shape);
    // No weight depends on the others, which may have any length.
    const specs = this.#norm.inputs(shape.map((length) => length ?? 1), this.options);
    // Without weights, whose shapes tell which axes are meant.
    if (specs.length === 1 && "fromAxis" in this.#norm.defaults) {
      checkMeaning(this.config as NamedAxes, shape.length);
    }
    for (const { name, shape, role, initializer, positive = false } of specs) {
      if (initializer === "none") continue;
      const variable = this.addWeight(
        snakeCase(name),
        [...shape],
        "float32",
        INITIALIZERS[initializer](),
        undefined,
        role === "weight",
      );
      this.#variables.set(name, variable);
      if (role === "state" && positive) this.#spreads.add(variable);
    }
    this.inputSpec = [new tf.InputSpec({ ndim: shape.length, axes })];
    this.built = true;
  }

  /**
   * Lengths of the axes along which there are weights: those named, or the last for norms without them.
   *
   * @throws {RangeError} if one of them is open, as that of the batch is.
   */
  #fixedAxes(shape: LayerShape): Record<number, number> {
    return Object.fromEntries(
      namedAxes(this.config as NamedAxes, shape.length).map((axis) => {
        const length = shape[axis];
        if (typeof length !== "number") {
          throw new RangeError(
            `axis ${axis} of the input ${JSON.stringify(shape)} has no fixed length, but ` +
              `${this.name} has weights along it: fix the length, or choose another axis`,
          );
        }
        return [axis, length];
      }),
    );
  }

  /**
   * Applies the layer to a tensor, or makes it part of a model.
   *
   * @throws {TypeError} if it is given anything but tensors in use.
   */
  override apply(...[inputs, kwargs]: Parameters<Layer["apply"]>): ReturnType<Layer["apply"]> {
    for (const x of [inputs].flat()) {
      if (!(x instanceof tf.SymbolicTensor)) checkTensors({ x });
    }
    return super.apply(inputs, kwargs);
  }

  /**
   * Applies the norm.
   *
   * @param kwargs `training`, whether statistics come from the batch; default false.
   */
  override call(
    inputs: Tensor | Tensor[],
    kwargs: Readonly<Record<string, unknown>> = {},
  ): Tensor {
    return tf.tidy(() => {
      const training = kwargs["training"] ?? false;
      const outputs = applyNorm(
        this.#norm,
        { x: only([inputs].flat()), ...this.readWeights() },
        { ...this.options, training, trainable: !this.#isFrozen() },
        this.#implementation,
      );
      this.writeWeights(outputs);
      return outputs["y"]!;
    });
  }

  /** Whether no weight is learned; a model's `trainable` reaches only the weights of its layers. */
  #isFrozen(): boolean {
    return !this.trainable ||
      this._trainableWeights.length > 0 && this.trainableWeights.length === 0;
  }

  /**
   * Sets the weights, in the order of `getWeights`.
   *
   * @throws {RangeError} if a shape does not fit, or a running variance is negative (on webgpu that is not
   * looked at).
   * @throws {TypeError} if one is not a tensor, disposed of or not float32.
   */
  override setWeights(weights: Tensor[]): void {
    for (const [i, [input, variable]] of [...this.#variables].entries()) {
      if (!(i in weights)) break; // The number is checked with the others.
      const name = snakeCase(input);
      const weight = weights[i]!;
      checkFloat32({ [name]: weight });
      if (!tf.util.arraysEqual(weight.shape, variable.shape as number[])) {
        throw new RangeError(
          `weight ${name} has shape [${weight.shape.join(", ")}], but this layer needs [${
            variable.shape.join(", ")
          }]`,
        );
      }
      if (this.#spreads.has(variable)) checkNotNegative(name, weight);
    }
    super.setWeights(weights);
  }

  /** The weights, by the norm's names. */
  protected readWeights(): Tensors {
    return Object.fromEntries(
      [...this.#variables].map(([name, variable]) => [name, variable.read()]),
    );
  }

  /** Replaces those weights that `values` names; one that is the variable itself stays untouched. */
  protected writeWeights(values: Tensors): void {
    for (const [name, variable] of this.#variables) {
      const value = values[name];
      if (value !== undefined) variable.write(value);
    }
  }

  /** The shape of `x`. */
  override computeOutputShape(inputShape: LayerShape | LayerShape[]): LayerShape {
    return onlyShape(inputShape);
  }

  /** Everything that the constructor needs to make this layer again. */
  override getConfig(): LayerConfig {
    return { ...super.getConfig(), ...this.config, implementation: this.#implementation };
  }
}

/**
 * The layer that does what `norm` does under `options`.
 *
 * @param options Those of the norm, of which `training` is left to each call, and `implementation`.
 */
export function layerOf(
  norm: Norm,
  { training: _, ...options }: NormOptions & { readonly implementation?: string },
): Layer {
  return norm.layer(options);
}

/** Takes every entry of `defaults` from `args`, where it is given; what has no value is left out. */
function fillIn<C extends object>(
  defaults: C,
  args: Readonly<Record<string, unknown>>,
  className: string,
): C {
  const known = Object.keys(defaults);
  const own = Object.keys(args).filter((name) => !LAYER_ARGS.includes(name));
  checkNames(className, own, known, ", implementation, and what every layer takes");
  // It stands in the place of the default axis.
  const isFromAxis = (args["fromAxis"] ?? undefined) !== undefined;
  return Object.fromEntries(
    Object.entries(isFromAxis ? { ...defaults, axis: undefined } : defaults)
      .map(([name, value]) => [name, args[name] ?? value])
      .filter(([, value]) => value !== undefined),
  ) as C;
}

/** `moving_mean` for `movingMean`. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function onlyShape(shape: LayerShape | LayerShape[]): LayerShape {
  return only(Array.isArray(shape[0]) ? shape as LayerShape[] : [shape as LayerShape]);
}

function only<T>(inputs: readonly T[]): T {
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0) {
    throw new TypeError(`a norm takes one input, not ${inputs.length}: merge them first`);
  }
  return input;
}
