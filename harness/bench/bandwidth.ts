/**
 * How fast a backend copies: the scale for throughput, and the check that the machine kept its speed.
 *
 * @module
 */
import type { Uniform } from "../../norms/basics/random.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { median } from "../../reports/statistics.ts";
import type { Completion } from "../backend/backend.ts";
import { SCHEMA } from "../run/record.ts";
import type { Contender } from "./contender.ts";
import { FLOAT_BYTES, makeRing, type Ring } from "./inputs.ts";
import {
  type Clock,
  type Effort,
  measureRounds,
  type Ready,
  type Stopwatch,
  type Taken,
  warmUp,
} from "./measure.ts";
import { spread } from "./ratios.ts";
import type { BandwidthRecord, Calibration } from "./record.ts";

export type Copy = (x: Tensor) => Tensor;

/**
 * Operations that stream. tfjs has none that only copies: `clone`, `reshape` and on some backends
 * `slice` move nothing. Which of these is fastest depends on the backend.
 */
const COPIES: Readonly<Record<string, Copy>> = {
  abs: (x) => tf.abs(x),
  square: (x) => tf.square(x),
  double: (x) => tf.mul(x, 2),
};

export function copyOperation(name: string): Copy {
  return COPIES[name]!;
}

/** Elements of the copied tensors: one size for each level of a memory, the last beyond all caches. */
const SIZES = [2 ** 14, 2 ** 18, 2 ** 22] as const;

const EFFORT: Effort = { leastRounds: 5, seconds: 0.4 };

const COMPLETIONS = 20;

/** Sets up a stopwatch for the active backend, after timing its empty completion. */
export async function setStopwatch(complete: Completion, now: Clock): Promise<{
  readonly stopwatch: Stopwatch;
  readonly completion: BandwidthRecord["completion"];
}> {
  await complete();
  const samples: number[] = [];
  for (let i = 0; i < COMPLETIONS; i++) {
    const start = now();
    await complete();
    samples.push(now() - start);
  }
  const completion = spread(samples);
  return { stopwatch: { now, complete, completionSeconds: completion.median }, completion };
}

/** Finds the operation that streams fastest on the active backend, and how fast it is at every size. */
export async function measureBandwidth(
  backend: string,
  completion: BandwidthRecord["completion"],
  stopwatch: Stopwatch,
  uniform: Uniform,
): Promise<BandwidthRecord> {
  const times: Map<string, number>[] = [];
  for (const size of SIZES) times.push(await copyTimes(size, stopwatch, uniform));
  const [operation] = [...times.at(-1)!].reduce((best, other) => other[1] < best[1] ? other : best);
  const points = SIZES.map((elements, i) => {
    const seconds = times[i]!.get(operation)!;
    return { elements, seconds, bytesPerSecond: 2 * FLOAT_BYTES * elements / seconds };
  });
  const { bytesPerSecond } = points.at(-1)!;
  return {
    kind: "bandwidth",
    schema: SCHEMA,
    backend,
    operation,
    points,
    bytesPerSecond,
    completion,
  };
}

async function copyTimes(
  size: number,
  stopwatch: Stopwatch,
  uniform: Uniform,
): Promise<Map<string, number>> {
  const ring = makeRing([size], "bench/copy");
  try {
    const ready: Ready[] = [];
    for (const [name, copy] of Object.entries(COPIES)) {
      ready.push(await warmUp(copyOf(name, copy, ring), stopwatch));
    }
    const samples = await measureRounds(ready, EFFORT, stopwatch, uniform);
    return new Map([...samples].map(([{ name }, taken]) => [name, median(valid(taken))]));
  } finally {
    ring.dispose();
  }
}

function valid(taken: Taken): number[] {
  if (taken instanceof Error) throw taken;
  return taken;
}

function copyOf(name: string, copy: Copy, ring: Ring): Contender {
  return { name, role: "copy", run: (turn) => [copy(ring.at(turn))], dispose: () => {} };
}

/** Samples of a calibration, of which the lower quartile counts: bursts of other work do not reach it. */
const CALIBRATION: Effort = { leastRounds: 15, seconds: 0 };

/** A copy of fixed size, timed before and after every group. */
export interface Calibrator {
  measure(): Promise<number>;
  dispose(): void;
}

export async function startCalibrator(
  copy: Copy,
  stopwatch: Stopwatch,
  uniform: Uniform,
): Promise<Calibrator> {
  const ring = makeRing([SIZES[1]], "bench/calibration");
  const ready = await warmUp(copyOf("calibration", copy, ring), stopwatch);
  return {
    measure: async () => {
      const samples = await measureRounds([ready], CALIBRATION, stopwatch, uniform);
      return spread(valid(samples.get(ready.contender)!)).p25;
    },
    dispose: () => ring.dispose(),
  };
}

/** A machine has drifted if it is faster or slower by this factor after a group. */
const DRIFT = 1.25;

export function calibration(before: number, after: number): Calibration {
  return { before, after, drifted: Math.max(after / before, before / after) > DRIFT };
}
