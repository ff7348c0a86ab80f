/**
 * Reading what TensorFlow says about an operation: an `OpDef` as a protocol buffer.
 *
 * @module
 */

/** What building a graph needs to know of an operation. */
export interface OpDefinition {
  /** In order; a list of tensors counts as one. */
  readonly inputs: readonly InputDefinition[];
  /** Names of its attributes. */
  readonly attributes: readonly string[];
  /** Whether it does more than to compute outputs from inputs, such as drawing random numbers. */
  readonly isStateful: boolean;
}

/** An input of an operation. */
export interface InputDefinition {
  /** The attribute with its dtype, if that is not fixed. */
  readonly typeAttribute?: string;
  /** The attribute with the number of tensors, or with their dtypes, if it is a list. */
  readonly listAttribute?: string;
}

/**
 * Reads an `OpDef`; see `tensorflow/core/framework/op_def.proto`.
 *
 * @throws {RangeError} if the bytes end too early.
 */
export function readOpDefinition(bytes: Uint8Array): OpDefinition {
  const inputs: InputDefinition[] = [];
  const attributes: string[] = [];
  let isStateful = false;
  for (const [field, value] of fieldsOf(bytes)) {
    if (field === 2) inputs.push(readInput(value as Uint8Array));
    if (field === 4) attributes.push(textOf(firstOf(value as Uint8Array, 1)));
    if (field === 17) isStateful = value === 1;
  }
  return { inputs, attributes, isStateful };
}

function readInput(bytes: Uint8Array): InputDefinition {
  const typeAttribute = textOf(firstOf(bytes, 4));
  const listAttribute = textOf(firstOf(bytes, 5)) || textOf(firstOf(bytes, 6));
  return { ...(typeAttribute && { typeAttribute }), ...(listAttribute && { listAttribute }) };
}

function firstOf(bytes: Uint8Array, wanted: number): Uint8Array {
  for (const [field, value] of fieldsOf(bytes)) {
    if (field === wanted) return value as Uint8Array;
  }
  return new Uint8Array();
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The fields of a message: numbers, and bytes of what has a length. */
function* fieldsOf(bytes: Uint8Array): Generator<[field: number, value: number | Uint8Array]> {
  let at = 0;
  const next = () => {
    const byte = bytes[at++];
    if (byte === undefined) throw new RangeError("the definition of an operation ends too early");
    return byte;
  };
  const varint = () => {
    let [value, factor] = [0, 1];
    for (;; factor *= 128) {
      const byte = next();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const [field, wire] = [tag >>> 3, tag & 7];
    if (wire === 0) yield [field, varint()];
    else {
      const length = wire === 2 ? varint() : wire === 1 ? 8 : 4;
      if (at + length > bytes.length) {
        throw new RangeError("the definition of an operation ends too early");
      }
      yield [field, bytes.subarray(at, at += length)];
    }
  }
}
