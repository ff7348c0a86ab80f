/**
 * A recorded step as a function of TensorFlow.
 *
 * @module
 */
import type { Tensor } from "../../norms/basics/tensor.ts";
import type * as tf from "../../norms/basics/tf.ts";
import type { Attribute, NativeBackend } from "./backend.ts";
import { type Node, planOf } from "./graph.ts";
import type { Recording } from "./recording.ts";
import type { GraphRuntime } from "./runtime.ts";
import type { Structure } from "./structure.ts";
import { HeldVariable } from "./variables.ts";

/** What can run a graph: TensorFlow's executor, operation by operation, or XLA, which compiles it. */
export type GraphEngine = "graph" | "xla";

/** An operation of a step that failed in a graph. */
export class StepError extends Error {
  /** The operation, and its line in the program. */
  readonly what: string;

  constructor(what: string, cause: Error) {
    super(`${what} failed: ${cause.message}`, { cause });
    this.what = what;
  }
}

let count = 0;

/** `RewriterConfig` in TensorFlow: layout, constants, arithmetic, dependencies, loops, functions, shapes, fusion. */
const REWRITES = [1, 3, 7, 8, 9, 10, 13, 14];

/**
 * A `ConfigProto` that turns TensorFlow's rewriting of graphs off: it would fuse and reorder, so that a graph
 * gave other last digits than the eager step it was recorded from; and it saved no time where it was tried.
 */
const AS_RECORDED = (() => {
  const OFF = 2;
  const DISABLE_PRUNING = 2;
  const nested = (field: number, text: string) =>
    String.fromCharCode(field << 3 | 2, text.length) + text;
  const rewrites = String.fromCharCode(
    ...REWRITES.flatMap((field) => [field << 3, OFF]),
    ...[DISABLE_PRUNING << 3, 1],
  );
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
  readonly #attributes: Readonly<Record<GraphEngine, readonly Attribute[]>>;
  #hasRunOnXla = false;

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
    const { TF_ATTR_STRING, TF_ATTR_BOOL } = backend.binding;
    this.#attributes = {
      graph: [{ name: "config_proto", type: TF_ATTR_STRING!, value: AS_RECORDED }],
      xla: [{ name: "_XlaMustCompile", type: TF_ATTR_BOOL!, value: true }],
    };
  }

  /** Whether XLA has compiled it. */
  get hasRunOnXla(): boolean {
    return this.#hasRunOnXla;
  }

  /**
   * Runs it.
   *
   * @throws {Error} if TensorFlow refuses an operation; names the operation of the step.
   */
  run(inputs: readonly Tensor[], engine: GraphEngine): R {
    for (const { dataId } of this.#captured) {
      if (this.#backend.tensorMap.has(dataId)) continue;
      throw new Error("a tensor from outside that the step uses is disposed of: keep it");
    }
    for (const variable of this.#variables) variable.prepare();
    for (const variable of this.#updated) variable.beforeUpdate();
    try {
      const outputs = this.#backend.executeMultipleOutputs(
        this.#name,
        this.#attributes[engine],
        [...inputs, ...this.#extra],
        this.#outputs,
      );
      this.#hasRunOnXla ||= engine === "xla";
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
    return new StepError(`${node.operation}${place}`, cause);
  }

  /** Forgets the function, and gives the variables back. */
  dispose(): void {
    for (const variable of this.#variables) variable.release();
    this.#runtime.remove(this.#name);
  }
}
