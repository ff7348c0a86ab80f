/**
 * The device's own clock, which knows how long kernels took whatever the waiting cost.
 *
 * @module
 */
import * as tf from "../../norms/basics/tf.ts";
import { type Contender, runOnce } from "./contender.ts";

/** Runs that are timed, after one that is not. */
const RUNS = 10;

/** The WebGPU backend, as far as its clock is concerned. */
interface Timed {
  readonly device: { readonly features: ReadonlySet<string> };
}

/** Whether the active backend tells how long its kernels took. */
export function hasDeviceClock(): boolean {
  return tf.getBackend() === "webgpu" &&
    (tf.backend() as unknown as Timed).device.features.has("timestamp-query");
}

/** Seconds that the kernels of a run took together, of several runs; none where no clock is there. */
export async function measureOnDevice(contender: Contender): Promise<number[]> {
  if (!hasDeviceClock()) return [];
  const samples: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const { kernelMs } = await tf.time(() => runOnce(contender, run)) as { kernelMs: number };
    samples.push(kernelMs / 1000);
  }
  return samples.slice(1);
}
