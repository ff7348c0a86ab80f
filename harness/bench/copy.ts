/**
 * How fast a backend can stream: what throughput is held against, and what tells whether the machine
 * stayed as fast as it was.
 *
 * @module
 */
import type { Uniform } from "../../norms/basics/random.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import type { BandwidthRecord, Calibration } from "./record.ts";
import { median } from "../../reports/statistics.ts";
import { SCHEMA } from "../run/record.ts";
import type { BackendStatus } from "../backend/registry.ts";
import type { Completion } from "../backend/backend.ts";
import type { Contender } from "./contender.ts";
import { FLOAT_BYTES, makeRing } from "./inputs.ts";
import {
  type Clock,
  type Effort,
  measureRounds,
  type Ready,
  type Stopwatch,
  warmUp,
} from "./measure.ts";
import { spread } from "./ratios.ts";

/** Reads one tensor and writes one. */
export type Copy = (x: Tensor) => Tensor;

/**
 * Operations that stream. tfjs has none that only copies: `clone`, `reshape` and on some backends
 * `slice` move nothing. Which of these is fastest differs from backend to backend.
 */
const COPIES: Readonly<Record<string, Copy>> = {
  abs: (x) => tf.abs(x),
  square: (x) => tf.square(x),
  double: (x) => tf.mul(x, 2),
};

/** The operation of that name. */
export function copyOperation(name: string): Copy {
  return COPIES[name]!;
}

/** Sizes in elements: one for each level of a memory, the last far larger than a cache. */
const SIZES = [2 ** 14, 2 ** 18, 2 ** 22] as const;

const EFFORT: Effort = { leastRounds: 5, seconds: 0.4 };

/** Completions that are timed with nothing to wait for. */
const COMPLETIONS = 20;

/** Sets a stopwatch for the active backend, after timing its empty completion. */
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
  { name }: BackendStatus,
  completion: BandwidthRecord["completion"],
  stopwatch: Stopwatch,
  uniform: Uniform,
): Promise<BandwidthRecord> {
  const times = new Map<number, Map<string, number>>();
  for (const size of SIZES) times.set(size, await copyTimes(size, stopwatch, uniform));
  const largest = times.get(SIZES.at(-1)!)!;
  const [operation] = [...largest].reduce((best, other) => other[1] < best[1] ? other : best);
  const points = SIZES.map((elements) => {
    const seconds = times.get(elements)!.get(operation)!;
    return { elements, seconds, bytesPerSecond: 2 * FLOAT_BYTES * elements / seconds };
  });
  const { bytesPerSecond } = points.at(-1)!;
  return {
    kind: "bandwidth",
    schema: SCHEMA,
    backend: name,
    operation,
    points,
    bytesPerSecond,
    completion,
  };
}

/** Seconds of each operation at one size. */
async function copyTimes(
  size: number,
  stopwatch: Stopwatch,
  uniform: Uniform,
): Promise<Map<string, number>> {
  const ring = makeRing([size], "bench/copy");
  try {
    const ready: Ready[] = [];
    for (const [name, copy] of Object.entries(COPIES)) {
      const contender: Contender = {
        name,
        role: "copy",
        run: (turn) => [copy(ring.at(turn))],
        dispose: () => {},
      };
      ready.push(await warmUp(contender, stopwatch));
    }
    const samples = await measureRounds(ready, EFFORT, stopwatch, uniform);
    return new Map(ready.map(({ contender }) => {
      const taken = samples.get(contender)!;
      if (taken instanceof Error) throw taken;
      return [contender.name, median(taken)];
    }));
  } finally {
    ring.dispose();
  }
}

/** A machine that is this much faster or slower after a group is not the one before it. */
const DRIFT = 1.25;

/** Samples of the calibration kernel; the lower quarter counts, which bursts of other work do not reach. */
const CALIBRATIONS = 15;

/** A kernel of fixed size, timed around every group. */
export class Calibrator {
  readonly #ready: Ready;
  readonly #stopwatch: Stopwatch;
  readonly #uniform: Uniform;
  readonly #ring: ReturnType<typeof makeRing>;

  private constructor(
    ready: Ready,
    ring: ReturnType<typeof makeRing>,
    stopwatch: Stopwatch,
    uniform: Uniform,
  ) {
    this.#ready = ready;
    this.#ring = ring;
    this.#stopwatch = stopwatch;
    this.#uniform = uniform;
  }

  /** Warms the kernel up on the active backend. */
  static async make(copy: Copy, stopwatch: Stopwatch, uniform: Uniform): Promise<Calibrator> {
    const ring = makeRing([SIZES[1]], "bench/calibration");
    const contender: Contender = {
      name: "calibration",
      role: "copy",
      run: (turn) => [copy(ring.at(turn))],
      dispose: () => {},
    };
    return new Calibrator(await warmUp(contender, stopwatch), ring, stopwatch, uniform);
  }

  /** Seconds of the kernel now. */
  async measure(): Promise<number> {
    const effort = { leastRounds: CALIBRATIONS, seconds: 0 };
    const samples = await measureRounds([this.#ready], effort, this.#stopwatch, this.#uniform);
    const taken = samples.get(this.#ready.contender)!;
    if (taken instanceof Error) throw taken;
    return spread(taken).p25;
  }

  /** Frees its inputs. */
  dispose(): void {
    this.#ring.dispose();
  }
}

/** Judges whether the machine stayed as fast as it was. */
export function calibration(before: number, after: number): Calibration {
  return { before, after, drifted: Math.max(after / before, before / after) > DRIFT };
}
