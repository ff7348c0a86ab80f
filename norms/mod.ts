/**
 * The norms: functions, layers, records and oracles. Importing them makes saved models loadable.
 *
 * @module
 */
export {
  BatchNormalization,
  batchNormalization,
  type BatchNormalizationArgs,
  type BatchNormArguments,
  type BatchNormResult,
} from "./batch_norm.ts";
export {
  GroupNormalization,
  groupNormalization,
  type GroupNormalizationArgs,
  type GroupNormArguments,
} from "./group_norm.ts";
export {
  InstanceNormalization,
  instanceNormalization,
  type InstanceNormalizationArgs,
  type InstanceNormArguments,
} from "./instance_norm.ts";
export {
  LayerNormalization,
  layerNormalization,
  type LayerNormalizationArgs,
  type LayerNormArguments,
} from "./layer_norm.ts";
export {
  LpNormalization,
  lpNormalization,
  type LpNormalizationArgs,
  type LpNormArguments,
  type LpNormOptions,
  type LpNormResult,
  type Order,
} from "./lp_norm.ts";
export { type PopulationStatistics, populationStatistics } from "./basics/population_statistics.ts";
export { dataDependentInitialization } from "./basics/reparameterization.ts";
export {
  RMSNormalization,
  rmsNormalization,
  type RMSNormalizationArgs,
  type RMSNormArguments,
} from "./rms_norm.ts";
export {
  weightNormalization,
  type WeightNormArguments,
  WeightNormConv2D,
  type WeightNormConv2DArgs,
  type WeightNormConv2DConfig,
  WeightNormDense,
  type WeightNormDenseArgs,
  type WeightNormDenseConfig,
} from "./weight_norm.ts";
export type {
  BoundedArrays,
  ByFusedBackend,
  FusedBackend,
  Groups,
  Implementation,
  InputSpec,
  NetworkSettings,
  Norm,
  Operation,
  Oracle,
  Tensors,
  Textbook,
  Traffic,
} from "./basics/norm.ts";
export type {
  AffineOptions,
  BatchNormOptions,
  CallOption,
  Defaults,
  GroupNormOptions,
  InstanceNormOptions,
  LayerNormOptions,
  NormOptions,
  RMSNormOptions,
  RunningOptions,
  StandardizationOptions,
  StatisticsOptions,
  WeightNormOptions,
} from "./basics/options.ts";
export {
  type InputsOf,
  normByName,
  type NormName,
  type NormRecord,
  NORMS,
  type OptionsOf,
} from "./registry.ts";
export {
  carryFrom,
  carryTo,
  type ForeignLayer,
  type Framework,
  type OwnNorm,
  type Place,
  type PlainArray,
  type RunningConvention,
  type Spelling,
  translate,
  translateFrom,
  type Translation,
} from "./translate.ts";
export type { PerSampleResult } from "./frames/per_sample_norm.ts";
export type {
  NormWithInverseRms,
  NormWithStatistics,
  ReturningStatistics,
} from "./basics/returned_statistics.ts";
export type { NamedAxes, Shape } from "./basics/shape.ts";
export type { Layer, Tensor } from "./basics/tensor.ts";
export {
  type BoundSubject,
  functionSubject,
  layerSubject,
  type Subject,
} from "./basics/subject.ts";
export { layerOf, type LayerOptions, NormLayer, type NormLayerArgs } from "./layers/norm_layer.ts";
export {
  type LayerConfig,
  type LayerShape,
  StockLayer,
  type StockLayerArgs,
} from "./layers/stock.ts";
export { type WeightNormConfig, WeightNormLayer } from "./layers/weight_norm_layer.ts";
export {
  type Axes,
  defineOperation,
  type Expression,
  type OperationDefinition,
  type OperationInput,
  type OperationShape,
} from "./oracle/formula.ts";
/** Float64 arrays with error bounds: the arithmetic of oracles. */
export * as bounded from "./oracle/bounded.ts";
export type { Accuracy, ApproximatedFunction } from "./oracle/arithmetic.ts";
export type { Arithmetic, Bounded } from "./oracle/bounded.ts";
