/**
 * A variable of TensorFlow itself.
 *
 * @module
 */
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import type { DataId, NativeBackend, TypeCode } from "./backend.ts";

let count = 0;

const TYPES = { float32: "TF_FLOAT", int32: "TF_INT32", bool: "TF_BOOL" } as const;

/** Memory on which operations of TensorFlow work in place; `tf.memory()` does not count it. */
export class Resource {
  readonly shape: readonly number[];
  /** The code of its dtype. */
  readonly type: TypeCode;
  /** The tensor that stands for it in operations. */
  readonly handle: Tensor;
  readonly #backend = tf.backend() as NativeBackend;

  /**
   * Holds nothing yet.
   *
   * @throws {TypeError} if the dtype is none of float32, int32 and bool.
   */
  constructor(shape: readonly number[], dtype: tf.DataType = "float32") {
    if (!Object.hasOwn(TYPES, dtype)) {
      throw new TypeError(`a resource cannot hold ${dtype}: use float32, int32 or bool`);
    }
    const { binding, tensorMap } = this.#backend;
    this.shape = shape;
    this.type = binding[TYPES[dtype as keyof typeof TYPES]]!;
    const attributes = [
      { name: "dtype", type: binding.TF_ATTR_TYPE!, value: this.type },
      { name: "shape", type: binding.TF_ATTR_SHAPE!, value: shape },
      { name: "shared_name", type: binding.TF_ATTR_STRING!, value: `normbench/${count++}` },
    ];
    const [made] = binding.executeOp("VarHandleOp", attributes, [], 1);
    const dataId: DataId = {};
    tensorMap.set(dataId, {
      shape: [],
      dtype: binding.TF_RESOURCE!,
      id: made!.id,
      values: null,
      refCount: 1,
    });
    this.handle = { dataId, shape: [], dtype: "string" } as unknown as Tensor;
  }

  /** Writes a value; the memory is shared until one of the two changes. */
  write(value: Tensor): void {
    const inputs = [this.handle, value];
    this.#backend.executeMultipleOutputs("AssignVariableOp", [this.#dtype], inputs, 0);
  }

  /** The value. */
  read(): Tensor {
    return this.#backend.executeSingleOutput("ReadVariableOp", [this.#dtype], [this.handle]);
  }

  /** The id of the value in the binding; TensorFlow.js and recordings do not see it. */
  readId(): number {
    const { binding } = this.#backend;
    return binding.executeOp("ReadVariableOp", [this.#dtype], [this.#id], 1)[0]!.id;
  }

  /** Frees the value and the handle. */
  dispose(): void {
    this.#backend.binding.executeOp("DestroyResourceOp", [], [this.#id], 0);
    this.#backend.disposeData(this.handle.dataId);
  }

  get #id(): number {
    return this.#backend.tensorMap.get(this.handle.dataId).id;
  }

  get #dtype() {
    return { name: "dtype", type: this.#backend.binding.TF_ATTR_TYPE!, value: this.type };
  }
}
