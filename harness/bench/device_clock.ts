/**
 * The device's own clock, which tells how long kernels took whatever the waiting cost.
 *
 * @module
 */
import { backendNamed } from "../backend/registry.ts";
import { type Contender, runOnce } from "./contender.ts";

/** Runs that are timed, after one that is not. */
const RUNS = 10;

/**
 * Seconds that the kernels took together, in each of several runs; none where the device has no clock.
 *
 * @param backend The active one.
 */
export async function measureOnDevice(contender: Contender, backend: string): Promise<number[]> {
  const clock = backendNamed(backend).deviceClock?.();
  if (clock === undefined) return [];
  const samples: number[] = [];
  for (let run = 0; run <= RUNS; run++) samples.push(await clock(() => runOnce(contender, run)));
  return samples.slice(1);
}
