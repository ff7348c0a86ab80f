/**
 * Adam by TensorFlow's own kernel, which updates parameters and moments in one pass over memory.
 *
 * @module
 */
import type { Tensor } from "../norms/basics/tensor.ts";
import * as tf from "../norms/basics/tf.ts";
import {
  BETA1,
  BETA2,
  corrected,
  momentsFor,
  type Optimizer,
  type OptimizerState,
} from "./optimizer.ts";
import { runRaw } from "../norms/fused/tensorflow/raw_operations.ts";
import { Resource } from "./graph/resource.ts";

/** A variable of TensorFlow.js, and what the kernel works on. */
interface Trained {
  readonly variable: tf.Variable;
  readonly value: Resource;
  readonly moments: readonly [first: Resource, second: Resource];
}

/** Adam on the backend `tensorflow`. */
export class NativeAdam implements Optimizer {
  readonly #learningRate: number;
  readonly #trained: readonly Trained[];
  #step = 0;

  /** Starts with moments of zero. */
  constructor(learningRate: number, variables: readonly tf.Variable[]) {
    this.#learningRate = learningRate;
    this.#trained = variables.map((variable) => {
      const zeros = () => {
        const resource = new Resource(variable.shape);
        tf.tidy(() => resource.write(tf.zeros(variable.shape)));
        return resource;
      };
      return { variable, value: zeros(), moments: [zeros(), zeros()] };
    });
  }

  /** Step size and epsilon of the next step. */
  next(): number[] {
    const { rate, epsilon } = corrected(this.#learningRate, ++this.#step);
    return [rate, epsilon];
  }

  /** Moves every variable by its gradient. */
  update(gradients: readonly Tensor[], numbers?: readonly Tensor[]): void {
    tf.tidy(() => {
      const [rate, epsilon] = numbers ?? this.next().map((number) => tf.scalar(number));
      // The kernel corrects the bias itself, but in float32: it is told that beta^t is 0 already.
      const [zero, beta1, beta2] = [0, BETA1, BETA2].map((value) => tf.scalar(value));
      const scalars = [zero!, zero!, rate!, beta1!, beta2!, epsilon!];
      this.#trained.forEach(({ variable, value, moments }, i) => {
        value.write(variable);
        const resources = [value, ...moments].map(({ handle }) => handle);
        runRaw("ResourceApplyAdam", {}, [...resources, ...scalars, gradients[i]!], 0);
        variable.assign(value.read());
      });
    });
  }

  /** The moments as they are. */
  async state(): Promise<OptimizerState> {
    const tensors = this.#moments.map((moment) => moment.read());
    const moments = await Promise.all(tensors.map((tensor) => tensor.data<"float32">()));
    tf.dispose(tensors);
    return { step: this.#step, moments };
  }

  /** Takes over step and moments. */
  restore(state: OptimizerState): void {
    tf.tidy(() =>
      momentsFor(this.#moments, state).forEach((value, i) => this.#moments[i]!.write(value))
    );
    this.#step = state.step;
  }

  /** Frees what TensorFlow holds. */
  dispose(): void {
    [...this.#trained.map(({ value }) => value), ...this.#moments]
      .forEach((resource) => resource.dispose());
  }

  get #moments(): Resource[] {
    return this.#trained.flatMap(({ moments }) => moments);
  }
}
