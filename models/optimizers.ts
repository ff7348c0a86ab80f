/**
 * Update rules.
 *
 * @module
 */
import type { Tensor } from "../norms/basics/tensor.ts";
import * as tf from "../norms/basics/tf.ts";
import { onNativeTensorflow } from "../norms/fused/tensorflow/raw_operations.ts";
import { NativeAdam } from "./native_adam.ts";
import {
  BETA1,
  BETA2,
  checkLearningRate,
  corrected,
  momentsFor,
  type Optimizer,
  type OptimizerOptions,
  type OptimizerState,
} from "./optimizer.ts";

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
 * @throws {RangeError} if there is no such rule, or the learning rate is not a positive number.
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
  checkLearningRate(learningRate);
  return name === "adam" && onNativeTensorflow()
    ? new NativeAdam(learningRate, variables)
    : new PlainOptimizer(rule, learningRate, variables);
}

/** A rule for one variable: p, g and the moments in, p and the moments out. */
interface Rule {
  /** How many moments it has. */
  readonly moments: number;
  /** The numbers of a step, which counts from 1. */
  numbers(learningRate: number, step: number): number[];
  /** Gives new tensors. */
  update(
    parameters: Tensor,
    gradient: Tensor,
    moments: readonly Tensor[],
    numbers: readonly Tensor[],
  ): { parameters: Tensor; moments: readonly Tensor[] };
}

const sgd: Rule = {
  moments: 0,
  numbers: (rate) => [rate],
  update: (p, g, _moments, [rate]) => ({ parameters: tf.sub(p, tf.mul(g, rate!)), moments: [] }),
};

const momentum: Rule = {
  moments: 1,
  numbers: (rate) => [rate],
  update: (p, g, [velocity], [rate]) => {
    const v = tf.add(tf.mul(velocity!, 0.9), g);
    return { parameters: tf.sub(p, tf.mul(v, rate!)), moments: [v] };
  },
};

const adam: Rule = {
  moments: 2,
  numbers: (learningRate, step) => {
    const { rate, epsilon } = corrected(learningRate, step);
    return [rate, epsilon];
  },
  update: (p, g, [first, second], [rate, epsilon]) => {
    const m = tf.add(tf.mul(first!, BETA1), tf.mul(g, 1 - BETA1));
    const v = tf.add(tf.mul(second!, BETA2), tf.mul(tf.square(g), 1 - BETA2));
    const change = tf.div(tf.mul(m, rate!), tf.add(tf.sqrt(v), epsilon!));
    return { parameters: tf.sub(p, change), moments: [m, v] };
  },
};

/** The rules, by name. */
const RULES: Readonly<Record<OptimizerOptions["name"], Rule>> = { adam, sgd, momentum };

/** Any rule, on any backend. */
class PlainOptimizer implements Optimizer {
  readonly #rule: Rule;
  readonly #learningRate: number;
  readonly #trained: readonly { variable: tf.Variable; moments: readonly tf.Variable[] }[];
  #step = 0;

  /** Starts with moments of zero. */
  constructor(rule: Rule, learningRate: number, variables: readonly tf.Variable[]) {
    this.#rule = rule;
    this.#learningRate = learningRate;
    this.#trained = variables.map((variable) => ({
      variable,
      moments: Array.from(
        { length: rule.moments },
        () => tf.tidy(() => tf.variable(tf.zerosLike(variable), false)),
      ),
    }));
  }

  /** The numbers of the next step. */
  next(): number[] {
    return this.#rule.numbers(this.#learningRate, ++this.#step);
  }

  /** Moves every variable by its gradient. */
  update(gradients: readonly Tensor[], numbers?: readonly Tensor[]): void {
    tf.tidy(() => {
      const scalars = numbers ?? this.next().map((number) => tf.scalar(number));
      this.#trained.forEach(({ variable, moments }, i) =>
        tf.tidy(() => {
          const next = this.#rule.update(variable, gradients[i]!, moments, scalars);
          variable.assign(next.parameters);
          moments.forEach((moment, k) => moment.assign(next.moments[k]!));
        })
      );
    });
  }

  /** The moments as they are. */
  async state(): Promise<OptimizerState> {
    const moments = await Promise.all(this.#moments.map((moment) => moment.data<"float32">()));
    return { step: this.#step, moments };
  }

  /** Takes over step and moments. */
  restore(state: OptimizerState): void {
    tf.tidy(() =>
      momentsFor(this.#moments, state).forEach((value, i) => this.#moments[i]!.assign(value))
    );
    this.#step = state.step;
  }

  /** Frees the moments. */
  dispose(): void {
    this.#moments.forEach((moment) => moment.dispose());
  }

  get #moments(): tf.Variable[] {
    return this.#trained.flatMap(({ moments }) => moments);
  }
}
