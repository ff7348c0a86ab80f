/**
 * Runs jobs: builds their contenders, warms them up, measures them in turns, and makes the records.
 *
 * @module
 */
import { type Uniform, uniformStream } from "../../norms/basics/random.ts";
import { assertHealthy, useBackend } from "../backend/active_backend.ts";
import { type BackendStatus, completionOf } from "../backend/registry.ts";
import { breathe } from "../../norms/basics/event_loop.ts";
import { SCHEMA } from "../run/record.ts";
import { size } from "../../norms/basics/shape.ts";
import {
  calibration,
  type Calibrator,
  fastestAt,
  measureBandwidth,
  setStopwatch,
  startCalibrator,
} from "./bandwidth.ts";
import { failedTiming, type Field } from "./contender.ts";
import { normField } from "./fields.ts";
import { checkShape } from "./inputs.ts";
import { isStep, type Job, normNameOf } from "./jobs.ts";
import {
  type Clock,
  type Effort,
  MACHINE_CLOCK,
  measureOnDevice,
  measurePeak,
  measureRounds,
  type Stopwatch,
  type Warm,
  warmUp,
} from "./measure.ts";
import type { Peer } from "./peer.ts";
import { type BandwidthRecord, type BenchRecord, COMPILED, type FailedTiming } from "./record.ts";
import { stepField, stepOptions } from "./steps.ts";
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
  const calibrator = await startCalibrator(bandwidth, stopwatch, uniform);
  try {
    for (const job of plan.jobs) {
      plan.onRecord(await runJob(job, { ...plan, stopwatch, bandwidth, calibrator }));
      // Where operations compute before they return, only this lets progress and Ctrl-C through.
      await breathe();
    }
  } finally {
    calibrator.dispose();
  }
}

interface Bench extends Pick<RunPlan, "effort" | "seed" | "pass" | "peers"> {
  readonly stopwatch: Stopwatch;
  readonly bandwidth: BandwidthRecord;
  readonly calibrator: Calibrator;
}

/** Runs a job on the active backend; errors become part of the record. */
async function runJob(job: Job, bench: Bench): Promise<BenchRecord> {
  const { backend, workload, shape } = job;
  const { seed, pass } = bench;
  const norm = normNameOf(job);
  const network = isStep(job) ? job.network : undefined;
  const uniform = uniformStream(
    ["bench", seed, pass, backend, norm, workload, network, shape].join("/"),
  );
  const head = {
    kind: "bench",
    schema: SCHEMA,
    backend,
    norm,
    workload,
    ...(network === undefined ? {} : { network }),
    shape,
    options: { ...(isStep(job) ? stepOptions(job) : job.options) },
    pass,
    seed,
  } as const;
  try {
    checkShape(shape, backend);
    const field = isStep(job)
      ? stepField(job, seed)
      : normField(job, fastestAt(bench.bandwidth, size(shape)), seed);
    try {
      return { ...head, ...await measureField(field, job, bench, uniform) };
    } finally {
      field.dispose();
    }
  } catch (error) {
    const names = isStep(job) ? [COMPILED] : Object.keys(job.norm.implementations);
    const contenders = names.map((name) => failedTiming({ name, role: "custom" }, error));
    return { ...head, cache: "hot", inputs: 0, contenders, ratios: [], calibration: null };
  }
}

/** A contender whose first run takes this many times the seconds of all rounds is not run again. */
const TOO_SLOW = 4;

/** Seconds that a first run may always take, since it includes compilation. */
const PATIENCE = 2;

async function measureField(field: Field, job: Job, bench: Bench, uniform: Uniform) {
  const { calibrator, effort, peers } = bench;
  const stopwatch: Stopwatch = { ...bench.stopwatch, leadIn: peers.length > 0 };
  const failed: FailedTiming[] = [...field.failed];
  const measured: Measured[] = [];
  const before = await calibrator.measure();
  const warm: Warm[] = [];
  for (const contender of field.contenders) {
    try {
      const longest = Math.max(PATIENCE, TOO_SLOW * effort.seconds);
      warm.push(await warmUp(contender, stopwatch, longest));
    } catch (error) {
      failed.push(failedTiming(contender, error));
    }
  }
  const prepared = [];
  for (const peer of peers) prepared.push(await peer.prepare(job));
  failed.push(...prepared.flatMap((each) => each.failed));
  const inTurns = [
    ...warm.filter(({ only }) => only === undefined),
    ...prepared.flatMap(({ ready }) => ready),
  ];
  const taken = await measureRounds(inTurns, effort, stopwatch.now, uniform);
  const after = await calibrator.measure();
  // In the order of the field, whose first is what others are compared with.
  for (const each of [...warm, ...inTurns.filter(({ role }) => role === "peer")]) {
    const { name, role, batch } = each;
    const { contender, only }: Partial<Warm> = each;
    const samples = taken.get(each) ?? [only!];
    if (samples instanceof Error) {
      failed.push(failedTiming(each, samples));
      continue;
    }
    const details = contender === undefined || only !== undefined ? {} : {
      mode: contender.mode?.(),
      peak: await measurePeak(contender),
      device: await measureOnDevice(contender, job.backend),
    };
    measured.push({ name, role, batch, samples, ...details });
  }
  await assertHealthy();
  const timings = timingsOf(measured, job);
  return {
    cache: field.cache,
    inputs: field.inputs,
    ...(field.reads === undefined ? {} : { reads: field.reads }),
    contenders: [...timings, ...failed],
    ratios: ratiosOf(timings, uniform),
    calibration: calibration(before, after),
  };
}
