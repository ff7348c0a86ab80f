/**
 * One training step: loss, gradients, update.
 *
 * @module
 */
import type { Tensor } from "../norms/basics/tensor.ts";
import * as tf from "../norms/basics/tf.ts";
import { compile, type CompiledStep, type Engine } from "./compile.ts";
import { type Forward, forwardOf } from "./forward.ts";
import { kernelsOf } from "./initial_weights.ts";
import { countCorrect, softmaxCrossEntropy } from "./loss.ts";
import { makeOptimizer } from "./optimizers.ts";
import type { Optimizer, OptimizerOptions, OptimizerState } from "./optimizer.ts";
import type { Model, Scalar } from "./description.ts";

/** The result of a training step; the caller disposes of both tensors. */
export interface StepResult {
  /** Mean cross-entropy of the batch before the update, in nats, without the L2 term. */
  readonly loss: Scalar;
  /** Number of images in the batch whose class was found. */
  readonly correct: Scalar;
}

/** What a {@linkcode TrainingStep} takes. */
export interface TrainingStepOptions {
  /** The update rule. */
  readonly optimizer: OptimizerOptions;
  /** Factor of 0.5 sum(W^2). */
  readonly l2: number;
  /** What runs the steps, as in {@linkcode compile}; default `graph`. */
  readonly engine?: Engine | "fastest";
}

/**
 * Trains a network that ends in logits, a batch at a time, on the backend that is active.
 *
 * L2 regularization adds `l2 W` to the gradient of every kernel, and to nothing else: no bias, gamma or
 * beta. The kernel of a weight-normalized layer is w = g v / ||v||, whose sum of squares is that of g;
 * so it is g that is shrunk there, which is the same term as in a plain layer.
 *
 * A loss of NaN does not throw: the caller must check for it.
 */
export class TrainingStep {
  readonly #forward: Forward;
  readonly #variables: readonly tf.Variable[];
  readonly #penalized: ReadonlySet<tf.Variable>;
  readonly #optimizer: Optimizer;
  readonly #l2: number;
  readonly #step: CompiledStep<Tensor[], StepResult>;

  /**
   * Looks at the model as it is now: its layers, and which of its weights are trainable.
   *
   * @param model The caller disposes of it.
   * @throws {RangeError} if the optimizer is unknown, or a number out of range.
   */
  constructor(model: Model, { optimizer, l2, engine = "graph" }: TrainingStepOptions) {
    if (!(Number.isFinite(l2) && l2 >= 0)) {
      throw new RangeError(`L2 factor ${l2} is not a number from 0 up: use a small one like 1e-4`);
    }
    this.#forward = forwardOf(model);
    this.#variables = (model.trainableWeights as tf.LayerVariable[]).map(variableOf);
    this.#penalized = new Set(
      kernelsOf(model).map(({ kernel, length }) => variableOf(length ?? kernel)),
    );
    this.#optimizer = makeOptimizer(optimizer, this.#variables);
    this.#l2 = l2;
    const step = (...inputs: Tensor[]) => this.#run(...inputs as [Tensor, Tensor]);
    this.#step = compile(step, { engine });
  }

  /** What runs the steps. */
  get mode(): Engine {
    return this.#step.mode;
  }

  /** Why it is not what was asked for; undefined where it is. */
  get reason(): string | undefined {
    return this.#step.reason;
  }

  /** What `fastest` has chosen from; see {@linkcode CompiledStep.times}. */
  get times(): CompiledStep<Tensor[], StepResult>["times"] {
    return this.#step.times;
  }

  /**
   * Makes one update. Nothing is read back, and only the result stays allocated.
   *
   * @param images float32, samples along axis 0.
   * @param labels int32, [N].
   */
  run(images: Tensor, labels: Tensor): StepResult {
    return this.#step(images, labels, ...this.#optimizer.next());
  }

  #run(images: Tensor, labels: Tensor, ...numbers: Tensor[]): StepResult {
    const { loss, logits, gradients } = this.#differentiate(images, labels);
    this.#optimizer.update(gradients.map((gradient, i) => this.#regularize(gradient, i)), numbers);
    const correct = countCorrect(logits, labels);
    logits.dispose();
    return { loss, correct };
  }

  #differentiate(images: Tensor, labels: Tensor) {
    let logits: Tensor | undefined;
    const { value, grads } = tf.variableGrads(() => {
      // Kept beyond the tape, for the right answers to be counted without a second pass.
      logits = tf.keep(this.#forward(images));
      return softmaxCrossEntropy(logits, labels);
    }, [...this.#variables]);
    return {
      loss: value,
      logits: logits!,
      gradients: this.#variables.map(({ name }) => grads[name]!),
    };
  }

  /** Adds l2 W to the gradient of a kernel. */
  #regularize(gradient: Tensor, i: number): Tensor {
    const variable = this.#variables[i]!;
    if (this.#l2 === 0 || !this.#penalized.has(variable)) return gradient;
    return tf.add(gradient, tf.mul(variable, this.#l2));
  }

  /** What a checkpoint needs in addition to `model.getWeights()`. */
  state(): Promise<OptimizerState> {
    return this.#optimizer.state();
  }

  /**
   * Continues from a checkpoint.
   *
   * @throws {RangeError} if it comes from another optimizer or network.
   */
  restore(state: OptimizerState): void {
    this.#optimizer.restore(state);
  }

  /** Frees the step; the model stays. */
  dispose(): void {
    this.#step.dispose();
    this.#optimizer.dispose();
  }
}

/** The variable inside a layer's weight. */
function variableOf(weight: tf.LayerVariable): tf.Variable {
  return weight.read() as tf.Variable;
}

/** Reads scalars of many steps at once, and disposes of them. */
export async function takeScalars(scalars: readonly Tensor[]): Promise<number[]> {
  const stacked = tf.tidy(() => tf.stack([...scalars]));
  tf.dispose([...scalars]);
  const values = await stacked.data();
  stacked.dispose();
  return [...values];
}
