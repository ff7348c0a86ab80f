/**
 * Runs a job: builds its field, warms up, measures, and makes the record.
 *
 * @module
 */
import { type Uniform, uniformStream } from "../../norms/basics/random.ts";
import { normalizesKernels } from "../../norms/basics/norm.ts";
import { size } from "../../norms/basics/shape.ts";
import type { BandwidthRecord, BenchRecord, FailedTiming, RatioRecord, Timing } from "./record.ts";
import { SCHEMA } from "../run/record.ts";
import { assertHealthy } from "../backend/active_backend.ts";
import type { Contender } from "./contender.ts";
import { calibration, type Calibrator, copyOperation } from "./copy.ts";
import { measureOnDevice } from "./device_clock.ts";
import { FLOAT_BYTES } from "./inputs.ts";
import type { Field, Job } from "./job.ts";
import {
  type Effort,
  measurePeak,
  measureRounds,
  type Ready,
  type Stopwatch,
  warmUp,
} from "./measure.ts";
import { checkMemory } from "./memory.ts";
import { normField } from "./norm_field.ts";
import type { Peer, PeerSamples } from "./peer.ts";
import { pairedRatio, spread, unpairedRatio } from "./ratios.ts";
import { trainingField } from "./training_field.ts";

/** What all jobs of a backend share. */
export interface Bench {
  readonly stopwatch: Stopwatch;
  readonly bandwidth: BandwidthRecord;
  readonly calibrator: Calibrator;
  readonly effort: Effort;
  readonly seed: number;
  readonly pass: number;
  readonly peers: readonly Peer[];
}

/** A contender whose first run takes so many times the seconds of all rounds is not run again. */
const TOO_SLOW = 4;

/** Seconds that a first run may always take: code is compiled in it. */
const PATIENCE = 2;

/** Blocks that peers and contenders take in turns. */
const BLOCKS = 3;

function longestRun({ effort }: Bench): number {
  return Math.max(PATIENCE, TOO_SLOW * effort.seconds);
}

/** A contender, and what came of it. */
interface Result {
  readonly name: string;
  readonly role: Contender["role"];
  readonly batch: number;
  readonly samples: number[];
  readonly device: readonly number[];
  readonly peak: { readonly peakBytes: number; readonly peakTensors: number } | null;
}

/** Runs a job on the active backend; whatever fails is in the record. */
export async function runJob(job: Job, bench: Bench): Promise<BenchRecord> {
  const { seed, pass } = bench;
  const uniform = uniformStream(
    ["bench", seed, pass, job.backend, job.norm.name, job.workload, job.network, job.shape].join(
      "/",
    ),
  );
  const head = {
    kind: "bench",
    schema: SCHEMA,
    backend: job.backend,
    norm: job.norm.name,
    workload: job.workload,
    ...(job.network === undefined ? {} : { network: job.network }),
    shape: job.shape,
    options: { ...job.options },
    pass,
    seed,
  } as const;
  try {
    checkMemory(job.shape, job.backend);
    const field = buildField(job, bench);
    try {
      return { ...head, ...await measureField(field, job, bench, uniform) };
    } finally {
      field.contenders.forEach((contender) => contender.dispose());
      field.dispose();
    }
  } catch (error) {
    const contenders = Object.keys(job.norm.implementations).map((name) => ({
      name,
      role: "custom" as const,
      error: messageOf(error),
    }));
    return { ...head, cache: "hot", inputs: 0, contenders, ratios: [], calibration: null };
  }
}

function buildField(job: Job, { bandwidth, seed }: Bench): Field {
  return job.workload === "training step"
    ? trainingField(job, seed)
    : normField(job, copyOperation(bandwidth.operation), seed);
}

async function measureField(field: Field, job: Job, bench: Bench, uniform: Uniform) {
  const failed: FailedTiming[] = field.unbuilt.map((each) => failure(each, each.error));
  const before = await bench.calibrator.measure();
  const ready: Ready[] = [];
  for (const contender of field.contenders) {
    try {
      ready.push(await warmUp(contender, bench.stopwatch, longestRun(bench)));
    } catch (error) {
      failed.push(failure(contender, error));
    }
  }
  const inTurns = ready.filter(({ only }) => only === undefined);
  const { own, peers } = await measureBlocks(inTurns, job, bench, uniform);
  const after = await bench.calibrator.measure();
  const results: Result[] = [];
  for (const { contender, batch, only } of ready) {
    const { name, role } = contender;
    if (only !== undefined) {
      results.push({ name, role, batch, samples: [only], device: [], peak: null });
      continue;
    }
    const samples = own.get(contender)!;
    if (samples instanceof Error) {
      failed.push(failure(contender, samples));
      continue;
    }
    const peak = await measurePeak(contender);
    results.push({
      name,
      role,
      batch,
      samples,
      device: await measureOnDevice(contender, job.backend),
      peak,
    });
  }
  for (const { name, samples, batch } of peers) {
    if (samples instanceof Error) failed.push(failure({ name, role: "peer" }, samples));
    else results.push({ name, role: "peer", batch, samples, device: [], peak: null });
  }
  const timings = results.map((result) => timing(result, job, copySeconds(results)));
  await assertHealthy();
  return {
    cache: field.cache,
    inputs: field.inputs,
    contenders: [...timings, ...failed],
    ratios: ratiosOf(timings, uniform),
    calibration: calibration(before, after),
  };
}

