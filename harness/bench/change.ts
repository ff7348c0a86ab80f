/**
 * What became slower or faster since a baseline.
 *
 * Two runs never find the machine the same. So a contender's time is divided by that of a yardstick,
 * which took turns with it; and the quotient must have changed by more than it did between the two
 * passes of the baseline.
 *
 * @module
 */
import { uniformStream } from "../../fixtures/random.ts";
import {
  type BenchRecord,
  type ChangeRecord,
  hasTiming,
  type Timing,
  WITHOUT_NORM,
} from "../../records/bench_record.ts";
import { SCHEMA } from "../../records/record.ts";
import { type Baseline, keyOf } from "./baseline.ts";
import { median, type PairedSamples, ratioChange } from "./statistics.ts";

/** No change below this counts, however sure of it the samples are. */
const LEAST_CHANGE = 1.05;

/** The samples of an implementation and its yardstick in one pass. */
interface Measured {
  readonly contender: string;
  readonly yardstick: string;
  readonly samples: PairedSamples;
}

/** Judges every implementation that both runs have, of the last pass of `now`. */
export function changesSince(baseline: Baseline, now: readonly BenchRecord[]): ChangeRecord[] {
  return now.flatMap((record) => {
    const passes = baseline.records.filter((other) => keyOf(other) === keyOf(record));
    return measuredIn(record).flatMap((measured) => {
      const then = passes.flatMap(measuredIn)
        .filter(({ contender }) => contender === measured.contender);
      return then.length === 0 ? [] : [change(record, measured, then, baseline.name)];
    });
  });
}

/** The implementations of a record, each with the yardstick: the copy, or the network without norm. */
function measuredIn({ contenders }: BenchRecord): Measured[] {
  const timings = contenders.filter(hasTiming);
  const yardstick = timings.find(({ role, name }) => role === "copy" || name === WITHOUT_NORM);
  if (yardstick === undefined) return [];
  const measure = ({ name, samples }: Timing): Measured => ({
    contender: name,
    yardstick: yardstick.name,
    samples: { above: samples, below: yardstick.samples },
  });
  return timings.filter(({ role }) => role === "custom").map(measure);
}

function change(
  record: BenchRecord,
  { contender, yardstick, samples }: Measured,
  then: readonly Measured[],
  baseline: string,
): ChangeRecord {
  const pooled: PairedSamples = {
    above: then.flatMap(({ samples }) => samples.above),
    below: then.flatMap(({ samples }) => samples.below),
  };
  const uniform = uniformStream(`change/${keyOf(record)}/${contender}/${record.pass}`);
  const { value, low, high } = ratioChange(samples, pooled, uniform);
  const noise = noiseOf(then);
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
    change: value,
    low,
    high,
    noise,
    verdict: low > noise ? "slower" : high < 1 / noise ? "faster" : "same",
  };
}

/** How much the quotient differed between the passes of the baseline. */
function noiseOf(passes: readonly Measured[]): number {
  const quotients = passes.map(({ samples }) => median(samples.above) / median(samples.below));
  return Math.max(LEAST_CHANGE, Math.max(...quotients) / Math.min(...quotients));
}
