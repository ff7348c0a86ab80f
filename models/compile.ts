/**
 * A step of TensorFlow.js as one call.
 *
 * @module
 */
import { checkNames } from "../norms/basics/options.ts";
import type { Tensor } from "../norms/basics/tensor.ts";
import * as tf from "../norms/basics/tf.ts";
import type { NativeBackend } from "./graph/backend.ts";
import { differenceOf } from "./graph/difference.ts";
import { Engines, type EngineTimes } from "./graph/engines.ts";
import { GraphFunction } from "./graph/function.ts";
import { isRecording, record, type Recording } from "./graph/recording.ts";
import { activeGraphs, type GraphRuntime } from "./graph/runtime.ts";

/** What is given to a compiled step: a number stands for a scalar. */
export type StepInputs<A extends readonly Tensor[]> = { [I in keyof A]: A[I] | number };

/** A step that is recorded and run as one call where the backend can. */
export interface CompiledStep<A extends readonly Tensor[], R> {
  (...inputs: StepInputs<A>): R;
  /** What runs it. */
  readonly mode: Engine;
  /** Why it is not what was asked for; undefined where it is. */
  readonly reason: string | undefined;
  /** Milliseconds a step on each of both, from which `fastest` has chosen; undefined before, or without. */
  readonly times: EngineTimes | undefined;
  /** How many graphs it holds, one for each set of input shapes that it has been called with. */
  readonly graphs: number;
  /** Forgets the graphs; variables keep their values. */
  dispose(): void;
  /** The same, at the end of the block of a `using`. */
  [Symbol.dispose](): void;
}

/**
 * What runs a step:
 *
 * - `eager`: TensorFlow.js, operation by operation;
 * - `graph`: TensorFlow, as one graph, by the kernels of the eager step: the results are the same bits;
 * - `xla`: XLA, which compiles the graph into one kernel and fuses and reorders operations: the last digits
 *   differ, and an index out of range gives some value in place of an error. Compiling takes a second or
 *   two for each set of input shapes; dense networks gain, convolutions on a processor lose.
 */
export type Engine = "eager" | "graph" | "xla";

const ENGINES: readonly (Engine | "fastest")[] = ["eager", "graph", "xla", "fastest"];

/** How to run a compiled step. */
export interface CompileOptions {
  /**
   * What runs it; default `graph`, whose results depend on nothing but the inputs. `fastest` measures
   * `graph` and `xla` in turns, over the first dozen calls as graphs, and stays with the faster; which one
   * that is can differ from run to run, and the last digits with it.
   *
   * What the backend cannot run as a graph runs eagerly, and what XLA cannot compile, such as kernels of
   * our own, as a graph; `mode` and `reason` say so.
   */
  readonly engine?: Engine | "fastest";
}

/** Why a step is not recorded, where nothing else keeps it from that. */
const ASKED_FOR = "it was asked for";

/** Runs until two in a row do the same: optimizers make their variables in the first. */
const MOST_RECORDINGS = 3;

/** So many graphs are kept; with more sets of shapes, the oldest is recorded again. */
const MOST_GRAPHS = 16;

/**
 * Makes one call of a step: any function of TensorFlow.js operations, with variables, gradients and an
 * optimizer.
 *
 * On native TensorFlow (the backend `tensorflow`, on a processor), the first two or three calls run the
 * step as it is and record its operations; from then on they run as one graph, without a call for each.
 * Inputs of another shape or dtype are recorded again. On every other backend the step runs as it is, and
 * so does one of more than 10,000 operations, which would take too long to record; `mode` says which.
 *
 * What a graph repeats is what the operations did, not the JavaScript around them: that runs while
 * recording only. So the step
 *
 * - takes all that changes from call to call as arguments, numbers too (they arrive as scalars);
 * - keeps state in `tf.variable`s, made before or in the first call;
 * - reads no values (`data`, `dataSync`, `print` ...) and does the same in every call;
 * - draws no random numbers;
 * - returns tensors, or lists or records of tensors; all others are disposed of.
 *
 * Two recorded runs are compared: a step that breaks these rules is refused with an error that says where.
 * Variables stay what they are: reading one gives its current value, and an assigned value is used by
 * the next call. Results have no gradient: take it in the step. If an operation fails, variables may have their
 * values from before or after the call.
 *
 * @param step It is run within `tf.tidy`.
 * @throws {TypeError} if there is no such option.
 * @throws {RangeError} if there is no such engine.
 * @throws {TypeError} at a call, if the step returns something else than tensors.
 * @throws {Error} at a call, if the step cannot be recorded, or if another backend is active than at the
 * time of `compile`.
 *
 * @example
 * ```ts
 * import { compile } from "@normbench/normbench";
 * import * as tf from "npm:@tensorflow/tfjs@4.22.0";
 *
 * const w = tf.variable(tf.zeros([4, 1]));
 * const optimizer = tf.train.adam(0.01);
 * const step = compile((x: tf.Tensor2D, y: tf.Tensor2D) =>
 *   optimizer.minimize(() => tf.losses.meanSquaredError(y, tf.matMul(x, w)), true, [w])!
 * );
 * const loss = step(tf.ones([8, 4]), tf.ones([8, 1]));
 * ```
 */