/** Without peers one block, else blocks between which the peers have theirs. */
async function measureBlocks(
  ready: readonly Ready[],
  job: Job,
  { effort, stopwatch, peers }: Bench,
  uniform: Uniform,
): Promise<{ own: Map<Contender, number[] | Error>; peers: PeerSamples[] }> {
  const blocks = peers.length > 0 ? BLOCKS : 1;
  const share: Effort = {
    leastRounds: Math.ceil(effort.leastRounds / blocks),
    seconds: effort.seconds / blocks,
  };
  const own = new Map<Contender, number[] | Error>();
  const theirs = new Map<string, PeerSamples>();
  for (let block = 0; block < blocks; block++) {
    const left = ready.filter(({ contender }) => !(own.get(contender) instanceof Error));
    if (left.length > 0) {
      collect(own, await measureRounds(left, share, stopwatch, uniform));
    }
    for (const peer of peers) {
      const samples = await peer.time(job, share);
      if (samples !== undefined) theirs.set(peer.name, joinPeer(theirs.get(peer.name), samples));
    }
  }
  return { own, peers: [...theirs.values()] };
}

function collect(
  all: Map<Contender, number[] | Error>,
  block: ReadonlyMap<Contender, number[] | Error>,
): void {
  for (const [contender, samples] of block) {
    const before = all.get(contender) ?? [];
    all.set(
      contender,
      samples instanceof Error || before instanceof Error ? samples : [...before, ...samples],
    );
  }
}

function joinPeer(before: PeerSamples | undefined, block: PeerSamples): PeerSamples {
  if (before === undefined || before.samples instanceof Error || block.samples instanceof Error) {
    return block;
  }
  return { ...block, samples: [...before.samples, ...block.samples] };
}

function failure({ name, role }: Pick<Result, "name" | "role">, error: unknown): FailedTiming {
  return { name, role, error: messageOf(error) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a copy took that took turns with the others. */
function copySeconds(results: readonly Result[]): number | undefined {
  const copy = results.find(({ role }) => role === "copy");
  return copy === undefined ? undefined : spread(copy.samples).median;
}

/** The figures of a contender. */
function timing(
  { name, role, batch, samples, device, peak }: Result,
  job: Job,
  copy: number | undefined,
): Timing {
  const seconds = spread(samples);
  const elements = size(job.shape);
  const tensors = minimalTensors(job, role);
  const isBatch = !normalizesKernels(job.norm) || job.workload === "training step";
  return {
    name,
    role,
    batch,
    samples,
    seconds,
    ...(device.length > 0 ? { device: spread(device) } : {}),
    elementsPerSecond: tensors === null ? null : elements / seconds.median,
    imagesPerSecond: isBatch ? job.shape[0]! / seconds.median : null,
    bytesPerSecond: tensors === null ? null : tensors * FLOAT_BYTES * elements / seconds.median,
    copyShare: tensors === null || copy === undefined
      ? null
      : (tensors / seconds.median) / (COPY_TENSORS / copy),
    peakBytes: peak?.peakBytes ?? null,
    peakTensors: peak?.peakTensors ?? null,
  };
}

/** A copy reads one tensor and writes one. */
const COPY_TENSORS = 2;

/** Tensors that must be moved at the least; `null` for a training step, of which nobody knows. */
function minimalTensors({ norm, workload }: Job, role: Contender["role"]): number | null {
  if (workload === "training step") return null;
  if (role === "copy") return COPY_TENSORS;
  const { forward, backward } = norm.traffic;
  return workload === "forward" ? forward : forward + backward;
}

/** Who is compared with whom. */
function ratiosOf(timings: readonly Timing[], uniform: Uniform): RatioRecord[] {
  const customs = timings.filter(({ role }) => role === "custom");
  const others = timings.filter(({ role }) => role === "reference" || role === "peer");
  const pairs = customs.flatMap((custom, place) => [
    ...others.map((other) => [custom, other] as const),
    ...(place > 0 ? [[custom, customs[0]!] as const] : []),
  ]);
  return pairs.map(([contender, against]) => {
    const paired = against.role !== "peer" && contender.samples.length === against.samples.length;
    const ratio = paired ? pairedRatio : unpairedRatio;
    const { value, low, high } = ratio(contender.samples, against.samples, uniform);
    return { contender: contender.name, against: against.name, ratio: value, low, high };
  });
}
