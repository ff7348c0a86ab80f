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

const FLOAT = { dtype: { type: "TF_FLOAT" } } as const;

/** A variable of TensorFlow itself, on which its kernels work in place. */
class Resource {
  static #count = 0;
  readonly shape: readonly number[];
  readonly handle: Tensor;

  /** Holds zeros. */
  constructor(shape: readonly number[]) {
    const shared_name = `normbench/${Resource.#count++}`;
    const [handle] = runRaw("VarHandleOp", { ...FLOAT, shape: { shape }, shared_name }, [], 1);
    this.shape = shape;
    this.handle = tf.keep(handle!);
    tf.tidy(() => this.write(tf.zeros([...shape])));
  }

  /** Takes over the value; the memory is shared until one of both changes. */
  write(value: Tensor): void {
    runRaw("AssignVariableOp", FLOAT, [this.handle, value], 0);
  }

  /** The value. */
  read(): Tensor {
    return runRaw("ReadVariableOp", FLOAT, [this.handle], 1)[0]!;
  }

  /** Frees the value and the handle. */
  dispose(): void {
    runRaw("DestroyResourceOp", {}, [this.handle], 0);
    this.handle.dispose();
  }
}

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
      const resource = () => new Resource(variable.shape);
      return { variable, value: resource(), moments: [resource(), resource()] };
    });
  }

  /** Moves every variable by its gradient. */
  update(gradients: readonly Tensor[]): void {
    this.#step++;
    tf.tidy(() => {
      const { rate, epsilon } = corrected(this.#learningRate, this.#step);
      // The kernel corrects the bias itself, but in float32: it is told that beta^t is 0 already.
      const scalars = [0, 0, rate, BETA1, BETA2, epsilon].map((value) => tf.scalar(value));
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
