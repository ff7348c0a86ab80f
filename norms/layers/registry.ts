/**
 * The layer class of every norm.
 *
 * @module
 */
import type { Norm } from "../basics/norm.ts";
import type { NormOptions, WeightNormOptions } from "../basics/options.ts";
import type { Layer } from "../basics/tensor.ts";
import { BatchNormalization } from "./batch_normalization.ts";
import { GroupNormalization } from "./group_normalization.ts";
import { InstanceNormalization } from "./instance_normalization.ts";
import { LayerNormalization } from "./layer_normalization.ts";
import type { NormLayerArgs } from "./norm_layer.ts";
import { RMSNormalization } from "./rms_normalization.ts";
import { WeightNormConv2D } from "./weight_norm_conv2d.ts";
import { WeightNormDense } from "./weight_norm_dense.ts";

/** Makes a layer of the norm's options, which the caller has told apart by the norm's name. */
type Make = (options: NormLayerArgs) => Layer;

const LAYERS: Readonly<Record<string, Make>> = {
  batch: (options) => new BatchNormalization(options),
  layer: (options) => new LayerNormalization(options),
  weight: (options) => weightNormLayer(options as WeightNormOptions),
  group: (options) => new GroupNormalization(options),
  instance: (options) => new InstanceNormalization(options),
  rms: (options) => new RMSNormalization(options),
};

/** A convolution where there is a kernel size, else a dense layer. */
function weightNormLayer({ units, kernelSize, ...options }: WeightNormOptions): Layer {
  return kernelSize === undefined
    ? new WeightNormDense({ units, ...options })
    : new WeightNormConv2D({ filters: units, kernelSize, ...options });
}

/**
 * The layer that does what `norm` does under `options`.
 *
 * @param options Those of the norm, of which `training` is left to each call, and those of any layer.
 * @throws {RangeError} if the norm has no layer class.
 */
export function layerOf(
  norm: Norm,
  { training: _, ...options }: NormOptions & NormLayerArgs,
): Layer {
  const make = LAYERS[norm.name];
  if (make === undefined) {
    throw new RangeError(`${norm.name} norm has no layer class: add one to the layer registry`);
  }
  return make(options);
}
