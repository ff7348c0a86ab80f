/**
 * The norms: functions, layers, records and oracles.
 *
 * @module
 */
export { batchNormalization, type BatchNormArguments, type BatchNormResult } from "./batch_norm.ts";
export {
  groupNormalization,
  type GroupNormArguments,
  instanceNormalization,
  type InstanceNormArguments,
} from "./group_norm.ts";
export { layerNormalization, type LayerNormArguments } from "./layer_norm.ts";
export { type PopulationStatistics, populationStatistics } from "./basics/population_statistics.ts";
export { rmsNormalization, type RMSNormArguments } from "./rms_norm.ts";
export {
  dataDependentInitialization,
  weightNormalization,
  type WeightNormArguments,
} from "./weight_norm.ts";
export type {
  BoundedArrays,
  ByFusedBackend,
  FusedBackend,
  Groups,
  Implementation,
  InputSpec,
  Norm,
  Operation,
  Oracle,
  Tensors,
  Traffic,
} from "./basics/norm.ts";
export type { NormOptions } from "./basics/options.ts";
export { normByName, NORMS } from "./registry.ts";
export type { Shape } from "./basics/shape.ts";
export type { Layer, Tensor } from "./basics/tensor.ts";
export {
  type BoundSubject,
  functionSubject,
  layerSubject,
  type Subject,
} from "./basics/subject.ts";
export * from "./layers/mod.ts";
export * from "./oracle/bounded.ts";
