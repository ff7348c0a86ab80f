/**
 * The graph of a recorded step.
 *
 * @module
 */
import type * as tf from "../../norms/basics/tf.ts";
import type { Attribute, NativeBackend, TypeCode } from "./backend.ts";
import type { Place } from "./place.ts";
import type { Constant, Recording, Value } from "./recording.ts";

/** An output of a node, or an input of the graph. */
export type Edge =
  | { readonly input: number }
  | { readonly node: number; readonly output: number };

/** An operation in a graph. */
export interface Node {
  /** Its own name in the graph. */
  readonly name: string;
  /** That of the operation. */
  readonly operation: string;
  readonly attributes: readonly Attribute[];
  readonly inputs: readonly Edge[];
  /** The value of a `Const`. */
  readonly constant?: Constant;
  /** Nodes that have to run before. */
  readonly after: readonly number[];
  /** Whether it runs even if its outputs are not used. */
  readonly hasEffect: boolean;
  /** The line of the program that it comes from. */
  readonly place?: Place | undefined;
}

/** A step as one function. */
export interface Graph {
  readonly inputs: readonly { readonly dtype: TypeCode }[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Edge[];
}

/** A graph, and its inputs in addition to the arguments of the step. */
export interface Plan {
  readonly graph: Graph;
  /** After the arguments: variables, whose resources it works on. */
  readonly variables: readonly tf.Variable[];
  /** The variables that it changes. */
  readonly updated: readonly tf.Variable[];
  /** After the variables: tensors that were there before the step. */
  readonly captured: readonly tf.TensorInfo[];
}

/**
 * Makes a graph of a recording.
 *
 * A variable is read before all else and assigned once, at the end; what lies between are values, as in
 * the eager run. Operations on one resource, such as an optimizer's moments, keep their order.
 */
export function planOf(recording: Recording<unknown>, backend: NativeBackend): Plan {
  return new Planner(backend).plan(recording);
}

/**
 * TensorFlow merges this operation into the gradient of a convolution's kernel where both take the same
 * tensor, and then adds in another order: it is given a tensor to itself, so that bits stay the same.
 */
const MERGED = "BiasAddGrad";

/** A resource that takes a variable's value, is worked on, and gives the value back, as optimizers' kernels do. */
interface Scratch {
  readonly variable: tf.Variable;
  /** The operations that fill and read it. */
  readonly copies: readonly number[];
}

/**
 * The resources of a recording in whose place the variable's own can be worked on, which saves a copy.
 *
 * The variable's value from before is safe: whoever still has it when the resource changes keeps it.
 */
function scratchesOf(recording: Recording<unknown>): Map<object, Scratch> {
  const { operations, updates, results } = recording;
  const users = new Map<object, number[]>();
  const uses = new Map<number, number>();
  const count = (value: Value) => {
    if (value.kind === "output") uses.set(value.operation, (uses.get(value.operation) ?? 0) + 1);
  };
  operations.forEach(({ inputs }, i) => {
    for (const value of inputs) {
      count(value);
      if (value.kind !== "captured") continue;
      const { dataId } = value.tensor;
      users.set(dataId, [...users.get(dataId) ?? [], i]);
    }
  });
  [...results, ...updates.map(({ value }) => value)].forEach(count);
  const scratches = new Map<object, Scratch>();
  for (const { variable, value } of updates) {
    if (value.kind !== "output" || uses.get(value.operation) !== 1) continue;
    const { name, inputs: [from] } = operations[value.operation]!;
    if (name !== "ReadVariableOp" || from?.kind !== "captured") continue;
    const [first, ...rest] = users.get(from.tensor.dataId)!;
    const filling = operations[first!]!;
    const filled = filling.inputs[1];
    const isWhole = filling.name === "AssignVariableOp" && rest.at(-1) === value.operation &&
      filled?.kind === "variable" && filled.variable === variable;
    if (isWhole) {
      scratches.set(from.tensor.dataId, { variable, copies: [first!, value.operation] });
    }
  }
  return scratches;
}

class Planner {
  readonly #resource: TypeCode;
  readonly #typeAttribute: number;
  readonly #inputs: { dtype: TypeCode }[] = [];
  readonly #nodes: Node[] = [];
  /** Inputs of variables and of captured tensors. */
  readonly #handles = new Map<tf.Variable, Edge>();
  readonly #captured = new Map<object, Edge>();
  readonly #capturedTensors: tf.TensorInfo[] = [];
  /** What has been made once. */
  readonly #reads = new Map<tf.Variable, number>();
  readonly #constants = new Map<Constant, Edge>();
  /** The last operation on each resource. */
  readonly #last = new Map<object, number>();
  /** The nodes of the operations of the recording. */
  readonly #operations: number[] = [];
  readonly #backend: NativeBackend;

  constructor(backend: NativeBackend) {
    this.#backend = backend;
    this.#resource = backend.binding.TF_RESOURCE!;
    this.#typeAttribute = backend.binding.TF_ATTR_TYPE!;
  }

