/**
 * How fast a backend moves data: the scale for throughput, and the check that the machine kept its speed.
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

/** An operation that does next to nothing but move data. */
export interface PlainOperation {
  readonly name: string;
  /** Tensors that it reads and writes. */
  readonly tensors: number;
  run(x: Tensor): Tensor;
}

/**
 * Which is fastest depends on the backend and the size. tfjs has none that only copies: `clone`,
 * `reshape` and on some backends `slice` move nothing. A sum writes next to nothing, and so shows how
 * fast a backend reads without asking for memory.
 */
const PLAIN_OPERATIONS: readonly PlainOperation[] = [
  { name: "abs", tensors: 2, run: (x) => tf.abs(x) },
  { name: "relu", tensors: 2, run: (x) => tf.relu(x) },
  { name: "square", tensors: 2, run: (x) => tf.square(x) },
  { name: "add scalar", tensors: 2, run: (x) => tf.add(x, 1) },
  { name: "double", tensors: 2, run: (x) => tf.mul(x, 2) },
  { name: "sum", tensors: 1, run: (x) => tf.sum(x) },
];

export function plainOperation(name: string): PlainOperation {
  return PLAIN_OPERATIONS.find((each) => each.name === name)!;
}

/** Elements of the tensors: one size for each level of a memory, the last beyond all caches. */
const SIZES = [2 ** 14, 2 ** 18, 2 ** 22] as const;

/** The plain operation that was fastest at the size next to this one. */
export function fastestAt(
  { operation, points }: BandwidthRecord,
  elements: number,
): PlainOperation {
  const distance = (size: number) => Math.abs(Math.log(size / elements));
  const nearest = points.reduce((best, other) =>
    distance(other.elements) < distance(best.elements) ? other : best
  );
  return plainOperation(nearest.operation ?? operation);
}

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

/** Finds the plain operation that moves most bytes a second on the active backend, at every size. */
export async function measureBandwidth(
  backend: string,
  completion: BandwidthRecord["completion"],
  stopwatch: Stopwatch,
  uniform: Uniform,
): Promise<BandwidthRecord> {
  const points: (BandwidthRecord["points"][number] & { readonly operation: string })[] = [];
  for (const size of SIZES) points.push(await fastest(size, stopwatch, uniform));
  const { operation, bytesPerSecond } = points.at(-1)!;
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

async function fastest(elements: number, stopwatch: Stopwatch, uniform: Uniform) {
  const ring = makeRing([elements], "bench/copy");
  try {
    const ready: Ready[] = [];
    for (const operation of PLAIN_OPERATIONS) {
      ready.push(await warmUp(contenderOf(operation, ring), stopwatch));
    }
    const samples = await measureRounds(ready, EFFORT, stopwatch.now, uniform);
    const points = [...samples].map(([{ name }, taken]) => {
      const seconds = median(valid(taken));
      const bytes = plainOperation(name).tensors * FLOAT_BYTES * elements;
      return { operation: name, elements, seconds, bytesPerSecond: bytes / seconds };
    });
    return points.reduce((best, other) =>
      other.bytesPerSecond > best.bytesPerSecond ? other : best
    );
  } finally {
    ring.dispose();
  }
}

function valid(taken: Taken): number[] {
  if (taken instanceof Error) throw taken;
  return taken;
}

/** A contender that moves the tensors of a ring, which it leaves to others to dispose of. */
export function contenderOf({ name, run }: PlainOperation, ring: Ring): Contender {
  return {
    name,
    role: "copy",
    run: (turn) => [tf.tidy(() => run(ring.at(turn)))],
    dispose: () => {},
  };
}

/** Samples of a calibration, of which the lower quartile counts: bursts of other work do not reach it. */
const CALIBRATION: Effort = { leastRounds: 15, seconds: 0 };

/** A plain operation of fixed size, timed before and after every group. */
export interface Calibrator {
  measure(): Promise<number>;
  dispose(): void;
}

export async function startCalibrator(
  bandwidth: BandwidthRecord,
  stopwatch: Stopwatch,
  uniform: Uniform,
): Promise<Calibrator> {
  const ring = makeRing([SIZES[1]], "bench/calibration");
  const ready = await warmUp(contenderOf(fastestAt(bandwidth, SIZES[1]), ring), stopwatch);
  return {
    measure: async () => {
      const samples = await measureRounds([ready], CALIBRATION, stopwatch.now, uniform);
      return spread(valid(samples.get(ready)!)).p25;
    },
    dispose: () => ring.dispose(),
  };
}

/** A machine has drifted if it is faster or slower by this factor after a group. */
const DRIFT = 1.25;

export function calibration(before: number, after: number): Calibration {
  return { before, after, drifted: Math.max(after / before, before / after) > DRIFT };
}
