/**
 * The part of TensorFlow's C interface that functions are made with; see `tensorflow/c/c_api.h`.
 *
 * @module
 */

/** An output of an operation, by value: its address, its index. */
const OUTPUT = { struct: ["pointer", "i32"] } as const;

const SYMBOLS = {
  TF_NewStatus: { parameters: [], result: "pointer" },
  TF_DeleteStatus: { parameters: ["pointer"], result: "void" },
  TF_GetCode: { parameters: ["pointer"], result: "i32" },
  TF_Message: { parameters: ["pointer"], result: "pointer" },
  TF_NewBuffer: { parameters: [], result: "pointer" },
  TF_DeleteBuffer: { parameters: ["pointer"], result: "void" },
  TF_AllocateTensor: { parameters: ["i32", "buffer", "i32", "usize"], result: "pointer" },
  TF_TensorData: { parameters: ["pointer"], result: "pointer" },
  TF_DeleteTensor: { parameters: ["pointer"], result: "void" },
  TF_NewGraph: { parameters: [], result: "pointer" },
  TF_DeleteGraph: { parameters: ["pointer"], result: "void" },
  TF_GraphGetOpDef: { parameters: ["pointer", "buffer", "pointer", "pointer"], result: "void" },
  TF_NewOperation: { parameters: ["pointer", "buffer", "buffer"], result: "pointer" },
  TF_AddInput: { parameters: ["pointer", OUTPUT], result: "void" },
  TF_AddInputList: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TF_AddControlInput: { parameters: ["pointer", "pointer"], result: "void" },
  TF_SetAttrString: { parameters: ["pointer", "buffer", "buffer", "usize"], result: "void" },
  TF_SetAttrInt: { parameters: ["pointer", "buffer", "i64"], result: "void" },
  TF_SetAttrIntList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrFloat: { parameters: ["pointer", "buffer", "f32"], result: "void" },
  TF_SetAttrFloatList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrBool: { parameters: ["pointer", "buffer", "u8"], result: "void" },
  TF_SetAttrBoolList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrType: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TF_SetAttrShape: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrTensor: { parameters: ["pointer", "buffer", "pointer", "pointer"], result: "void" },
  TF_FinishOperation: { parameters: ["pointer", "pointer"], result: "pointer" },
  TF_GraphToFunctionWithControlOutputs: {
    parameters: [
      ...["pointer", "buffer", "u8"] as const, // graph, name, append hash
      ...["i32", "pointer"] as const, // operations
      ...["i32", "buffer"] as const, // inputs
      ...["i32", "buffer", "pointer"] as const, // outputs, their names
      ...["i32", "buffer", "pointer"] as const, // control outputs, their names
      ...["pointer", "pointer", "pointer"] as const, // options, description, status
    ],
    result: "pointer",
  },
  TF_DeleteFunction: { parameters: ["pointer"], result: "void" },
  TFE_ContextAddFunction: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
  TFE_ContextRemoveFunction: { parameters: ["pointer", "buffer", "pointer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Functions of TensorFlow's C interface. */
export type CInterface = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** Opens a library that has been loaded before. */
export function openCInterface(library: string): CInterface {
  return Deno.dlopen(library, SYMBOLS).symbols;
}

/** A text as C takes it. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/** The outputs of operations, one behind the other in memory. */
export function outputList(
  outputs: readonly { readonly operation: Deno.PointerValue; readonly index: number }[],
): Uint8Array<ArrayBuffer> {
  const SIZE = 16;
  const view = new DataView(new ArrayBuffer(SIZE * outputs.length));
  outputs.forEach(({ operation, index }, i) => {
    view.setBigUint64(SIZE * i, Deno.UnsafePointer.value(operation), true);
    view.setInt32(SIZE * i + 8, index, true);
  });
  return new Uint8Array(view.buffer);
}

/** Addresses, one behind the other in memory. */
export function pointerList(pointers: readonly Deno.PointerValue[]): BigUint64Array<ArrayBuffer> {
  return BigUint64Array.from(pointers, (pointer) => Deno.UnsafePointer.value(pointer));
}

/**
 * Calls a function that tells by a status whether it succeeded.
 *
 * @throws {Error} what TensorFlow has to object to.
 */
export function checked<T>(c: CInterface, call: (status: Deno.PointerValue) => T): T {
  const status = c.TF_NewStatus();
  try {
    const result = call(status);
    if (c.TF_GetCode(status) === 0) return result;
    throw new Error(Deno.UnsafePointerView.getCString(c.TF_Message(status)!));
  } finally {
    c.TF_DeleteStatus(status);
  }
}
