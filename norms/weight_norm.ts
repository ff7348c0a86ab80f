/**
 * Weight normalization.
 *
 * @module
 */
import * as tf from "./basics/tf.ts";
import { checkFloat32, implementationOf } from "./frames/apply.ts";
import {
  dataSpec,
  type Groups,
  type Implementation,
  type InputSpec,
  type Norm,
  type Tensors,
} from "./basics/norm.ts";
import { checkCount, checkNames, checkRecord, type WeightNormOptions } from "./basics/options.ts";
import {
  analyticKernel,
  applyKernel,
  composedKernel,
  kernelShape,
  type Reparameterize,
  unitAxes,
} from "./basics/reparameterization.ts";
import { lengthOf, type Shape } from "./basics/shape.ts";
import { layerSubject, type Subject } from "./basics/subject.ts";
import type { Tensor } from "./basics/tensor.ts";
import { onEachBackend } from "./fused/backends.ts";
import { fusedReparameterization } from "./fused/fused.ts";
import type { NormLayerArgs } from "./layers/norm_layer.ts";
import { type LayerShape, registerLayer, stockLayer } from "./layers/stock.ts";
import { pair, type WeightNormConfig, WeightNormLayer } from "./layers/weight_norm_layer.ts";
import { KERNEL_TEXTBOOK } from "./textbook/kernel.ts";
import { weightNormOracle } from "./oracle/weight_norm.ts";

const KERNELS: Readonly<Record<string, Reparameterize>> = {
  composed: composedKernel,
  analytic: analyticKernel,
};

const FUSED_KERNELS = onEachBackend(fusedReparameterization);

function implementation(reparameterize: Reparameterize): Implementation<WeightNormOptions> {
  return ({ x, v, g, bias }, options) => ({
    y: applyKernel(x!, reparameterize(v!, g!), bias, options),
  });
}

function inputs(shape: Shape, options: WeightNormOptions): InputSpec[] {
  const perUnit = { shape: [options.units], role: "weight" } as const;
  return [
    dataSpec(shape),
    { name: "v", shape: kernelShape(shape, options), role: "weight", initializer: "randomNormal" },
    { ...perUnit, name: "g", initializer: "ones", positive: true },
    ...(options.useBias ?? true
      ? [{ ...perUnit, name: "bias", initializer: "zeros" } as const]
      : []),
  ];
}

function groups(shape: Shape, options: WeightNormOptions): Groups {
  const kernel = kernelShape(shape, options);
  return { shape: kernel, axes: unitAxes(kernel) };
}

/** The dense or conv2d layer of `tf.layers`, which carries the composed kernel. */
function stockWithKernel(): Subject<WeightNormOptions> {
  const layer = layerSubject<WeightNormOptions>((options) => {
    const { units, kernelSize, strides = [1, 1], padding = "valid", useBias = true } = options;
    return kernelSize === undefined
      ? stockLayer("dense", { units, useBias })
      : stockLayer("conv2d", { filters: units, kernelSize, strides, padding, useBias });
  });
  const carry = ({ v, g, ...rest }: Tensors): Tensors => ({
    ...rest,
    kernel: composedKernel(v!, g!),
  });
  return {
    forward: (inputs, options) => ({ y: layer.forward(carry(inputs), options)["y"]! }),
    gradients(inputs, options, dy, wrt) {
      const own = wrt.filter((name) => name !== "v" && name !== "g");
      const { kernel, ...rest } = layer.gradients(carry(inputs), options, dy, [...own, "kernel"]);
      const [v, g] = tf.grads((v: Tensor, g: Tensor) => composedKernel(v, g))(
        [inputs["v"]!, inputs["g"]!],
        kernel!,
      );
      return { ...rest, v: v!, g: g! };
    },
  };
}

