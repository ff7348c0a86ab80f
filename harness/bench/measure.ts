/**
 * Measuring: contenders take turns, in random order, in one process.
 *
 * @module
 */
import { breathe } from "../../norms/basics/event_loop.ts";
import { shuffle, type Uniform } from "../../norms/basics/random.ts";
import * as tf from "../../norms/basics/tf.ts";
import { count } from "../../reports/format.ts";
import type { Completion } from "../backend/backend.ts";
import { backendNamed } from "../backend/registry.ts";
import { type Contender, type Named, runOnce } from "./contender.ts";
import { measure } from "./mitata.ts";

export type Clock = () => number;

export const MACHINE_CLOCK: Clock = () => performance.now() / 1000;

/** Seconds that a sample lasts at least; a shorter one would measure the clock and the loop. */
const LEAST_SAMPLE = 2e-3;

/** The largest share of a sample that a completion may take; else a sample has more runs. */
const COMPLETION_SHARE = 0.1;

const MOST_RUNS = 1024;

/** Seconds that a contender runs before it is measured, so that its code is compiled. */
const WARM_UP = 0.04;

/** More rounds than this do not improve a median. */
const MOST_ROUNDS = 200;

export interface Stopwatch {
  readonly now: Clock;
  readonly complete: Completion;
  /** Seconds of a completion with nothing before it. */
  readonly completionSeconds: number;
  /** Whether an untimed run precedes each sample: other processes take turns, and empty the caches. */
  readonly leadIn?: boolean;
}

export interface Effort {
  readonly leastRounds: number;
  /** Seconds after which no further round begins. */
  readonly seconds: number;
}

/** What can take turns. */
export interface Ready extends Named {
  /** Runs in a sample. */
  readonly batch: number;
  /** Seconds a run of one sample, which runs on inputs from `turn` on. */
  sample(turn: number): Promise<number>;
}

/** A contender that is warm, or one that was too slow for a second run. */
export interface Warm extends Ready {
  readonly contender: Contender;
  /** Seconds of the first run, where it took so long that it stays the only one. */
  readonly only?: number;
}

/** Seconds of `batch` runs on inputs from `turn` on, and one completion. */
async function secondsOf(
  contender: Contender,
  batch: number,
  turn: number,
  { now, complete }: Stopwatch,
): Promise<number> {
  await breathe();
  const start = now();
  for (let i = 0; i < batch; i++) {
    const waiting = runOnce(contender, turn + i);
    if (waiting !== undefined) await waiting;
  }
  await complete();
  return now() - start;
}

function warm(contender: Contender, batch: number, stopwatch: Stopwatch): Warm {
  return {
    ...{ name: contender.name, role: contender.role, contender, batch },
    async sample(turn) {
      if (stopwatch.leadIn) await secondsOf(contender, 1, turn + batch, stopwatch);
      return await secondsOf(contender, batch, turn, stopwatch) / batch;
    },
  };
}

/**
 * Runs a contender until it is compiled and cached, and finds how many runs make a sample.
 *
 * @param longest A contender whose first run takes more seconds than this is not run again, so that one
 *   that takes minutes does not delay all others.
 * @throws {Error} if it fails, or keeps tensors.
 */
export async function warmUp(
  contender: Contender,
  stopwatch: Stopwatch,
  longest = Infinity,
): Promise<Warm> {
  const least = Math.max(LEAST_SAMPLE, stopwatch.completionSeconds / COMPLETION_SHARE);
  const start = stopwatch.now();
  const first = await secondsOf(contender, 1, 0, stopwatch);
  if (first > longest) return { ...warm(contender, 1, stopwatch), only: first };
  // What the first run makes and keeps is state: moments of an optimizer, constants of a layer.
  const before = tf.memory().numTensors;
  let batch = 1;
  while (batch < MOST_RUNS && await secondsOf(contender, batch, 0, stopwatch) < least) {
    batch *= 2;
  }
  while (stopwatch.now() - start < WARM_UP) await secondsOf(contender, batch, 0, stopwatch);
  const kept = tf.memory().numTensors - before;
  if (kept !== 0) throw new Error(`${contender.name} leaked ${count(kept, "tensor")}`);
  return warm(contender, batch, stopwatch);
}

/** Seconds a run, sample by sample, or what a contender threw. */
export type Taken = number[] | Error;

/**
 * Times contenders in rounds; each contender gives one sample a round, in random order.
 *
 * mitata decides how many rounds there are. A contender that throws is left out of later rounds.
 */
export async function measureRounds(
  contenders: readonly Ready[],
  { leastRounds, seconds }: Effort,
  now: Clock,
  uniform: Uniform,
): Promise<ReadonlyMap<Ready, Taken>> {
  const samples = new Map<Ready, Taken>(contenders.map((each) => [each, []]));
  let turn = 0;
  const round = async () => {
    for (const ready of shuffle([...contenders], uniform)) {
      const taken = samples.get(ready)!;
      if (taken instanceof Error) continue;
      // Fresh inputs for each contender, or it would find in the cache what the last one read.
      const first = turn;
      turn += ready.batch;
      try {
        taken.push(await ready.sample(first));
      } catch (error) {
        samples.set(ready, error instanceof Error ? error : new Error(String(error)));
      }
    }
  };
  await measure(round, {
    now: () => now() * 1e9,
    min_samples: leastRounds,
    max_samples: MOST_ROUNDS,
    min_cpu_time: seconds * 1e9,
    // A round is long enough to be timed alone, and its garbage collection counts.
    batch_threshold: -1,
    warmup_threshold: -1,
    gc: false,
  });
  for (const taken of samples.values()) {
    // mitata runs one round before it looks at the clock.
    if (Array.isArray(taken)) taken.shift();
  }
  return samples;
}

/** Runs that are timed on the device, after one that is not. */
const DEVICE_RUNS = 10;

/**
 * Seconds by the device's own clock that the kernels of a run took, for several runs; empty where the
 * device has no clock.
 *
 * @param backend The active one.
 */
export async function measureOnDevice(contender: Contender, backend: string): Promise<number[]> {
  const clock = backendNamed(backend).deviceClock?.();
  if (clock === undefined) return [];
  const samples: number[] = [];
  for (let run = 0; run <= DEVICE_RUNS; run++) {
    samples.push(await clock(() => runOnce(contender, run)));
  }
  return samples.slice(1);
}

/** The most bytes and tensors that a run holds at once, beyond those held before. */
export type Peak = Readonly<Record<"peakBytes" | "peakTensors", number>>;

/** Undefined where the backend does not tell: a step that runs as a graph has no kernels of its own. */
export async function measurePeak(contender: Contender): Promise<Peak | undefined> {
  const { numBytes, numTensors } = tf.memory();
  const { kernels, peakBytes } = await tf.profile(() => runOnce(contender, 0));
  if (kernels.length === 0) return undefined;
  const peakTensors = Math.max(...kernels.map(({ totalTensorsSnapshot }) => totalTensorsSnapshot));
  return { peakBytes: peakBytes - numBytes, peakTensors: peakTensors - numTensors };
}
