/**
 * The norms as layers for `tf.sequential` and `tf.model`; importing them makes saved models loadable.
 *
 * @module
 */
export type {
  AffineOptions,
  BatchNormOptions,
  GroupNormOptions,
  InstanceNormOptions,
  LayerNormOptions,
  RMSNormOptions,
  StandardizationOptions,
  WeightNormOptions,
} from "../basics/options.ts";
export * from "./batch_normalization.ts";
export * from "./group_normalization.ts";
export * from "./instance_normalization.ts";
export * from "./layer_normalization.ts";
export * from "./norm_layer.ts";
export * from "./registry.ts";
export * from "./rms_normalization.ts";
export { type LayerConfig, type LayerShape, StockLayer, type StockLayerArgs } from "./stock.ts";
export * from "./weight_norm_conv2d.ts";
export * from "./weight_norm_dense.ts";
export { type WeightNormConfig, WeightNormLayer } from "./weight_norm_layer.ts";
