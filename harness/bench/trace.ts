/**
 * Tracing: where the host's time goes in a run, by operation.
 *
 * The kernels of the active backend and the calls at its border are wrapped while a trace runs. What is
 * measured is the time of this thread: work that a device or other threads do meanwhile shows as waiting.
 *
 * @module
 */
import * as tf from "../../norms/basics/tf.ts";
import type { BorderCall } from "../backend/backend.ts";
import { type BackendName, backendNamed } from "../backend/registry.ts";
import type { Clock } from "./measure.ts";
import type { TracedOperation } from "./record.ts";

/** A stretch of time; spans lie within one another. */
export interface Span {
  readonly name: string;
  /** `step`: a whole run; `kernel`: a function of TensorFlow.js; `call`: one at the border of the backend. */
  readonly category: "step" | "kernel" | "call";
  /** Seconds by the tracer's clock. */
  readonly start: number;
  readonly end: number;
}

/** What a trace has found, over all of its steps. */
export interface Trace {
  readonly steps: number;
  /** Seconds of each step. */
  readonly samples: readonly number[];
  /** What kernels and calls took in all steps together, the longest first. */
  readonly operations: readonly TracedOperation[];
  /** The calls at the border of the backend, within kernels or not, by function. */
  readonly calls: readonly Omit<TracedOperation, "inside">[];
  /** The spans of the last steps, by their start. */
  readonly spans: readonly Span[];
}

/** Steps whose spans are kept. */
const KEPT = 3;

/** A span that is not over. */
interface Frame {
  readonly category: Span["category"];
  /** Seconds of kernels within it. */
  kernels: number;
  /** Seconds of calls within it, apart from those in kernels within it. */
  calls: number;
}

interface Sum {
  calls: number;
  seconds: number;
  inside: number;
}

/** Runs `step` again and again, on the active backend, and notes what it calls. */
export async function trace(
  backend: BackendName,
  step: (turn: number) => void | Promise<void>,
  steps: number,
  now: Clock,
): Promise<Trace> {
  const tracer = new Tracer(now);
  const undo = [
    ...tf.getKernelsForBackend(tf.getBackend()).map((kernel) =>
      wrap({ of: kernel, method: "kernelFunc" }, tracer, "kernel", kernel.kernelName)
    ),
    ...(backendNamed(backend).border?.() ?? []).map((call) =>
      wrap(call, tracer, "call", call.method)
    ),
  ];
  const samples: number[] = [];
  try {
    for (let turn = 0; turn < steps; turn++) {
      if (steps - turn === KEPT) tracer.spans.length = 0;
      const start = now();
      await step(turn);
      const end = now();
      samples.push(end - start);
      tracer.spans.push({ name: "step", category: "step", start, end });
    }
  } finally {
    undo.forEach((restore) => restore());
  }
  return {
    steps,
    samples,
    operations: sorted(tracer.operations),
    calls: sorted(tracer.calls).map(({ inside: _, ...call }) => call),
    spans: tracer.spans.toSorted((a, b) => a.start - b.start || b.end - a.end),
  };
}

function sorted(sums: ReadonlyMap<string, Sum>): TracedOperation[] {
  return [...sums].map(([name, sum]) => ({ name, ...sum })).sort((a, b) => b.seconds - a.seconds);
}

/** Counts and times what runs; calls within calls are part of them. */
export class Tracer {
  readonly operations = new Map<string, Sum>();
  readonly calls = new Map<string, Sum>();
  readonly spans: Span[] = [];
  readonly #now: Clock;
  readonly #open: Frame[] = [];

  constructor(now: Clock) {
    this.#now = now;
  }

  /** Runs something, and what a promise of it waits for. */
  run<T>(category: "kernel" | "call", name: string, label: string, work: () => T): T {
    if (this.#open.at(-1)?.category === "call") return work();
    const frame: Frame = { category, kernels: 0, calls: 0 };
    this.#open.push(frame);
    const start = this.#now();
    try {
      const result = work();
      if (result instanceof Promise) {
        const from = this.#now();
        void result.finally(() => this.#close(frame, `${name}: waiting`, `${label}: waiting`, from))
          .catch(() => {});
      }
      return result;
    } finally {
      this.#open.pop();
      this.#close(frame, name, label, start);
    }
  }

  #close(frame: Frame, name: string, label: string, start: number): void {
    const end = this.#now();
    const seconds = end - start;
    const outer = this.#open.at(-1);
    this.spans.push({ name: label, category: frame.category, start, end });
    if (frame.category === "kernel") {
      if (outer !== undefined) outer.kernels += seconds;
      add(this.operations, label, seconds - frame.kernels, frame.calls);
    } else {
      add(this.calls, name, seconds, seconds);
      if (outer === undefined) add(this.operations, label, seconds, seconds);
      else outer.calls += seconds;
    }
  }
}

function add(sums: Map<string, Sum>, name: string, seconds: number, inside: number): void {
  const sum = sums.get(name) ?? { calls: 0, seconds: 0, inside: 0 };
  sums.set(name, {
    calls: sum.calls + 1,
    seconds: sum.seconds + seconds,
    inside: sum.inside + inside,
  });
}

/** Lets a function pass through the tracer until the result is called. */
function wrap(
  { of, method, label }: BorderCall,
  tracer: Tracer,
  category: "kernel" | "call",
  name: string,
): () => void {
  const owner = of as Record<string, (...args: unknown[]) => unknown>;
  const own = Object.getOwnPropertyDescriptor(owner, method);
  const original = owner[method]!;
  const value = function (this: unknown, ...args: unknown[]) {
    return tracer.run(category, name, label?.(args) ?? name, () => original.apply(this, args));
  };
  Object.defineProperty(owner, method, { value, configurable: true, writable: true });
  return () => {
    if (own === undefined) delete owner[method];
    else Object.defineProperty(owner, method, own);
  };
}

/** Spans as a Chrome trace, which chrome://tracing and Perfetto open: a process for each of `traces`. */
export function chromeTrace(traces: ReadonlyMap<string, readonly Span[]>): string {
  const events = [...traces].flatMap(([name, spans], pid) => {
    const origin = Math.min(...spans.map(({ start }) => start));
    const micro = (seconds: number) => Math.round(1e9 * seconds) / 1e3;
    return [
      { ph: "M", pid, tid: 0, name: "process_name", args: { name } },
      { ph: "M", pid, tid: 0, name: "thread_name", args: { name: "JavaScript" } },
      ...spans.map(({ name, category, start, end }) => ({
        ...{ ph: "X", pid, tid: 0, name, cat: category },
        ts: micro(start - origin),
        dur: micro(end - start),
      })),
    ];
  });
  return `{"displayTimeUnit":"ms","traceEvents":[\n${
    events.map((event) => JSON.stringify(event)).join(",\n")
  }\n]}\n`;
}