/** The record of weight norm. */
export const weightNorm: Norm<WeightNormOptions, "weight", "x" | "v" | "g" | "bias"> = {
  name: "weight",
  title: "Weight normalization",
  formula: "w = g v / ||v||, a norm per output unit",
  source: "Salimans & Kingma 2016, arXiv:1602.07868",
  inputNames: ["x", "v", "g", "bias"],
  defaults: {
    training: false,
    units: undefined,
    kernelSize: undefined,
    strides: [1, 1],
    padding: "valid",
    useBias: true,
  },
  normalized: "v",
  inputs,
  groups,
  implementations: {
    composed: implementation(composedKernel),
    analytic: implementation(analyticKernel),
  },
  fused: onEachBackend((kernels) => implementation(fusedReparameterization(kernels))),
  oracle: weightNormOracle,
  references: { "tf.layers": stockWithKernel() },
  textbook: KERNEL_TEXTBOOK,
  traffic: { forward: 2, backward: 3 },
  layer: ({ units, kernelSize, ...options }) =>
    kernelSize === undefined
      ? new WeightNormDense({ units, ...options })
      : new WeightNormConv2D({ filters: units, kernelSize, ...options }),
  networkOptions(kernel) {
    const [height, width] = kernel as [number, number];
    const units = lengthOf(kernel, kernel.length - 1);
    return kernel.length === 4 ? { units, kernelSize: [height, width] } : { units };
  },
  colour: "#009e73",
};

/** What {@linkcode weightNormalization} takes in addition to `v` and `g`. */
export interface WeightNormArguments {
  /** `composed` (default), `analytic`, or `fused` where the backend has kernels for it. */
  readonly implementation?: string;
}

/**
 * Makes a kernel of a direction and a length for every output unit.
 *
 *     w = g v / ||v||
 *
 * The Euclidean norm is taken over every axis of `v` but the last, the output units. An optimizer that
 * steps v and g, in place of w, moves length and direction apart. Salimans & Kingma 2016,
 * arXiv:1602.07868. Use it with {@linkcode dataDependentInitialization}, as the paper does.
 *
 * PyTorch's `torch.nn.utils.parametrizations.weight_norm` has the output units first (`dim=0`), and
 * calls g `original0` and v `original1`. A unit whose v is all zero has no direction: its w is NaN.
 *
 * @param v float32, shape `[..., units]`: a dense or a conv2d kernel.
 * @param g float32, shape `[units]`.
 * @returns float32, shape of `v`.
 * @throws {RangeError} if `g` does not have one element for every unit.
 * @throws {TypeError} if there is no such option, or `v` or `g` is not float32.
 */
export function weightNormalization(
  v: Tensor,
  g: Tensor,
  options: WeightNormArguments = {},
): Tensor {
  checkRecord("weightNormalization", options);
  const { implementation, ...others } = options;
  checkNames("weightNormalization", Object.keys(others), ["implementation"]);
  checkFloat32({ v, g });
  if (g.rank !== 1 || g.shape[0] !== v.shape.at(-1)) {
    throw new RangeError(
      `g has shape [${g.shape.join(", ")}], but v of shape [${v.shape.join(", ")}] needs [${
        v.shape.at(-1)
      }]`,
    );
  }
  const reparameterize = implementationOf(
    { name: weightNorm.name, implementations: KERNELS, fused: FUSED_KERNELS },
    implementation,
  );
  return tf.tidy(() => reparameterize(v, g));
}

/** The configuration of {@linkcode WeightNormDense}. */
export interface WeightNormDenseConfig extends WeightNormConfig {
  /** Output units. */
  readonly units: number;
}

/** What {@linkcode WeightNormDense} takes: `units`, and the rest of its configuration if wanted. */
export type WeightNormDenseArgs =
  & Pick<WeightNormDenseConfig, "units">
  & Partial<WeightNormConfig>
  & NormLayerArgs;

/**
 * A dense layer whose kernel is a direction and a length for every output unit.
 *
 *     y = activation(x w + bias)      w = g v / ||v||
 *
 * Takes [samples, features], returns [samples, units], float32. Weights: `v` [features, units],
 * `g` [units], `bias` [units]; an optimizer steps v and g, which is the point. v is drawn from
 * normal(0, 0.05), g is 1, bias 0, until {@linkcode WeightNormDense.initializeFromData} fits g and
 * bias to data. Salimans & Kingma 2016, arXiv:1602.07868.
 *
 * `tf.layers` has no such layer; for PyTorch see {@linkcode weightNormalization}.
 *
 * @throws {RangeError} from the constructor if `units` is not a positive whole number or there is no such
 * implementation; from `build` if the input is not of rank 2.
 * @throws {TypeError} if there is no such option.
 *
 * @example
 * ```ts
 * import * as tf from "npm:@tensorflow/tfjs@4.22.0";
 * import { WeightNormDense } from "./mod.ts";
 *
 * const layer = new WeightNormDense({ units: 10, activation: "relu" });
 * layer.initializeFromData(tf.randomNormal([64, 32]));
 * ```
 */
