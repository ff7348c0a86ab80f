/**
 * What one eager run of a step did: its operations, where their inputs came from, and its results.
 *
 * @module
 */
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import type { Attribute, DataId, NativeBackend, TensorData, TypeCode } from "./backend.ts";
import { DEPTH, Place } from "./place.ts";
import { type Structure, structureOf } from "./structure.ts";

/** Where a tensor came from. */
export type Value =
  | { readonly kind: "argument"; readonly index: number }
  | { readonly kind: "variable"; readonly variable: tf.Variable }
  /** A tensor that was there before the step. */
  | { readonly kind: "captured"; readonly tensor: tf.TensorInfo; readonly dtype: TypeCode }
  /** Numbers of the program. */
  | { readonly kind: "constant"; readonly constant: Constant }
  | { readonly kind: "output"; readonly operation: number; readonly index: number };

/** Numbers that a program has made a tensor of. */
export interface Constant {
  readonly dtype: TypeCode;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One call of an operation. */
export interface Operation {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly inputs: readonly Value[];
  /** The line of the program that called it. */
  readonly place: Place;
}

/** A run of a step. */
export interface Recording<R> {
  readonly arguments: readonly { readonly dtype: TypeCode }[];
  readonly operations: readonly Operation[];
  /** Variables whose values changed. */
  readonly updates: readonly { readonly variable: tf.Variable; readonly value: Value }[];
  readonly results: readonly Value[];
  readonly structure: Structure<R>;
  /** Whether variables were made or disposed of, as optimizers do in their first step. */
  readonly changesVariables: boolean;
  /** Why it stops before the step has ended; undefined where it is whole. */
  readonly tooLong: string | undefined;
}

/**
 * Longer steps are not worth recording: one of 75,000 operations, as `tf.layers` layer norm makes of a CNN,
 * took as long to record and define as 40 eager steps.
 */
const MOST_OPERATIONS = 10_000;

let recordingNow = false;

/** Whether a step is being recorded. */
export function isRecording(): boolean {
  return recordingNow;
}

/**
 * Runs a step eagerly and records what it does.
 *
 * @throws {Error} where the step reads values, or keeps tensors without returning them.
 * @throws {TypeError} where it returns something else than tensors.
 */
export function record<R>(
  backend: NativeBackend,
  step: (...inputs: Tensor[]) => R,
  inputs: readonly Tensor[],
): { readonly result: R; readonly recording: Recording<R> } {
  const before = variablesOf(backend);
  let recording: Recording<R>;
  const result = tf.tidy(() => {
    // Copies: each argument has a key of its own, even if one tensor is given twice.
    const copies = inputs.map((input) => copyOf(backend, input));
    const recorder = new Recorder(backend, copies, before);
    const result = recorder.run(() => tf.tidy(() => step(...copies) as tf.TensorContainer));
    recording = recorder.finish(result as R);
    return result;
  }) as R;
  return { result, recording: recording! };
}

/** All variables; each has its key to itself. */
function variablesOf(backend: NativeBackend): ReadonlyMap<tf.Variable, DataId> {
  const variables = Object.values(tf.engine().registeredVariables);
  for (const variable of variables) {
    // One that lives on another backend is moved here when the step asks for it.
    if (!backend.tensorMap.has(variable.dataId)) continue;
    if (backend.tensorMap.get(variable.dataId).refCount === 1) continue;
    tf.tidy(() => variable.assign(copyOf(backend, variable)));
  }
  return new Map(variables.map((variable) => [variable, variable.dataId]));
}

/** The same memory under another key. */
function copyOf(backend: NativeBackend, tensor: Tensor): Tensor {
  return backend.executeSingleOutput("Identity", [], [tensor]);
}

class Recorder {
  readonly #backend: NativeBackend;
  readonly #arguments: readonly Tensor[];
  readonly #before: ReadonlyMap<tf.Variable, DataId>;
  readonly #values = new Map<DataId, Value>();
  readonly #operations: Operation[] = [];

