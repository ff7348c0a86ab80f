/**
 * Runs jobs: builds their contenders, warms them up, measures them in turns, and makes the records.
 *
 * @module
 */
import { type Uniform, uniformStream } from "../../norms/basics/random.ts";
import { assertHealthy, useBackend } from "../backend/active_backend.ts";
import { type BackendStatus, completionOf } from "../backend/registry.ts";
import { eventLoopTurn } from "../run/runtime.ts";
import { SCHEMA } from "../run/record.ts";
import {
  calibration,
  type Calibrator,
  type Copy,
  copyOperation,
  measureBandwidth,
  setStopwatch,
  startCalibrator,
} from "./bandwidth.ts";
import { type Contender, failedTiming, type Field } from "./contender.ts";
import { buildField } from "./fields.ts";
import { checkMemory } from "./inputs.ts";
import type { Job } from "./jobs.ts";
import {
  type Clock,
  type Effort,
  MACHINE_CLOCK,
  measureOnDevice,
  measurePeak,
  measureRounds,
  type Ready,
  type Stopwatch,
  type Taken,
  warmUp,
} from "./measure.ts";
import type { Peer, PeerSamples } from "./peer.ts";
import type { BandwidthRecord, BenchRecord, FailedTiming } from "./record.ts";
import { type Measured, ratiosOf, timingsOf } from "./timing.ts";

export interface RunPlan {
  readonly jobs: readonly Job[];
  readonly effort: Effort;
  readonly seed: number;
  readonly pass: number;
  readonly peers: readonly Peer[];
  /** The bandwidth of the backend, where it was measured before. */
  readonly bandwidth?: BandwidthRecord | undefined;
  /** The machine's, unless a test counts otherwise. */
  readonly clock?: Clock;
  onRecord(record: BandwidthRecord | BenchRecord): void;
}

/** Runs jobs on one backend, which it activates; measures its bandwidth first, unless that is known. */
export async function runJobs({ name }: BackendStatus, plan: RunPlan): Promise<void> {
  if (plan.jobs.length === 0) return;
  await useBackend(name);
  const uniform = uniformStream(`bench/${plan.seed}/${plan.pass}/${name}`);
  const { stopwatch, completion } = await setStopwatch(
    completionOf(name),
    plan.clock ?? MACHINE_CLOCK,
  );
  const bandwidth = plan.bandwidth ??
    await measureBandwidth(name, completion, stopwatch, uniform);
  if (plan.bandwidth === undefined) plan.onRecord(bandwidth);
  const copy = copyOperation(bandwidth.operation);
  const calibrator = await startCalibrator(copy, stopwatch, uniform);
  try {
    for (const job of plan.jobs) {
      plan.onRecord(await runJob(job, { ...plan, stopwatch, copy, calibrator }));
      // Where operations compute before they return, only this lets progress and Ctrl-C through.
      await eventLoopTurn();
    }
  } finally {
    calibrator.dispose();
  }
}

interface Bench extends Pick<RunPlan, "effort" | "seed" | "pass" | "peers"> {
  readonly stopwatch: Stopwatch;
  readonly copy: Copy;
  readonly calibrator: Calibrator;
}

/** Runs a job on the active backend; errors become part of the record. */
async function runJob(job: Job, bench: Bench): Promise<BenchRecord> {
  const { backend, norm, workload, network, shape, options } = job;
  const { seed, pass } = bench;
  const uniform = uniformStream(
    ["bench", seed, pass, backend, norm.name, workload, network, shape].join("/"),
  );
  const head = {
    kind: "bench",
    schema: SCHEMA,
    backend,
    norm: norm.name,
    workload,
    ...(network === undefined ? {} : { network }),
    shape,
    options: { ...options },
    pass,
    seed,
  } as const;
  try {
    checkMemory(shape, backend);
    const field = buildField(job, bench.copy, seed);
    try {
      return { ...head, ...await measureField(field, job, bench, uniform) };
    } finally {
      field.dispose();
    }
  } catch (error) {
    const contenders = Object.keys(norm.implementations).map((name) =>
      failedTiming({ name, role: "custom" }, error)
    );
    return { ...head, cache: "hot", inputs: 0, contenders, ratios: [], calibration: null };
  }
}

/** A contender whose first run takes this many times the seconds of all rounds is not run again. */
const TOO_SLOW = 4;

/** Seconds that a first run may always take, since it includes compilation. */
const PATIENCE = 2;

async function measureField(field: Field, job: Job, bench: Bench, uniform: Uniform) {
  const { calibrator, effort, stopwatch } = bench;
  const failed: FailedTiming[] = [...field.failed];
  const measured: Measured[] = [];
  const before = await calibrator.measure();
  const ready: Ready[] = [];
  for (const contender of field.contenders) {
    try {
      const longest = Math.max(PATIENCE, TOO_SLOW * effort.seconds);
      ready.push(await warmUp(contender, stopwatch, longest));
    } catch (error) {
      failed.push(failedTiming(contender, error));
    }
  }
  const inTurns = ready.filter(({ only }) => only === undefined);
  const { own, peers } = await measureBlocks(inTurns, job, bench, uniform);
  const after = await calibrator.measure();
  for (const { contender, batch, only } of ready) {
    const { name, role } = contender;
    const samples = only === undefined ? own.get(contender)! : [only];
    if (samples instanceof Error) {
      failed.push(failedTiming(contender, samples));
    } else if (only !== undefined) {
      measured.push({ name, role, batch, samples });
    } else {
      const peak = await measurePeak(contender);
      const device = await measureOnDevice(contender, job.backend);
      measured.push({ name, role, batch, samples, device, peak });
    }
  }
  for (const { name, samples, batch } of peers) {
    if (samples instanceof Error) failed.push(failedTiming({ name, role: "peer" }, samples));
    else measured.push({ name, role: "peer", batch, samples });
  }
  await assertHealthy();
  const timings = timingsOf(measured, job);
  return {
    cache: field.cache,
    inputs: field.inputs,
    contenders: [...timings, ...failed],
    ratios: ratiosOf(timings, uniform),
    calibration: calibration(before, after),
  };
}

/** Blocks in which peers and contenders take turns. */
const BLOCKS = 3;

/** Without peers one block, else several blocks, after each of which the peers are timed. */
async function measureBlocks(
  ready: readonly Ready[],
  job: Job,
  { effort, stopwatch, peers }: Bench,
  uniform: Uniform,
) {
  const blocks = peers.length > 0 ? BLOCKS : 1;
  const share: Effort = {
    leastRounds: Math.ceil(effort.leastRounds / blocks),
    seconds: effort.seconds / blocks,
  };
  const own = new Map<Contender, Taken>();
  const theirs = new Map<string, PeerSamples>();
  for (let block = 0; block < blocks; block++) {
    const left = ready.filter(({ contender }) => !(own.get(contender) instanceof Error));
    if (left.length > 0) {
      for (const [contender, taken] of await measureRounds(left, share, stopwatch, uniform)) {
        own.set(contender, joined(own.get(contender), taken));
      }
    }
    for (const peer of peers) {
      const before = theirs.get(peer.name)?.samples;
      if (before instanceof Error) continue;
      const answer = await peer.time(job, share);
      if (answer === undefined) continue;
      theirs.set(peer.name, { ...answer, samples: joined(before, answer.samples) });
    }
  }
  return { own, peers: [...theirs.values()] };
}

function joined(before: Taken | undefined, block: Taken): Taken {
  if (before === undefined || before instanceof Error) return before ?? block;
  return block instanceof Error ? block : [...before, ...block];
}
