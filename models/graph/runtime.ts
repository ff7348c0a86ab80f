/**
 * What runs graphs, by backend.
 *
 * @module
 */
import * as tf from "../../norms/basics/tf.ts";
import type { Graph } from "./graph.ts";

/** Defines functions of graphs, which then run by their names like any operation. */
export interface GraphRuntime {
  /**
   * Defines a function.
   *
   * @throws {Error} where an operation has no place in a graph; names it.
   */
  define(name: string, graph: Graph): void;
  /** Forgets a function. */
  remove(name: string): void;
}

/** What runs graphs on a backend, or why nothing does. */
const runtimes = new WeakMap<tf.KernelBackend, GraphRuntime | string>();

/** Registers what runs graphs on a backend, or why nothing does; called when the backend is loaded. */
export function provideGraphs(backend: tf.KernelBackend, runtime: GraphRuntime | string): void {
  runtimes.set(backend, runtime);
}

/** What runs graphs on the active backend, or why nothing does. */
export function activeGraphs(): GraphRuntime | string {
  return runtimes.get(tf.backend()) ?? `${tf.getBackend()} has no graphs`;
}