  constructor(
    backend: NativeBackend,
    inputs: readonly Tensor[],
    before: ReadonlyMap<tf.Variable, DataId>,
  ) {
    this.#backend = backend;
    this.#arguments = inputs;
    this.#before = before;
    inputs.forEach(({ dataId }, index) => this.#values.set(dataId, { kind: "argument", index }));
    before.forEach((dataId, variable) => this.#values.set(dataId, { kind: "variable", variable }));
  }

  /** Runs `f` and listens to what the backend is asked for. */
  run<R>(f: () => R): R {
    const backend = this.#backend;
    const { executeSingleOutput, executeMultipleOutputs, readSync } = backend;
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = DEPTH;
    recordingNow = true;
    Object.assign(backend, {
      executeSingleOutput: (
        ...[name, attributes, inputs]: Parameters<typeof executeSingleOutput>
      ) =>
        this.#note(name, attributes, inputs, () => [
          executeSingleOutput.call(backend, name, attributes, inputs),
        ])[0]!,
      executeMultipleOutputs: (
        ...[name, attributes, inputs, count]: Parameters<typeof executeMultipleOutputs>
      ) =>
        this.#note(
          name,
          attributes,
          inputs,
          () => executeMultipleOutputs.call(backend, name, attributes, inputs, count),
        ),
      readSync: (dataId: DataId) => {
        this.#refuseReading(dataId);
        return readSync.call(backend, dataId);
      },
    });
    try {
      return f();
    } finally {
      recordingNow = false;
      Error.stackTraceLimit = limit;
      // What is left is that of the class.
      const own = backend as Partial<NativeBackend>;
      delete own.executeSingleOutput;
      delete own.executeMultipleOutputs;
      delete own.readSync;
    }
  }

  #note(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
    execute: () => Tensor[],
  ): Tensor[] {
    if (this.#operations.length > MOST_OPERATIONS) return execute();
    const values = inputs.map((input) => this.#valueOf(input));
    const outputs = execute();
    const operation = this.#operations.length;
    this.#operations.push({ name, attributes, inputs: values, place: new Place() });
    outputs.forEach(({ dataId }, index) =>
      this.#values.set(dataId, { kind: "output", operation, index })
    );
    return outputs;
  }

  #valueOf(tensor: tf.TensorInfo): Value {
    const known = this.#values.get(tensor.dataId);
    if (known !== undefined) return known;
    if (tensor.dataId === undefined) {
      throw new Error("the step has a 64-bit integer, which cannot be recorded");
    }
    const data = this.#backend.tensorMap.get(tensor.dataId);
    const value: Value = data.values === null
      ? { kind: "captured", tensor, dtype: data.dtype }
      : { kind: "constant", constant: constantOf(data) };
    this.#values.set(tensor.dataId, value);
    return value;
  }

  #refuseReading(dataId: DataId): void {
    const value = this.#values.get(dataId);
    const isConstant = value === undefined
      ? this.#backend.tensorMap.get(dataId).values !== null
      : value.kind === "constant";
    // This kernel looks whether indices are in range; in a graph, TensorFlow does.
    if (isConstant || new Error().stack!.includes("/kernels/GatherV2.js")) return;
    throw new Error(
      `the step reads values (data, dataSync, array, print ...) at ${new Place()}: ` +
        "a recorded step cannot, as it runs as a whole; return the tensor and read it outside",
    );
  }

  /** The recording, once the step has returned and what it did not return is disposed of. */
  finish<R>(result: R): Recording<R> {
    const structure = structureOf(result);
    const after = new Set(Object.values(tf.engine().registeredVariables));
    const updates = [...this.#before]
      .filter(([variable, dataId]) => after.has(variable) && variable.dataId !== dataId)
      .map(([variable]) => ({ variable, value: this.#valueOf(variable) }));
    const results = structure.tensors(result).map((tensor) => this.#valueOf(tensor));
    this.#refuseEscapes(new Set([...structure.tensors(result), ...after].map((t) => t.dataId)));
    const changesVariables = after.size !== this.#before.size ||
      [...this.#before.keys()].some((variable) => !after.has(variable));
    return {
      arguments: this.#arguments.map(({ dataId }) => this.#backend.tensorMap.get(dataId)),
      operations: this.#operations,
      updates,
      results,
      structure,
      changesVariables,
      tooLong: this.#operations.length > MOST_OPERATIONS
        ? `the step has more than ${MOST_OPERATIONS} operations, too many to record`
        : undefined,
    };
  }

  #refuseEscapes(known: ReadonlySet<DataId>): void {
    for (const [dataId, value] of this.#values) {
      if (value.kind !== "output" || known.has(dataId)) continue;
      if (!this.#backend.tensorMap.has(dataId)) continue;
      const { name, place } = this.#operations[value.operation]!;
      throw new Error(
        `the step keeps what ${name} gave at ${place}, and does not return it: a recorded step ` +
          "has no tensors but those it returns; return it, or assign it to a tf.variable",
      );
    }
  }
}

/** The numbers of a tensor that TensorFlow has not been given yet. */
function constantOf({ values, dtype, shape }: TensorData): Constant {
  if (!ArrayBuffer.isView(values)) {
    throw new Error("the step makes a tensor of strings, which cannot be recorded");
  }
  const { buffer, byteOffset, byteLength } = values;
  const bytes = new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
  return { dtype, shape, bytes };
}
