/**
 * Measuring: contenders take turns, in random order, in one process.
 *
 * @module
 */
import { shuffle, type Uniform } from "../../norms/basics/random.ts";
import * as tf from "../../norms/basics/tf.ts";
import type { Completion } from "../backend/backend.ts";
import { type Contender, runOnce } from "./contender.ts";
import { measure } from "./mitata.ts";

/** Seconds since any moment. */
export type Clock = () => number;

/** The clock of the machine. */
export const MACHINE_CLOCK: Clock = () => performance.now() / 1000;

/** Seconds that a sample lasts at the least; below, the clock and the loop would be measured. */
const LEAST_SAMPLE = 2e-3;

/** A completion may take this share of a sample; else more runs share it. */
const COMPLETION_SHARE = 0.1;

/** The most runs in a sample. */
const MOST_RUNS = 1024;

/** Seconds that a contender runs before it is measured, so that its code is compiled. */
const WARM_UP = 0.04;

/** More rounds than this make no median better. */
const MOST_ROUNDS = 200;

/** How a backend is measured. */
export interface Stopwatch {
  readonly now: Clock;
  readonly complete: Completion;
  /** Seconds of a completion with nothing before it. */
  readonly completionSeconds: number;
}

/** How long to measure. */
export interface Effort {
  /** Rounds there must be, however long they take. */
  readonly leastRounds: number;
  /** Seconds after which there are no more rounds. */
  readonly seconds: number;
}

/** A contender that has warmed up. */
export interface Ready {
  readonly contender: Contender;
  /** Runs in a sample. */
  readonly batch: number;
  /** Seconds of the first run, where it took so long that it stays the only one. */
  readonly only?: number;
}

/** Seconds of one sample: `batch` runs, on inputs from `turn` on, and their completion. */
async function sampleSeconds(
  { contender, batch }: Ready,
  turn: number,
  { now, complete }: Stopwatch,
): Promise<number> {
  const start = now();
  for (let i = 0; i < batch; i++) runOnce(contender, turn + i);
  await complete();
  return now() - start;
}

/**
 * Runs a contender until it is compiled and cached, and finds how many runs make a sample.
 *
 * @param longest Seconds of a first run after which there is no other: one that takes minutes would hold
 *   up all others, and a single run tells enough.
 * @throws {Error} if it fails, or keeps tensors.
 */
export async function warmUp(
  contender: Contender,
  stopwatch: Stopwatch,
  longest = Infinity,
): Promise<Ready> {
  const before = tf.memory().numTensors;
  const least = Math.max(LEAST_SAMPLE, stopwatch.completionSeconds / COMPLETION_SHARE);
  const start = stopwatch.now();
  const first = await sampleSeconds({ contender, batch: 1 }, 0, stopwatch);
  if (first > longest) return { contender, batch: 1, only: first };
  let batch = 1;
  while (batch < MOST_RUNS && await sampleSeconds({ contender, batch }, 0, stopwatch) < least) {
    batch *= 2;
  }
  while (stopwatch.now() - start < WARM_UP) {
    await sampleSeconds({ contender, batch }, 0, stopwatch);
  }
  const kept = tf.memory().numTensors - before;
  if (kept !== 0) throw new Error(`${contender.name} kept ${kept} tensors that nobody disposed of`);
  return { contender, batch };
}

/** Samples by contender, in seconds a run, or what it threw. */
export type Samples = ReadonlyMap<Contender, number[] | Error>;

/**
 * Times contenders in rounds; in each, every one gives a sample, in an order drawn anew.
 *
 * mitata decides how many rounds there are. A contender that throws is out of the rounds that follow.
 */
export async function measureRounds(
  contenders: readonly Ready[],
  { leastRounds, seconds }: Effort,
  stopwatch: Stopwatch,
  uniform: Uniform,
): Promise<Samples> {
  const samples = new Map<Contender, number[] | Error>(
    contenders.map(({ contender }) => [contender, []]),
  );
  let turn = 0;
  const round = async () => {
    for (const ready of shuffle([...contenders], uniform)) {
      const taken = samples.get(ready.contender)!;
      if (taken instanceof Error) continue;
      // No contender is to find in the cache what the one before it has just read.
      const first = turn;
      turn += ready.batch;
      try {
        taken.push(await sampleSeconds(ready, first, stopwatch) / ready.batch);
      } catch (error) {
        samples.set(ready.contender, error instanceof Error ? error : new Error(String(error)));
      }
    }
  };
  await measure(round, {
    now: () => stopwatch.now() * 1e9,
    min_samples: leastRounds,
    max_samples: MOST_ROUNDS,
    min_cpu_time: seconds * 1e9,
    // A round is never too short to be timed alone, and collecting garbage is part of its time.
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

/** The most that a run holds at once, beyond what was there before. */
export async function measurePeak(
  contender: Contender,
): Promise<{ peakBytes: number; peakTensors: number }> {
  const { numBytes, numTensors } = tf.memory();
  const { kernels, peakBytes } = await tf.profile(() => runOnce(contender, 0));
  const peakTensors = Math.max(...kernels.map(({ totalTensorsSnapshot }) => totalTensorsSnapshot));
  return { peakBytes: peakBytes - numBytes, peakTensors: peakTensors - numTensors };
}
