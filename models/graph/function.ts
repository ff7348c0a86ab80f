/**
 * A recorded step as a function of TensorFlow.
 *
 * @module
 */
import type { Tensor } from "../../norms/basics/tensor.ts";
import type * as tf from "../../norms/basics/tf.ts";
import type { NativeBackend } from "./backend.ts";
import { type Node, planOf } from "./graph.ts";
import type { Recording } from "./recording.ts";
import type { GraphRuntime } from "./runtime.ts";
import type { Structure } from "./structure.ts";
import { HeldVariable } from "./variables.ts";

let count = 0;

/** `RewriterConfig` in TensorFlow: layout, constants, arithmetic, dependencies, loops, functions, shapes, fusion. */
const REWRITES = [1, 3, 7, 8, 9, 10, 13, 14];

/**
 * A `ConfigProto` that turns TensorFlow's rewriting of graphs off: it would fuse and reorder, so that a graph
 * gave other last digits than the eager step it was recorded from; and it saved no time where it was tried.
 */
const AS_RECORDED = (() => {
  const OFF = 2;
  const nested = (field: number, text: string) =>
    String.fromCharCode(field << 3 | 2, text.length) + text;
  const rewrites = String.fromCharCode(...REWRITES.flatMap((field) => [field << 3, OFF]));
  return nested(10, nested(10, rewrites)); // graph_options, rewrite_options
})();

/** A step for inputs of one set of shapes. */
export class GraphFunction<R> {
  readonly #name = `NormbenchStep${count++}`;
  readonly #backend: NativeBackend;
  readonly #runtime: GraphRuntime;
  readonly #nodes: readonly Pick<Node, "name" | "operation" | "place">[];
  readonly #outputs: number;
  readonly #captured: readonly tf.TensorInfo[];
  readonly #structure: Structure<R>;
  readonly #variables: readonly HeldVariable[];
  readonly #updated: readonly HeldVariable[];
  readonly #extra: readonly tf.TensorInfo[];

  /**
   * Defines the function.
   *
   * @throws {Error} where an operation has no place in a graph.
   */
  constructor(recording: Recording<R>, backend: NativeBackend, runtime: GraphRuntime) {
    this.#backend = backend;
    this.#runtime = runtime;
    this.#structure = recording.structure;
    const { graph, variables, updated, captured } = planOf(recording, backend);
    runtime.define(this.#name, graph);
    // Without the constants, which may be large.
    this.#nodes = graph.nodes.map(({ name, operation, place }) => ({ name, operation, place }));
    this.#outputs = graph.outputs.length;
    this.#captured = captured;
    this.#variables = variables.map((one) => HeldVariable.take(one, backend));
    this.#updated = this.#variables.filter(({ variable }) => updated.includes(variable));
    this.#extra = [...this.#variables.map(({ handle }) => handle), ...captured];
  }

  /**
   * Runs it.
   *
   * @throws {Error} if TensorFlow refuses an operation; names the operation of the step.
   */
  run(inputs: readonly Tensor[]): R {
    for (const { dataId } of this.#captured) {
      if (this.#backend.tensorMap.has(dataId)) continue;
      throw new Error("a tensor from outside that the step uses is disposed of: keep it");
    }
    for (const variable of this.#variables) variable.prepare();
    for (const variable of this.#updated) variable.beforeUpdate();
    try {
      const outputs = this.#backend.executeMultipleOutputs(
        this.#name,
        [{ name: "config_proto", type: this.#backend.binding.TF_ATTR_STRING!, value: AS_RECORDED }],
        [...inputs, ...this.#extra],
        this.#outputs,
      );
      return this.#structure.rebuild(outputs);
    } catch (cause) {
      throw this.#explain(cause as Error);
    } finally {
      for (const variable of this.#updated) variable.afterUpdate();
    }
  }

  /** Names the operation of the step, where TensorFlow names a node. */
  #explain(cause: Error): Error {
    const named = [...cause.message.matchAll(/\{\{node (?:\w+\/)*(\w+)\}\}/g)].map(([, name]) =>
      name
    );
    const node = this.#nodes.find(({ name }) => named.includes(name));
    if (node === undefined) return cause;
    const place = node.place === undefined ? "" : ` at ${node.place}`;
    return new Error(`${node.operation}${place} failed: ${cause.message}`, { cause });
  }

  /** Forgets the function, and gives the variables back. */
  dispose(): void {
    for (const variable of this.#variables) variable.release();
    this.#runtime.remove(this.#name);
  }
}