export class WeightNormDense extends WeightNormLayer<WeightNormDenseConfig> {
  /** The name that models are saved with. */
  static readonly className = "NormbenchWeightNormDense";

  /** Takes the configuration, and the options of every layer. */
  constructor(args: WeightNormDenseArgs) {
    checkRecord(WeightNormDense.className, args);
    checkCount("units", args.units);
    super(weightNorm, { units: args.units, useBias: true, activation: "linear" }, args);
  }

  /** [samples, units]. */
  override computeOutputShape(inputShape: LayerShape | LayerShape[]): LayerShape {
    return super.computeOutputShape(inputShape).with(-1, this.config.units);
  }
}

registerLayer(WeightNormDense);

/** The configuration of {@linkcode WeightNormConv2D}. */
export interface WeightNormConv2DConfig extends WeightNormConfig {
  /** Output channels. */
  readonly filters: number;
  /** Height and width of the kernel. */
  readonly kernelSize: readonly [number, number];
  /** Vertical and horizontal stride; default 1, 1. */
  readonly strides: readonly [number, number];
  /** `valid` (default) or `same`. */
  readonly padding: "valid" | "same";
}

/** What {@linkcode WeightNormConv2D} takes: `filters`, `kernelSize`, and the rest if wanted. */
export interface WeightNormConv2DArgs
  extends Partial<Pick<WeightNormConv2DConfig, keyof WeightNormConfig | "padding">>, NormLayerArgs {
  /** Output channels. */
  readonly filters: number;
  /** Height and width of the kernel; one number stands for both. */
  readonly kernelSize: number | readonly [number, number];
  /** Vertical and horizontal stride; one number stands for both; default 1. */
  readonly strides?: number | readonly [number, number];
}

/**
 * A convolution whose kernel is a direction and a length for every output channel.
 *
 *     y = activation(conv2d(x, w) + bias)      w = g v / ||v||
 *
 * Takes [samples, height, width, channels], returns [samples, height', width', filters], float32.
 * Weights: `v` [kernel height, kernel width, channels, filters], `g` [filters], `bias` [filters]; the
 * norm is taken over all of v that belongs to one filter. They start as in {@linkcode WeightNormDense}.
 *
 * PyTorch has channels first and kernels [filters, channels, height, width]; see
 * {@linkcode weightNormalization}.
 *
 * @throws {RangeError} from the constructor if `filters`, `kernelSize` or `strides` holds something
 * other than positive whole numbers, or there is no such padding or implementation; from `build` if the
 * input is not of rank 4.
 * @throws {TypeError} if there is no such option.
 */
export class WeightNormConv2D extends WeightNormLayer<WeightNormConv2DConfig> {
  /** The name that models are saved with. */
  static readonly className = "NormbenchWeightNormConv2D";

  /** Takes the configuration, and the options of every layer. */
  constructor(args: WeightNormConv2DArgs) {
    checkRecord(WeightNormConv2D.className, args);
    checkCount("filters", args.filters);
    const { padding = "valid" } = args;
    if (padding !== "valid" && padding !== "same") {
      throw new RangeError(`there is no padding "${padding}": choose one of valid, same`);
    }
    const pairs = {
      kernelSize: pair("kernelSize", args.kernelSize),
      strides: pair("strides", args.strides ?? 1),
    };
    const defaults = { filters: args.filters, padding, useBias: true, activation: "linear" };
    super(weightNorm, { ...defaults, ...pairs }, { ...args, ...pairs });
  }

  /** The configuration as the norm spells it. */
  protected override get options(): WeightNormOptions {
    const { filters, ...options } = this.config;
    return { units: filters, ...options };
  }

  /** [samples, height', width', filters]. */
  override computeOutputShape(inputShape: LayerShape | LayerShape[]): LayerShape {
    const { filters, kernelSize, strides, padding } = this.config;
    const [samples, ...image] = super.computeOutputShape(inputShape) as [null, ...LayerShape];
    const lengths = kernelSize.map((kernel, i) => {
      const length = image[i] ?? null;
      if (length === null) return null;
      const positions = padding === "same" ? length : length - kernel + 1;
      return Math.ceil(positions / strides[i]!);
    });
    return [samples, ...lengths, filters];
  }
}

registerLayer(WeightNormConv2D);
