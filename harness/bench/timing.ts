/**
 * What follows from the samples of a group: rates, shares of the copy's speed, and ratios.
 *
 * @module
 */
import { normalizesKernels } from "../../norms/basics/norm.ts";
import type { Uniform } from "../../norms/basics/random.ts";
import { size } from "../../norms/basics/shape.ts";
import { median } from "../../reports/statistics.ts";
import type { Named } from "./contender.ts";
import { FLOAT_BYTES } from "./inputs.ts";
import type { Job } from "./jobs.ts";
import type { Peak } from "./measure.ts";
import { pairedRatio, spread, unpairedRatio } from "./ratios.ts";
import type { ContenderRole, RatioRecord, Timing } from "./record.ts";

export interface Measured extends Named {
  /** Runs in a sample. */
  readonly batch: number;
  /** Seconds a run. */
  readonly samples: readonly number[];
  /** Seconds by the device's own clock; none where it has none. */
  readonly device?: readonly number[];
  /** The most that was held at once, where that is known. */
  readonly peak?: Peak | undefined;
}

export function timingsOf(measured: readonly Measured[], job: Job): Timing[] {
  const copy = measured.find(({ role }) => role === "copy");
  const copySeconds = copy === undefined ? undefined : median(copy.samples);
  return measured.map((each) => timingOf(each, job, copySeconds));
}

const COPY_TENSORS = 2;

function timingOf(
  { name, role, batch, samples, device = [], peak }: Measured,
  job: Job,
  copySeconds: number | undefined,
): Timing {
  const seconds = spread(samples);
  const elements = size(job.shape);
  const tensors = leastTraffic(job, role);
  const hasImages = !normalizesKernels(job.norm) || job.workload === "training step";
  return {
    name,
    role,
    batch,
    samples,
    seconds,
    ...(device.length > 0 ? { device: spread(device) } : {}),
    elementsPerSecond: tensors === null ? null : elements / seconds.median,
    imagesPerSecond: hasImages ? job.shape[0]! / seconds.median : null,
    bytesPerSecond: tensors === null ? null : tensors * FLOAT_BYTES * elements / seconds.median,
    copyShare: tensors === null || copySeconds === undefined
      ? null
      : (tensors / seconds.median) / (COPY_TENSORS / copySeconds),
    peakBytes: peak?.peakBytes ?? null,
    peakTensors: peak?.peakTensors ?? null,
  };
}

/** Tensors that must be moved at least; `null` for a training step, for which that is not known. */
function leastTraffic({ norm, workload }: Job, role: ContenderRole): number | null {
  if (workload === "training step") return null;
  if (role === "copy") return COPY_TENSORS;
  const { forward, backward } = norm.traffic;
  return workload === "forward" ? forward : forward + backward;
}

/** Every custom contender against every reference and peer, and against the first custom one. */
export function ratiosOf(timings: readonly Timing[], uniform: Uniform): RatioRecord[] {
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
