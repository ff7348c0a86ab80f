/**
 * Update rules.
 *
 * @module
 */
import type * as tf from "../norms/basics/tf.ts";
import { NativeAdam } from "./native_adam.ts";
import type { Optimizer, OptimizerOptions } from "./optimizer.ts";
import { PlainOptimizer, RULES } from "./plain_optimizer.ts";
import { onNativeTensorflow } from "../norms/basics/raw_tensorflow.ts";

/**
 * An optimizer for these variables, on the active backend.
 *
 *     sgd        p -= rate g
 *     momentum   v = 0.9 v + g,  p -= rate v
 *     adam       m = 0.9 m + 0.1 g,  v = 0.999 v + 0.001 g^2,
 *                p -= rate (m / (1 - 0.9^t)) / (sqrt(v / (1 - 0.999^t)) + 1e-8)
 *
 * Kingma & Ba 2015, arXiv:1412.6980. Epsilon is added after the bias correction, as in the paper, in
 * PyTorch and in `tf.train.adam`; Keras adds it before, which makes it larger in the first steps.
 *
 * @throws {RangeError} if there is no such rule, or the learning rate is no positive number.
 */
export function makeOptimizer(
  { name, learningRate }: OptimizerOptions,
  variables: readonly tf.Variable[],
): Optimizer {
  const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined;
  if (rule === undefined) {
    throw new RangeError(
      `there is no optimizer "${name}": choose one of ${Object.keys(RULES).join(", ")}`,
    );
  }
  if (!(Number.isFinite(learningRate) && learningRate > 0)) {
    throw new RangeError(`learning rate ${learningRate} is not a positive number: try 1e-3`);
  }
  return name === "adam" && onNativeTensorflow()
    ? new NativeAdam(learningRate, variables)
    : new PlainOptimizer(rule, learningRate, variables);
}
