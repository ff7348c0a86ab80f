/**
 * Fabricated records of benchmarks for tests.
 *
 * @module
 */
import { standardNormal, uniformStream } from "../../norms/basics/random.ts";
import type {
  BandwidthRecord,
  BenchRecord,
  ChangeRecord,
  ContenderRole,
  RatioRecord,
  Timing,
} from "./record.ts";
import type { BenchRunRecord } from "./record.ts";
import { type HeaderRecord, SCHEMA } from "../run/record.ts";
import { sampleHeader } from "../parity/samples_testing.ts";

/** Samples in a fabricated group. */
const ROUNDS = 31;

/** How noisy a fabricated machine is; a relative standard deviation. */
const NOISE = 0.04;

/** A header of a benchmark on a two-core machine. */
export function sampleBenchHeader(cpu?: string): HeaderRecord {
  const header = sampleHeader({ backends: ["cpu"], ...(cpu === undefined ? {} : { cpu }) });
  return { ...header, task: "bench", options: { preset: "quick", seed: 0 } };
}

/** A contender that takes about `seconds`; the noise follows from `seed`. */
export function sampleTiming(
  name: string,
  role: ContenderRole,
  seconds: number,
  seed = "0",
): Timing {
  const noise = standardNormal(ROUNDS, uniformStream(`${seed}/${name}`));
  const samples = Array.from(noise, (z) => seconds * Math.exp(NOISE * z));
  const ascending = samples.toSorted((a, b) => a - b);
  const at = (share: number) => ascending[Math.round(share * (ROUNDS - 1))]!;
  return {
    name,
    role,
    batch: 4,
    samples,
    seconds: { median: at(0.5), p25: at(0.25), p75: at(0.75), p99: at(0.99) },
    elementsPerSecond: 32768 / at(0.5),
    imagesPerSecond: 128 / at(0.5),
    bytesPerSecond: 262144 / at(0.5),
    copyShare: role === "copy" ? 1 : 1e-5 / at(0.5),
    peakBytes: 262144,
    peakTensors: 12,
  };
}

/** What a fabricated group is about, and how long its custom norm takes. */
export interface BenchChoices extends Partial<Omit<BenchRecord, "kind" | "schema">> {
  /** Seconds of `composed`; 1 ms unless given. */
  readonly composed?: number;
  /** Seconds of everything, times this. */
  readonly load?: number;
  readonly noise?: string;
}

/** A group of a custom norm, `tf.layers` and a copy. */
export function sampleBench(
  { composed = 1e-3, load = 1, noise = "0", ...choices }: BenchChoices = {},
): BenchRecord {
  const ratio: RatioRecord = {
    contender: "composed",
    against: "tf.layers",
    ratio: composed / 2e-3,
    low: 0.97 * composed / 2e-3,
    high: 1.03 * composed / 2e-3,
  };
  return {
    kind: "bench",
    schema: SCHEMA,
    backend: "cpu",
    norm: "layer",
    workload: "forward",
    shape: [128, 256],
    options: { training: true },
    cache: "hot",
    inputs: 32,
    pass: 1,
    seed: 0,
    contenders: [
      sampleTiming("composed", "custom", load * composed, noise),
      sampleTiming("tf.layers", "reference", load * 2e-3, noise),
      sampleTiming("textbook", "reference", load * 8e-4, noise),
      sampleTiming("copy", "copy", load * 1e-5, noise),
    ],
    ratios: [ratio],
    calibration: { before: 1e-5, after: 1e-5, drifted: false },
    ...choices,
  };
}

/** How fast the fabricated machine copies. */
export function sampleBandwidth(): BandwidthRecord {
  const points = [16384, 4194304].map((elements) => ({
    elements,
    seconds: 8 * elements / 2e10,
    bytesPerSecond: 2e10,
  }));
  return {
    kind: "bandwidth",
    schema: SCHEMA,
    backend: "cpu",
    operation: "abs",
    points,
    bytesPerSecond: 2e10,
    completion: { median: 1e-6, p25: 9e-7, p75: 2e-6, p99: 4e-6 },
  };
}

/** A change of the composed layer norm. */
export function sampleChange(change: number): ChangeRecord {
  return {
    kind: "change",
    schema: SCHEMA,
    backend: "cpu",
    baseline: "main",
    norm: "layer",
    workload: "forward",
    shape: [128, 256],
    contender: "composed",
    yardstick: "textbook",
    change,
    low: 0.97 * change,
    high: 1.03 * change,
    noise: 1.05,
    verdict: change > 1.1 ? "slower" : "same",
  };
}

/** A whole run: two shapes and layouts, both ways, a training step, and something that cannot run. */
export function sampleBenchRun(): BenchRunRecord[] {
  const groups = [[128, 256], [2048, 1024], [4, 14, 14, 32], [32, 28, 28, 32]].flatMap((shape) =>
    (["forward", "forward+backward"] as const).map((workload) =>
      sampleBench({
        shape,
        workload,
        cache: shape[0]! > 30 && shape[0]! !== 128 ? "cold" : "hot",
        noise: `${shape}/${workload}`,
      })
    )
  );
  const group = sampleBench({ norm: "group" });
  return [
    sampleBenchHeader(),
    sampleBandwidth(),
    ...groups,
    sampleBench({
      workload: "training step",
      network: "mlp",
      shape: [64, 784],
      contenders: [
        sampleTiming("composed", "custom", 8e-3),
        sampleTiming("no norm", "reference", 3e-3),
      ],
      ratios: [{ contender: "composed", against: "no norm", ratio: 2.67, low: 2.5, high: 2.8 }],
      calibration: { before: 1e-5, after: 2e-5, drifted: true },
    }),
    {
      ...group,
      contenders: [
        group.contenders[0]!,
        { name: "tf.layers", role: "reference", error: "groupNormalization <does not exist>" },
      ],
      ratios: [],
    },
  ];
}
