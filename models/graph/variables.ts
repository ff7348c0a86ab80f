/**
 * Variables of TensorFlow.js whose values live in resources of TensorFlow, where graphs work on them.
 *
 * Such a variable is read like any other: its value is taken from the resource when it is needed, and an
 * assigned value is written there before the next graph runs.
 *
 * @module
 */
import * as tf from "../../norms/basics/tf.ts";
import type { DataId, NativeBackend, TensorData, TypeCode } from "./backend.ts";
import { Resource } from "./resource.ts";

/** The resources of variables, as long as a graph uses them. */
const held = new WeakMap<tf.Variable, HeldVariable>();

/** A variable, and the resource that its value lives in. */
export class HeldVariable {
  readonly variable: tf.Variable;
  readonly #backend: NativeBackend;
  readonly #resource: Resource;
  /** Graphs that have taken it and not released it yet. */
  #users = 0;
  /** The key of the variable while the resource has its value. */
  #inStep: DataId | undefined;
  /** What stands in the backend's table for a value that is in the resource alone. */
  #deferred: DeferredValue | undefined;

  /** The entry of this variable; the caller releases it. */
  static take(variable: tf.Variable, backend: NativeBackend): HeldVariable {
    const one = held.get(variable) ?? new HeldVariable(variable, backend);
    held.set(variable, one);
    one.#users++;
    return one;
  }

  private constructor(variable: tf.Variable, backend: NativeBackend) {
    this.variable = variable;
    this.#backend = backend;
    this.#resource = new Resource(variable.shape, variable.dtype);
  }

  /** What graphs take for it. */
  get handle(): tf.TensorInfo {
    return this.#resource.handle;
  }

  /**
   * Copies the variable's value to the resource.
   *
   * @throws {Error} if the variable is disposed of.
   */
  prepare(): void {
    const { variable } = this;
    if (variable.isDisposed) {
      throw new Error(`the step uses the variable ${variable.name}, which is disposed of`);
    }
    if (this.#isInStep()) return;
    this.#resource.write(variable);
    this.#inStep = variable.dataId;
    this.#deferred = undefined;
  }

  #isInStep(): boolean {
    if (this.#inStep !== this.variable.dataId) return false;
    // Another backend may have had the value in between.
    return this.#deferred === undefined ||
      this.#backend.tensorMap.get(this.variable.dataId) === this.#deferred;
  }

  /** Prepares for a graph that changes the variable: tensors that share its value keep it. */
  beforeUpdate(): void {
    if (this.#deferred !== undefined && this.#deferred.refCount > 1) void this.#deferred.id;
  }

  /** Called after a graph has changed the resource. */
  afterUpdate(): void {
    if (this.#deferred?.refCount === 1) return this.#deferred.forget();
    const { shape, dtype } = this.variable;
    const read = () => this.#resource.readId();
    const { binding, tensorMap } = this.#backend;
    const deferred = new DeferredValue(shape, this.#resource.type, read, binding);
    const dataId: DataId = {};
    tensorMap.set(dataId, deferred);
    tf.tidy(() => {
      const value = tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
      this.variable.assign(value as tf.Tensor<never>);
    });
    this.#inStep = dataId;
    this.#deferred = deferred;
  }

  /** Frees the resource once no graph uses it; the variable keeps its value. */
  release(): void {
    if (--this.#users > 0) return;
    held.delete(this.variable);
    if (!this.variable.isDisposed && this.#isInStep()) void this.#deferred?.id;
    this.#resource.dispose();
  }
}

/** An entry of the backend's table that reads its value from a resource at the first look. */
class DeferredValue implements TensorData {
  readonly shape: number[];
  readonly dtype: TypeCode;
  readonly values = null;
  refCount = 1;
  readonly #read: () => number;
  readonly #binding: NativeBackend["binding"];
  #id: number | undefined;

  constructor(
    shape: number[],
    dtype: TypeCode,
    read: () => number,
    binding: NativeBackend["binding"],
  ) {
    this.shape = shape;
    this.dtype = dtype;
    this.#read = read;
    this.#binding = binding;
  }

  get id(): number {
    return this.#id ??= this.#read();
  }

  /** Frees what was read. */
  forget(): void {
    if (this.#id !== undefined) this.#binding.deleteTensor(this.#id);
    this.#id = undefined;
  }
}
