/**
 * Runs jobs, backend by backend.
 *
 * @module
 */
import { uniformStream } from "../../norms/basics/random.ts";
import type { BandwidthRecord, BenchRecord } from "./record.ts";
import { eventLoopTurn } from "../run/event_loop.ts";
import { useBackend } from "../backend/active_backend.ts";
import { type BackendStatus, completionOf } from "../backend/registry.ts";
import { Calibrator, copyOperation, measureBandwidth, setStopwatch } from "./copy.ts";
import type { Job } from "./job.ts";
import { type Effort, MACHINE_CLOCK } from "./measure.ts";
import type { Peer } from "./peer.ts";
import { runJob } from "./run_job.ts";

/** What a run is made of, and who is told of its records. */
export interface RunPlan {
  readonly jobs: readonly Job[];
  readonly effort: Effort;
  readonly seed: number;
  readonly pass: number;
  readonly peers: readonly Peer[];
  /** The bandwidth of the backend, where it was measured before. */
  readonly bandwidth?: BandwidthRecord | undefined;
  onRecord(record: BandwidthRecord | BenchRecord): void;
}

/** Runs jobs of one backend, which it activates; measures its bandwidth first, unless that is known. */
export async function runJobs(status: BackendStatus, plan: RunPlan): Promise<void> {
  const { jobs, effort, seed, pass, peers } = plan;
  if (jobs.length === 0) return;
  await useBackend(status.name);
  const uniform = uniformStream(`bench/${seed}/${pass}/${status.name}`);
  const { stopwatch, completion } = await setStopwatch(completionOf(status.name), MACHINE_CLOCK);
  const bandwidth = plan.bandwidth ??
    await measureBandwidth(status, completion, stopwatch, uniform);
  if (plan.bandwidth === undefined) plan.onRecord(bandwidth);
  const copy = copyOperation(bandwidth.operation);
  const calibrator = await Calibrator.make(copy, stopwatch, uniform);
  try {
    for (const job of jobs) {
      plan.onRecord(
        await runJob(job, { stopwatch, bandwidth, calibrator, effort, seed, pass, peers }),
      );
      // Backends that compute in place never wait, and neither progress nor Ctrl-C would be heard.
      await eventLoopTurn();
    }
  } finally {
    calibrator.dispose();
  }
}
