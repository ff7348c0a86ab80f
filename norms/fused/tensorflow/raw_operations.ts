/**
 * Calling operations of native TensorFlow that TensorFlow.js has no function for.
 *
 * @module
 */
import type { Tensor } from "../../basics/tensor.ts";
import * as tf from "../../basics/tf.ts";

/** The native backend, as far as operations are called by name. */
interface NativeBackend extends tf.KernelBackend {
  /** Codes of dtypes and of attribute types. */
  readonly binding: Readonly<Record<string, number>>;
  readonly isUsingGpuDevice: boolean;
  executeMultipleOutputs(
    operation: string,
    attributes: readonly { name: string; type: number | undefined; value: unknown }[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
}

export type Attributes = Readonly<Record<string, Attribute>>;

/** The value of an attribute; plain numbers are whole ones. */
type Attribute =
  | boolean
  | number
  | string
  | readonly number[]
  | { readonly real: number }
  | { readonly shape: readonly number[] }
  | { readonly type: "TF_FLOAT" | "TF_INT32" | "TF_BOOL" };

/**
 * Whether the active backend is native TensorFlow, computing on the processor.
 *
 * What is called by name here has been tried there alone.
 */
export function onNativeTensorflow(): boolean {
  return tf.getBackend() === "tensorflow" && !(tf.backend() as NativeBackend).isUsingGpuDevice;
}

/**
 * Runs an operation by its name in TensorFlow; the tape does not see it.
 *
 * Attributes that follow from the inputs, such as their type, may be left out.
 *
 * @throws {Error} what TensorFlow has to object to.
 */
export function runRaw(
  operation: string,
  attributes: Attributes,
  inputs: readonly Tensor[],
  outputs: number,
): Tensor[] {
  const backend = tf.backend() as NativeBackend;
  const typed = Object.entries(attributes).map(([name, value]) => ({
    name,
    ...typedAttribute(value, backend.binding),
  }));
  return backend.executeMultipleOutputs(operation, typed, inputs, outputs);
}

function typedAttribute(
  value: Attribute,
  binding: NativeBackend["binding"],
): { type: number | undefined; value: unknown } {
  if (typeof value === "boolean") return { type: binding["TF_ATTR_BOOL"], value };
  if (typeof value === "string") return { type: binding["TF_ATTR_STRING"], value };
  if (typeof value === "number") return { type: binding["TF_ATTR_INT"], value };
  if ("real" in value) return { type: binding["TF_ATTR_FLOAT"], value: value.real };
  if ("shape" in value) return { type: binding["TF_ATTR_SHAPE"], value: value.shape };
  if ("type" in value) return { type: binding["TF_ATTR_TYPE"], value: binding[value.type] };
  return { type: binding["TF_ATTR_INT"], value };
}