export function compile<A extends readonly Tensor[], R>(
  step: (...inputs: A) => R,
  options: CompileOptions = {},
): CompiledStep<A, R> {
  checkNames("compile()", Object.keys(options), ["engine"]);
  const { engine = "graph" } = options;
  if (!ENGINES.includes(engine)) {
    throw new RangeError(`there is no engine "${engine}": choose one of ${ENGINES.join(", ")}`);
  }
  const runner = new Runner(step as unknown as (...inputs: Tensor[]) => R, engine);
  const compiled = (...inputs: StepInputs<A>) => runner.call(inputs);
  return Object.defineProperties(compiled, {
    mode: { get: () => runner.mode },
    reason: { get: () => runner.reason },
    times: { get: () => runner.times },
    graphs: { get: () => runner.graphs },
    dispose: { value: () => runner.dispose() },
    [Symbol.dispose]: { value: () => runner.dispose() },
  }) as CompiledStep<A, R>;
}

/** A step on the backend that is active when it is made. */
class Runner<R> {
  readonly #step: (...inputs: Tensor[]) => R;
  readonly #backend = tf.backend();
  readonly #backendName = tf.getBackend();
  /** Or why there is none. */
  #graphs: GraphRuntime | string;
  readonly #engines: Engines;
  /** By shapes and dtypes of the inputs. */
  readonly #functions = new Map<string, GraphFunction<R>>();
  readonly #recordings = new Map<string, Recording<R>[]>();

  constructor(step: (...inputs: Tensor[]) => R, engine: Engine | "fastest") {
    this.#step = step;
    this.#graphs = engine === "eager" ? ASKED_FOR : activeGraphs();
    this.#engines = new Engines(engine === "eager" ? "graph" : engine);
  }

  get mode(): Engine {
    return typeof this.#graphs === "string" ? "eager" : this.#engines.engine;
  }

  get reason(): string | undefined {
    if (this.#graphs === ASKED_FOR) return undefined;
    return typeof this.#graphs === "string" ? this.#graphs : this.#engines.reason;
  }

  get times(): EngineTimes | undefined {
    return this.#engines.times;
  }

  get graphs(): number {
    return this.#functions.size;
  }

  call(given: readonly (Tensor | number)[]): R {
    if (tf.backend() !== this.#backend) {
      throw new Error(
        `the step was compiled for ${this.#backendName}, and ${tf.getBackend()} is active: ` +
          "compile it again",
      );
    }
    // Within another step that is recorded, it is part of that.
    if (typeof this.#graphs === "string" || isRecording()) return this.#runEagerly(given);
    const graphs = this.#graphs;
    if (tf.engine().state.gradientDepth > 0) {
      throw new Error("a step that runs as a graph has no gradient: take gradients in the step");
    }
    const numbers: Tensor[] = [];
    const inputs = given.map((input) => {
      if (typeof input !== "number") return input;
      const scalar = tf.scalar(input);
      numbers.push(scalar);
      return scalar;
    });
    try {
      const key = inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join();
      const made = this.#functions.get(key);
      return made === undefined
        ? this.#record(key, inputs, graphs)
        : this.#engines.run(made, inputs);
    } finally {
      tf.dispose(numbers);
    }
  }

  #runEagerly(given: readonly (Tensor | number)[]): R {
    return tf.tidy(() => {
      const inputs = given.map((input) => typeof input === "number" ? tf.scalar(input) : input);
      return this.#step(...inputs) as tf.TensorContainer;
    }) as R;
  }

  #record(key: string, inputs: readonly Tensor[], graphs: GraphRuntime): R {
    const backend = this.#backend as NativeBackend;
    const before = this.#recordings.get(key) ?? [];
    const { result, recording } = record(backend, this.#step, inputs);
    if (recording.tooLong !== undefined) {
      this.#graphs = recording.tooLong;
      this.dispose();
      return result;
    }
    const former = before.at(-1);
    const difference = former && differenceOf(former, recording);
    try {
      if (former !== undefined && difference === undefined) {
        setWithin(this.#functions, key, new GraphFunction(recording, backend, graphs))?.dispose();
        this.#recordings.delete(key);
      } else if (before.length + 1 >= MOST_RECORDINGS) {
        throw new Error(`the step ${difference}`);
      } else {
        setWithin(this.#recordings, key, [...before, recording]);
      }
    } catch (error) {
      tf.dispose(result as tf.TensorContainer);
      throw error;
    }
    return result;
  }

  dispose(): void {
    for (const made of this.#functions.values()) made.dispose();
    this.#functions.clear();
    this.#recordings.clear();
  }
}

/** Sets an entry; returns the oldest entry, which it removes if there are too many. */
function setWithin<V>(map: Map<string, V>, key: string, value: V): V | undefined {
  const [oldest] = map.size >= MOST_GRAPHS && !map.has(key) ? map : [];
  if (oldest !== undefined) map.delete(oldest[0]);
  map.set(key, value);
  return oldest?.[1];
}
