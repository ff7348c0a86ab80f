/**
 * What runs a recorded step: TensorFlow's executor of graphs, or XLA.
 *
 * @module
 */
import type { Tensor } from "../../norms/basics/tensor.ts";
import { type GraphEngine, type GraphFunction, StepError } from "./function.ts";

/** Milliseconds a step, as measured on each. */
export type EngineTimes = Readonly<Record<GraphEngine, number>>;

/** Steps on each engine, from which the faster is chosen; the first on each only warms up. */
const MEASURED = 5;

/** The engine of a step: one that was asked for, or the faster of both in the first steps. */
export class Engines {
  #engine: GraphEngine | undefined;
  #reason: string | undefined;
  #times: EngineTimes | undefined;
  /** The function that is measured: another one may have inputs of another size. */
  #measured: GraphFunction<unknown> | undefined;
  readonly #samples: Readonly<Record<GraphEngine, number[]>> = { graph: [], xla: [] };

  constructor(asked: GraphEngine | "fastest") {
    this.#engine = asked === "fastest" ? undefined : asked;
  }

  /** Which engine runs; as long as both are measured, `graph`. */
  get engine(): GraphEngine {
    return this.#engine ?? "graph";
  }

  /** Why it is not XLA, where that was asked for or was to be measured. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** What the choice followed from; undefined where nothing was measured, or is not yet. */
  get times(): EngineTimes | undefined {
    return this.#times;
  }

  /** Runs a step. */
  run<R>(step: GraphFunction<R>, inputs: readonly Tensor[]): R {
    if (this.#engine !== undefined) return this.#runOn(this.#engine, step, inputs);
    this.#measured ??= step;
    if (this.#measured !== step) return step.run(inputs, "graph");
    const { graph, xla } = this.#samples;
    const engine = xla.length < graph.length ? "xla" : "graph";
    const start = performance.now();
    const result = this.#runOn(engine, step, inputs);
    this.#samples[engine].push(performance.now() - start);
    if (xla.length > MEASURED) this.#choose();
    return result;
  }

  #choose(): void {
    // The least: what else the machine does only adds.
    const least = (samples: readonly number[]) => Math.min(...samples.slice(1));
    const times = { graph: least(this.#samples.graph), xla: least(this.#samples.xla) };
    this.#times = times;
    this.#engine = times.xla < times.graph ? "xla" : "graph";
    this.#measured = undefined;
  }

  /** What XLA cannot compile runs as a graph. Compiling comes first, so that nothing has run by then. */
  #runOn<R>(engine: GraphEngine, step: GraphFunction<R>, inputs: readonly Tensor[]): R {
    if (engine === "graph" || step.hasRunOnXla) return step.run(inputs, engine);
    try {
      return step.run(inputs, "xla");
    } catch (cause) {
      const result = step.run(inputs, "graph");
      const what = cause instanceof StepError ? cause.what : (cause as Error).message;
      this.#engine = "graph";
      this.#measured = undefined;
      this.#reason = `XLA cannot compile ${what}`;
      return result;
    }
  }
}
