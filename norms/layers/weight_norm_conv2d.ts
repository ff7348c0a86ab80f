/**
 * A weight-normalized convolution.
 *
 * @module
 */
import type { WeightNormOptions } from "../basics/options.ts";
import type { NormLayerArgs } from "./norm_layer.ts";
import { type LayerShape, registerLayer } from "./stock.ts";
import { checkCount, type WeightNormConfig, WeightNormLayer } from "./weight_norm_layer.ts";

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
export interface WeightNormConv2DArgs extends Partial<WeightNormConfig>, NormLayerArgs {
  /** Output channels. */
  readonly filters: number;
  /** Height and width of the kernel; one number stands for both. */
  readonly kernelSize: number | readonly [number, number];
  /** Vertical and horizontal stride; one number stands for both; default 1. */
  readonly strides?: number | readonly [number, number];
  /** `valid` (default) or `same`. */
  readonly padding?: "valid" | "same";
}

/**
 * A convolution whose kernel is a direction and a length for every output channel.
 *
 *     y = activation(conv2d(x, w) + bias)      w = g v / ||v||
 *
 * Takes [samples, height, width, channels], returns [samples, height', width', filters], float32.
 * Weights: `v` [kernel height, kernel width, channels, filters], `g` [filters], `bias` [filters]; the
 * norm is taken over all of v that belongs to one filter. An optimizer steps v and g, which is the
 * point. v is drawn from normal(0, 0.05), g is 1, bias 0, until
 * {@linkcode WeightNormConv2D.initializeFromData} fits g and bias to data. Salimans & Kingma 2016,
 * arXiv:1602.07868.
 *
 * PyTorch has channels first and kernels [filters, channels, height, width]; see
 * {@linkcode weightNormalization}.
 *
 * @throws {RangeError} from the constructor if `filters`, `kernelSize` or `strides` is not made of
 * positive whole numbers, or there is no such padding or implementation; from `build` if the input is
 * not of rank 4.
 * @throws {TypeError} if there is no such option.
 */
export class WeightNormConv2D extends WeightNormLayer<WeightNormConv2DConfig> {
  /** The name that models are saved with. */
  static readonly className = "NormbenchWeightNormConv2D";

  /** Takes the configuration, and the options of every layer. */
  constructor(args: WeightNormConv2DArgs) {
    checkCount("filters", args.filters);
    const { padding = "valid" } = args;
    if (padding !== "valid" && padding !== "same") {
      throw new RangeError(`there is no padding "${padding}": choose one of valid, same`);
    }
    const kernelSize = pair("kernelSize", args.kernelSize);
    const strides = pair("strides", args.strides ?? 1);
    super({
      filters: args.filters,
      kernelSize,
      strides,
      padding,
      useBias: true,
      activation: "linear",
    }, { ...args, kernelSize, strides });
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

/** Two counts, of which one may stand for both. */
function pair(name: string, value: number | readonly number[]): [number, number] {
  const [first, second = first, ...others] = typeof value === "number" ? [value] : value ?? [];
  checkCount(name, first);
  checkCount(name, second);
  if (others.length > 0) throw new RangeError(`${name} [${value}] holds more than two numbers`);
  return [first!, second!];
}

registerLayer(WeightNormConv2D);
