/**
 * Native TensorFlow's backend, as far as steps are recorded on it and run as graphs.
 *
 * @module
 */
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import type { Graph } from "./graph.ts";

/** What the binding calls a dtype. */
export type TypeCode = number;

/** An attribute of an operation, as the binding takes it. */
export interface Attribute {
  readonly name: string;
  /** Which kind of attribute. */
  readonly type: number;
  readonly value: unknown;
}

/** What the backend knows of a tensor. */
export interface TensorData {
  readonly shape: number[];
  readonly dtype: TypeCode;
  /** Values that TensorFlow has not been given yet. */
  values: tf.backend_util.BackendValues | null;
  /** What the binding calls it. */
  id: number;
  refCount: number;
}

/** The key under which tensors share their data. */
export type DataId = tf.Tensor["dataId"];

/** The backend of `@tensorflow/tfjs-node`; its names. */
export interface NativeBackend extends tf.KernelBackend {
  readonly binding: Readonly<Record<`TF_${string}`, number>> & {
    executeOp(
      operation: string,
      attributes: readonly Attribute[],
      inputs: readonly number[],
      outputs: number,
    ): { id: number }[];
    deleteTensor(id: number): void;
  };
  readonly tensorMap: {
    get(dataId: DataId): TensorData;
    set(dataId: DataId, data: TensorData): void;
    has(dataId: DataId): boolean;
  };
  executeSingleOutput(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
  ): Tensor;
  executeMultipleOutputs(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ): Tensor[];
}

/** What makes functions of graphs, which are then run by their name like any operation. */
export interface GraphRuntime {
  /**
   * Defines a function.
   *
   * @throws {Error} where an operation has no place in a graph; names it.
   */
  define(name: string, graph: Graph): void;
  /** Forgets a function. */
  remove(name: string): void;
}

/** What runs graphs on a backend, or why nothing does. */
const runtimes = new WeakMap<tf.KernelBackend, GraphRuntime | string>();

/** Tells what runs graphs on a backend, or why nothing does; called by what loads it. */
export function provideGraphs(backend: tf.KernelBackend, runtime: GraphRuntime | string): void {
  runtimes.set(backend, runtime);
}

/** What runs graphs on the active backend, or why nothing does. */
export function activeGraphs(): GraphRuntime | string {
  return runtimes.get(tf.backend()) ?? `${tf.getBackend()} has no graphs`;
}
