/**
 * Networks with a norm and a place for it, and how they are trained.
 *
 * @module
 */
export { buildModel } from "./build.ts";
export {
  compile,
  type CompiledStep,
  type CompileOptions,
  type Engine,
  type StepInputs,
} from "./compile.ts";
export type { EngineTimes } from "./graph/engines.ts";
export type { GraphEngine } from "./graph/function.ts";
export type {
  Activation,
  Architecture,
  Model,
  ModelDescription,
  NormChoice,
  Placement,
  Scalar,
} from "./description.ts";
export { evaluate, type Evaluation, Evaluator } from "./evaluate.ts";
export { initializeFromData } from "./initial_weights.ts";
export { softmaxCrossEntropy } from "./loss.ts";
export { NORM_SETTINGS, type NormSettings } from "./norm_layer.ts";
export type { OptimizerOptions, OptimizerState } from "./optimizer.ts";
export { type StepResult, TrainingStep, type TrainingStepOptions } from "./training_step.ts";
