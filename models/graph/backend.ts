/**
 * Native TensorFlow's backend, as far as steps are recorded on it.
 *
 * @module
 */
import type { Tensor } from "../../norms/basics/tensor.ts";
import type * as tf from "../../norms/basics/tf.ts";

/** A dtype in the binding. */
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
  /** Its id in the binding. */
  id: number;
  refCount: number;
}

/** The key under which tensors share their data. */
export type DataId = tf.Tensor["dataId"];

/** The backend of `@tensorflow/tfjs-node`, with its own names. */
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
