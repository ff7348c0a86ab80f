/**
 * Whether two runs of a step did the same.
 *
 * @module
 */
import type { Constant, Operation, Recording, Value } from "./recording.ts";

/**
 * How one run of a step differs from the run before, in words and with the remedy; undefined where they
 * did the same.
 *
 * What a graph repeats is one run. So whatever differs between two, such as a number that the program
 * computes anew in each, would silently stay as it was.
 */
export function differenceOf(
  former: Recording<unknown>,
  latter: Recording<unknown>,
): string | undefined {
  if (former.changesVariables || latter.changesVariables) {
    return "makes or disposes of variables in every run: make them before, and keep them";
  }
  for (const [i, operation] of latter.operations.entries()) {
    const difference = differentOperation(former.operations[i], operation);
    if (difference !== undefined) return difference;
  }
  if (former.operations.length !== latter.operations.length) {
    return `ran ${former.operations.length} operations, then ${latter.operations.length}: ` +
      CONTROL_FLOW;
  }
  const [one, other] = [former, latter].map(({ updates, results, structure }) =>
    [
      structure.description,
      ...updates.map(({ variable, value }) => `${variable.name} = ${describe(value)}`),
      ...results.map(describe),
    ].join("; ")
  );
  return one === other
    ? undefined
    : `assigned or returned something else than in the run before: ${CONTROL_FLOW}`;
}

const CONTROL_FLOW = "what a step does must not depend on anything but the shapes of its arguments";

function differentOperation(
  former: Operation | undefined,
  { name, attributes, inputs, place }: Operation,
): string | undefined {
  const alike = former?.name === name && former.inputs.length === inputs.length &&
    JSON.stringify(former.attributes) === JSON.stringify(attributes);
  if (!alike) return `ran ${former?.name ?? "nothing"}, then ${name} at ${place}: ${CONTROL_FLOW}`;
  for (const [i, input] of inputs.entries()) {
    const before = former.inputs[i]!;
    if (describe(before) === describe(input)) continue;
    const what = `gave ${name} at ${place} `;
    if (before.kind === "constant" && input.kind === "constant") {
      return `${what}${numbersOf(before.constant)}, then ${
        numbersOf(input.constant)
      }: what changes ` +
        "from step to step, and random numbers, are drawn outside and given as arguments";
    }
    if (input.kind === "captured") {
      return `${what}another tensor from outside than in the run before: give it as an argument, ` +
        "or keep it in a tf.variable";
    }
    return `${what}another input than in the run before: ${CONTROL_FLOW}`;
  }
}

/** Numbers for tensors from outside, so that the same gets the same. */
const numbers = new WeakMap<object, number>();
let count = 0;

/** A text that is the same for the same values. */
function describe(value: Value): string {
  switch (value.kind) {
    case "argument":
      return `argument ${value.index}`;
    case "variable":
      return `variable ${value.variable.id}`;
    case "output":
      return `output ${value.operation}:${value.index}`;
    case "captured": {
      const key = value.tensor.dataId;
      if (!numbers.has(key)) numbers.set(key, count++);
      return `captured ${numbers.get(key)}`;
    }
    case "constant": {
      const { dtype, shape, bytes } = value.constant;
      return `constant ${dtype} [${shape}] ${bytes.length <= 64 ? bytes : digest(bytes)}`;
    }
  }
}

/** FNV-1a, twice with other starts: large constants are compared by 64 bits. */
function digest(bytes: Uint8Array): string {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x01000193);
  }
  return `${bytes.length} ${a} ${b}`;
}

/** The first of the numbers, for people. */
function numbersOf({ dtype, shape, bytes }: Constant): string {
  const FLOAT = 1;
  const INT32 = 3;
  const values = dtype === FLOAT
    ? new Float32Array(bytes.buffer)
    : dtype === INT32
    ? new Int32Array(bytes.buffer)
    : bytes;
  const shown = [...values.subarray(0, 3)].join(", ") + (values.length > 3 ? ", …" : "");
  return shape.length === 0 ? shown : `[${shown}]`;
}
