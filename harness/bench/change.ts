/**
 * What became slower or faster since a baseline.
 *
 * Two runs never find the machine the same. So a contender's time is divided by that of a yardstick,
 * which took turns with it and is made of the same operations; and the quotient must have changed by
 * more than it did between the two passes of the baseline.
 *
 * @module
 */
import { uniformStream } from "../../norms/basics/random.ts";
import {
  type BenchRecord,
  type ChangeRecord,
  hasTiming,
  TEXTBOOK,
  WITHOUT_NORM,
} from "./record.ts";
import { SCHEMA } from "../run/record.ts";
import { type Baseline, keyOf } from "./baseline.ts";
import {
  type Interval,
  meanFactor,
  type PairedSamples,
  quietRatio,
  ratioChange,
} from "./ratios.ts";

/** No change below this counts, however sure of it the samples are. */
const LEAST_CHANGE = 1.05;

/** Of all quotients of a baseline, the share that differed by less than the noise. */
const NOISE_SHARE = 0.75;

/** A mean is of this many changes at the least. */
const LEAST_MEMBERS = 4;

/** The samples of an implementation and its yardstick in one pass. */
interface Measured {
  readonly contender: string;
  readonly yardstick: string;
  readonly samples: PairedSamples;
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

/** Judges every implementation over all that it was timed on: small changes add up. */
export function meanChanges(changes: readonly ChangeRecord[]): ChangeRecord[] {
  const members = Map.groupBy(
    changes,
    ({ backend, norm, contender }) => JSON.stringify([backend, norm, contender]),
  );
  return [...members].filter(([, each]) => each.length >= LEAST_MEMBERS).map(([key, each]) => {
    const { network: _, ...first } = each[0]!;
    const factors = each.map(({ change }) => change);
    const interval = meanFactor(factors, uniformStream(`change/${key}`));
    return {
      ...first,
      workload: "all",
      shape: [],
      ...judged(interval, LEAST_CHANGE),
    };
  });
}

/** The implementations of a record, each with its yardstick. */
function measuredIn({ contenders }: BenchRecord): Measured[] {
  const timings = contenders.filter(hasTiming);
  const yardstick = timings.find(({ name }) => name === TEXTBOOK || name === WITHOUT_NORM);
  if (yardstick === undefined) return [];
  // One that was too slow for the rounds has no sample for each of the yardstick's.
  const rounds = yardstick.samples.length;
  const customs = timings.filter(({ role, samples }) =>
    role === "custom" && samples.length === rounds
  );
  return customs.map(({ name, samples }) => ({
    contender: name,
    yardstick: yardstick.name,
    samples: { above: samples, below: yardstick.samples },
  }));
}

/** An implementation in the passes of a baseline. */
function passesOf({ records }: Baseline, key: string, contender: string): Measured[] {
  return records.filter((record) => keyOf(record) === key).flatMap(measuredIn)
    .filter((measured) => measured.contender === contender);
}

function changeOf(
  record: BenchRecord,
  { contender, yardstick, samples }: Measured,
  then: readonly Measured[],
  baseline: string,
  usual: number,
): ChangeRecord {
  const pooled: PairedSamples = {
    above: then.flatMap(({ samples }) => samples.above),
    below: then.flatMap(({ samples }) => samples.below),
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
    ...judged(ratioChange(samples, pooled, uniform), Math.max(usual, differenceOf(then))),
  };
}

/** A change counts if all of its interval is beyond the noise. */
function judged({ value, low, high }: Interval, noise: number) {
  const verdict: ChangeRecord["verdict"] = low > noise
    ? "slower"
    : high < 1 / noise
    ? "faster"
    : "same";
  return { change: value, low, high, noise, verdict };
}

/** By how much a quotient differed between passes, as a factor. */
function differenceOf(passes: readonly Measured[]): number {
  const quotients = passes.map(({ samples }) => quietRatio(samples));
  return Math.max(...quotients) / Math.min(...quotients);
}

/** By how much quotients of a baseline usually differed between its passes. */
function usualNoise(baseline: Baseline): number {
  const differences = baseline.records.filter(({ pass }) => pass === 1).flatMap((record) =>
    measuredIn(record).map(({ contender }) =>
      differenceOf(passesOf(baseline, keyOf(record), contender))
    )
  ).sort((a, b) => a - b);
  const usual = differences[Math.floor(NOISE_SHARE * (differences.length - 1))] ?? 1;
  return Math.max(LEAST_CHANGE, usual);
}
