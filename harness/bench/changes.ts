/**
 * What became slower or faster since a baseline.
 *
 * The machine is never the same in two runs. So a contender's time is divided by that of a yardstick,
 * which took turns with it and consists of the same operations, and the quotient must have changed by
 * more than between the two passes of the baseline. What seems slower is measured once more, and counts
 * only if it is slower again: of hundreds of comparisons, some are far off by chance.
 *
 * @module
 */
import { uniformStream } from "../../norms/basics/random.ts";
import { quantile } from "../../reports/statistics.ts";
import { SCHEMA } from "../run/record.ts";
import { type Baseline, keyOf } from "./baseline.ts";
import { type Job, normNameOf } from "./jobs.ts";
import {
  type Interval,
  meanFactor,
  type PairedSamples,
  quietRatio,
  ratioChange,
} from "./ratios.ts";
import {
  type BenchRecord,
  type ChangeRecord,
  hasTiming,
  TEXTBOOK,
  TF_LAYERS,
  WITHOUT_NORM,
} from "./record.ts";

/** Every change of an implementation, on each thing that it was timed on and over all of them. */
export async function compare(
  jobs: readonly Job[],
  baseline: Baseline,
  first: readonly BenchRecord[],
  again: (jobs: readonly Job[]) => Promise<readonly BenchRecord[]>,
): Promise<ChangeRecord[]> {
  const before = withMeans(changesSince(baseline, first));
  const doubtful = jobs.filter((job) =>
    before.some((change) => isSlower(change) && concerns(change, job))
  );
  if (doubtful.length === 0) return before;
  const after = withMeans(changesSince(baseline, await again(doubtful)));
  return before.map((change) => isSlower(change) ? confirm(change, after) : change);
}

export function isSlower({ verdict }: ChangeRecord): boolean {
  return verdict === "slower";
}

function withMeans(changes: readonly ChangeRecord[]): ChangeRecord[] {
  return [...changes, ...meanChanges(changes)];
}

/** Whether a change is one of this job, or of all jobs of its norm. */
function concerns(change: ChangeRecord, job: Job): boolean {
  return change.workload === "all"
    ? change.backend === job.backend && change.norm === normNameOf(job)
    : keyOf(change) === keyOf(job);
}

/** The second finding where it is slower, too; else the first one as no change. */
function confirm(change: ChangeRecord, after: readonly ChangeRecord[]): ChangeRecord {
  const second = after.find((other) =>
    keyOf(other) === keyOf(change) && other.contender === change.contender
  );
  return second !== undefined && isSlower(second) ? second : { ...change, verdict: "same" };
}

/** The smallest change that counts, however narrow its interval. */
const LEAST_CHANGE = 1.05;

/** The noise of a baseline is this quantile of what its quotients differed by between passes. */
const NOISE_QUANTILE = 0.75;

/** The least number of changes that have a mean. */
const LEAST_MEMBERS = 4;

/** The samples of an implementation and its yardstick in one pass. */
interface Measured extends PairedSamples {
  readonly contender: string;
  readonly yardstick: string;
}

/** Judges every implementation that both runs have, workload by workload and shape by shape. */
export function changesSince(baseline: Baseline, now: readonly BenchRecord[]): ChangeRecord[] {
  const usual = usualNoise(baseline);
  return now.flatMap((record) =>
    measuredIn(record).flatMap((measured) => {
      const then = passesOf(baseline, keyOf(record), measured.contender);
      return then.length === 0 ? [] : [changeOf(record, measured, then, baseline.name, usual)];
    })
  );
}

/** Judges every implementation over all that it was timed on: many small changes are one finding. */
export function meanChanges(changes: readonly ChangeRecord[]): ChangeRecord[] {
  const members = Map.groupBy(
    changes,
    ({ backend, norm, contender }) => JSON.stringify([backend, norm, contender]),
  );
  return [...members].filter(([, each]) => each.length >= LEAST_MEMBERS).map(([key, each]) => {
    const { network: _, ...first } = each[0]!;
    const factors = each.map(({ change }) => change);
    const interval = meanFactor(factors, uniformStream(`change/${key}`));
    return { ...first, workload: "all", shape: [], ...judge(interval, LEAST_CHANGE) };
  });
}

/** What took turns with the implementations and changes less than they do; the first that ran. */
const YARDSTICKS = [TEXTBOOK, WITHOUT_NORM, TF_LAYERS];

function measuredIn({ contenders }: BenchRecord): Measured[] {
  const timings = contenders.filter(hasTiming);
  const yardstick = YARDSTICKS.flatMap((known) => timings.filter(({ name }) => name === known))[0];
  if (yardstick === undefined) return [];
  // One that was too slow for the rounds has a single sample.
  const rounds = yardstick.samples.length;
  const customs = timings.filter(({ role, samples }) =>
    role === "custom" && samples.length === rounds
  );
  return customs.map(({ name, samples }) => ({
    contender: name,
    yardstick: yardstick.name,
    above: samples,
    below: yardstick.samples,
  }));
}

function passesOf({ records }: Baseline, key: string, contender: string): Measured[] {
  return records.filter((record) => keyOf(record) === key).flatMap(measuredIn)
    .filter((measured) => measured.contender === contender);
}

function changeOf(
  record: BenchRecord,
  measured: Measured,
  then: readonly Measured[],
  baseline: string,
  usual: number,
): ChangeRecord {
  const { contender, yardstick } = measured;
  const pooled: PairedSamples = {
    above: then.flatMap(({ above }) => above),
    below: then.flatMap(({ below }) => below),
  };
  const uniform = uniformStream(`change/${keyOf(record)}/${contender}/${record.pass}`);
  return {
    kind: "change",
    schema: SCHEMA,
    backend: record.backend,
    baseline,
    norm: record.norm,
    workload: record.workload,
    ...(record.network === undefined ? {} : { network: record.network }),
    shape: record.shape,
    contender,
    yardstick,
    ...judge(ratioChange(measured, pooled, uniform), Math.max(usual, differenceOf(then))),
  };
}

/** A change counts if its whole interval exceeds the noise. */
function judge({ value, low, high }: Interval, noise: number) {
  const verdict: ChangeRecord["verdict"] = low > noise
    ? "slower"
    : high < 1 / noise
    ? "faster"
    : "same";
  return { change: value, low, high, noise, verdict };
}

function differenceOf(passes: readonly Measured[]): number {
  const quotients = passes.map(quietRatio);
  return Math.max(...quotients) / Math.min(...quotients);
}

/** The factor by which quotients of a baseline usually differed between its passes. */
function usualNoise(baseline: Baseline): number {
  const differences = baseline.records.filter(({ pass }) => pass === 1).flatMap((record) =>
    measuredIn(record).map(({ contender }) =>
      differenceOf(passesOf(baseline, keyOf(record), contender))
    )
  );
  return differences.length === 0
    ? LEAST_CHANGE
    : Math.max(LEAST_CHANGE, quantile(differences, NOISE_QUANTILE));
}
