/**
 * Comparing a run with a baseline.
 *
 * What seems slower is measured once more, and counts only if it is slower again: of hundreds of
 * comparisons, some are far off by chance.
 *
 * @module
 */
import type { BenchRecord, ChangeRecord } from "./record.ts";
import { type Baseline, keyOf } from "./baseline.ts";
import { changesSince, meanChanges } from "./change.ts";
import type { Job } from "./job.ts";

/** What a comparison needs of the run. */
export interface Comparable {
  readonly jobs: readonly Job[];
  readonly baseline: Baseline;
  /** What was measured at first. */
  readonly first: readonly BenchRecord[];
  /** Measures jobs once more. */
  again(jobs: readonly Job[]): Promise<readonly BenchRecord[]>;
}

/** Every change of an implementation, on each thing that it was timed on and over all of them. */
export async function compare({ jobs, baseline, first, again }: Comparable): Promise<
  ChangeRecord[]
> {
  const before = withMeans(changesSince(baseline, first));
  const doubtful = jobs.filter((job) =>
    before.some((change) => isSlower(change) && concerns(change, job))
  );
  if (doubtful.length === 0) return before;
  const after = withMeans(changesSince(baseline, await again(doubtful)));
  return before.map((change) => isSlower(change) ? confirm(change, after) : change);
}

/** Whether something is slower. */
export function isSlower({ verdict }: ChangeRecord): boolean {
  return verdict === "slower";
}

function withMeans(changes: readonly ChangeRecord[]): ChangeRecord[] {
  return [...changes, ...meanChanges(changes)];
}

/** Whether a change is one of this job, or of all jobs of its norm. */
function concerns(change: ChangeRecord, job: Job): boolean {
  return change.workload === "all"
    ? change.backend === job.backend && change.norm === job.norm.name
    : keyOf(change) === keyOf(job);
}

/** What was found the second time, if it was found again; else nothing has changed. */
function confirm(change: ChangeRecord, after: readonly ChangeRecord[]): ChangeRecord {
  const second = after.find((other) =>
    keyOf(other) === keyOf(change) && other.contender === change.contender
  );
  return second !== undefined && isSlower(second) ? second : { ...change, verdict: "same" };
}