  plan(recording: Recording<unknown>): Plan {
    const { arguments: given, operations, updates, results } = recording;
    this.#inputs.push(...given);
    const scratches = scratchesOf(recording);
    const copies = new Set([...scratches.values()].flatMap(({ copies }) => copies));
    const inPlace = new Set([...scratches.values()].map(({ variable }) => variable));
    const values = [
      ...operations.flatMap(({ inputs }) => inputs),
      ...updates.map(({ value }) => value),
      ...results,
    ];
    // All inputs first, as they are numbered in this order.
    for (const value of values) if (value.kind === "variable") this.#handle(value.variable);
    for (const { variable } of updates) this.#handle(variable);
    for (const value of values) {
      if (value.kind !== "captured") continue;
      const scratch = scratches.get(value.tensor.dataId);
      if (scratch === undefined) this.#capture(value);
      else this.#captured.set(value.tensor.dataId, this.#handles.get(scratch.variable)!);
    }
    operations.forEach(({ name, attributes, inputs, place }, i) => {
      if (copies.has(i)) {
        this.#operations.push(-1);
        return;
      }
      const resources = inputs.flatMap((value) =>
        value.kind === "captured" && value.dtype === this.#resource ? [value.tensor.dataId] : []
      );
      const edges = inputs.map((value) => this.#edge(value))
        .map((edge) => name === MERGED ? this.#identity(edge) : edge);
      const after = resources.flatMap((resource) => {
        const scratch = scratches.get(resource);
        return this.#last.get(resource) ?? (scratch ? this.#read(scratch.variable) : []);
      });
      const node = this.#nodes.length;
      this.#nodes.push({
        name: `${name}_${node}`,
        operation: name,
        attributes,
        inputs: edges,
        after,
        hasEffect: resources.length > 0,
        place,
      });
      resources.forEach((resource) => this.#last.set(resource, node));
      this.#operations.push(node);
    });
    // Before the first assignment, as both may read variables.
    const outputs = results.map((value) => this.#edge(value));
    const assigned = updates.filter(({ variable }) => !inPlace.has(variable))
      .map(({ variable, value }) => ({ variable, value: this.#edge(value) }));
    assigned.forEach(({ variable, value }) => this.#assign(variable, value));
    return {
      graph: { inputs: this.#inputs, outputs, nodes: this.#nodes },
      variables: [...this.#handles.keys()],
      updated: updates.map(({ variable }) => variable),
      captured: this.#capturedTensors,
    };
  }

  #handle(variable: tf.Variable): void {
    if (this.#handles.has(variable)) return;
    this.#handles.set(variable, { input: this.#inputs.length });
    this.#inputs.push({ dtype: this.#resource });
  }

  #capture({ tensor, dtype }: Value & { kind: "captured" }): void {
    if (this.#captured.has(tensor.dataId)) return;
    this.#captured.set(tensor.dataId, { input: this.#inputs.length });
    this.#capturedTensors.push(tensor);
    this.#inputs.push({ dtype });
  }

  #edge(value: Value): Edge {
    switch (value.kind) {
      case "argument":
        return { input: value.index };
      case "captured":
        return this.#captured.get(value.tensor.dataId)!;
      case "output":
        return { node: this.#operations[value.operation]!, output: value.index };
      case "constant":
        return this.#constant(value.constant);
      case "variable":
        return { node: this.#read(value.variable), output: 0 };
    }
  }

  #constant(constant: Constant): Edge {
    const edge = this.#constants.get(constant) ?? { node: this.#nodes.length, output: 0 };
    if (!this.#constants.has(constant)) {
      this.#add("Const", [this.#type("dtype", constant.dtype)], [], { constant });
      this.#constants.set(constant, edge);
    }
    return edge;
  }

  #identity(edge: Edge): Edge {
    return { node: this.#add("Identity", [], [edge]), output: 0 };
  }

  #read(variable: tf.Variable): number {
    const known = this.#reads.get(variable);
    if (known !== undefined) return known;
    const { dtype } = this.#backend.tensorMap.get(variable.dataId);
    const node = this.#add("ReadVariableOp", [this.#type("dtype", dtype)], [
      this.#handles.get(variable)!,
    ]);
    this.#reads.set(variable, node);
    return node;
  }

  #assign(variable: tf.Variable, value: Edge): void {
    const read = this.#reads.get(variable);
    this.#add("AssignVariableOp", [], [this.#handles.get(variable)!, value], {
      after: read === undefined ? [] : [read],
      hasEffect: true,
    });
  }

  #type(name: string, value: TypeCode): Attribute {
    return { name, type: this.#typeAttribute, value };
  }

  #add(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly Edge[],
    rest: Partial<Node> = {},
  ): number {
    const index = this.#nodes.length;
    const name = `${operation}_${index}`;
    this.#nodes.push({ name, operation, attributes, inputs, after: [], hasEffect: false, ...rest });
    return index;
  }
}
