/**
 * What follows from the samples of a group: rates, shares of the bandwidth, and ratios.
 *
 * @module
 */
import { normalizesKernels } from "../../norms/basics/norm.ts";
import type { Uniform } from "../../norms/basics/random.ts";
import { size } from "../../norms/basics/shape.ts";
import { median } from "../../reports/statistics.ts";
import type { Named } from "./contender.ts";
import { plainOperation } from "./bandwidth.ts";
import { FLOAT_BYTES } from "./inputs.ts";
import { isStep, type Job } from "./jobs.ts";
import type { Peak } from "./measure.ts";
import { pairedRatio, spread, unpairedRatio } from "./ratios.ts";
import type { RatioRecord, Timing } from "./record.ts";

export interface Measured extends Named {
  /** Runs in a sample. */
  readonly batch: number;
  /** Seconds a run. */
  readonly samples: readonly number[];
  /** How it ran, where it can run in several ways. */
  readonly mode?: string | undefined;
  /** Seconds by the device's own clock; none where it has none. */
  readonly device?: readonly number[];
  /** The most that was held at once, where that is known. */
  readonly peak?: Peak | undefined;
}

export function timingsOf(measured: readonly Measured[], job: Job): Timing[] {
  const plain = measured.find(({ role }) => role === "copy");
  const secondsPerTensor = plain && median(plain.samples) / plainOperation(plain.name).tensors;
  return measured.map((each) => timingOf(each, job, secondsPerTensor));
}

function timingOf(
  { name, role, batch, samples, mode, device = [], peak }: Measured,
  job: Job,
  secondsPerTensor: number | undefined,
): Timing {
  const seconds = spread(samples);
  const elements = size(job.shape);
  const tensors = leastTraffic(job, { name, role });
  const hasImages = isStep(job) || !normalizesKernels(job.norm);
  return {
    name,
    role,
    batch,
    samples,
    seconds,
    ...(mode === undefined ? {} : { mode }),
    ...(device.length > 0 ? { device: spread(device) } : {}),
    elementsPerSecond: tensors === null ? null : elements / seconds.median,
    imagesPerSecond: hasImages ? job.shape[0]! / seconds.median : null,
    bytesPerSecond: tensors === null ? null : tensors * FLOAT_BYTES * elements / seconds.median,
    copyShare: tensors === null || secondsPerTensor === undefined
      ? null
      : tensors * secondsPerTensor / seconds.median,
    peakBytes: peak?.peakBytes ?? null,
    peakTensors: peak?.peakTensors ?? null,
  };
}

/** Tensors that must be moved at least; `null` for a training step, for which that is not known. */
function leastTraffic(job: Job, { name, role }: Named): number | null {
  if (isStep(job)) return null;
  if (role === "copy") return plainOperation(name).tensors;
  const { forward, backward } = job.norm.traffic;
  return job.workload === "forward" ? forward : forward + backward;
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
    // One that was too slow for the rounds has a single sample.
    const paired = contender.samples.length === against.samples.length;
    const ratio = paired ? pairedRatio : unpairedRatio;
    const { value, low, high } = ratio(contender.samples, against.samples, uniform);
    return { contender: contender.name, against: against.name, ratio: value, low, high };
  });
}
