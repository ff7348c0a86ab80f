/**
 * Records of benchmarks: how long contenders took, and how fast the machine moves data.
 *
 * @module
 */
import {
  failure,
  measured,
  normOptions,
  type Read,
  recordKind,
  type RecordOf,
  type RunRecord,
  shape,
  text,
  z,
} from "../run/record.ts";

const workload = z.enum(["forward", "forward+backward", "training step"]);

/** What one run of a contender does; a training step belongs to a network. */
export type Workload = Read<typeof workload>;

const role = z.enum(["custom", "reference", "peer", "copy"]);

/**
 * What part a contender plays.
 *
 * - `custom`: an implementation of the registry.
 * - `reference`: `tf.layers`, a fused kernel of TensorFlow, a network without norm.
 * - `peer`: another framework, in a separate Python process.
 * - `copy`: the plain operation that moves most bytes a second on tensors of this size.
 */
export type ContenderRole = Read<typeof role>;

/** The contender that training steps with a norm are compared with: the network without one. */
export const WITHOUT_NORM = "no norm";

/** A training step of ours as networks run it: as one call, where the backend can. */
export const COMPILED = "compiled";

/** The step as one call compiled by XLA, with norms of basic operations: XLA takes no kernels of our own. */
export const COMPILED_BY_XLA = "compiled by XLA";

/** The same, operation by operation. */
export const EAGER = "eager";

/** The norm of `tf.layers`, or a training step with nothing but it. */
export const TF_LAYERS = "tf.layers";

/** The contender that all implementations of a norm are compared with: its naive formula. */
export const TEXTBOOK = "textbook";

const spread = z.object({
  /** Half of the samples are below. */
  median: measured,
  /** A quarter of the samples is below. */
  p25: measured,
  /** Three quarters of the samples are below. */
  p75: measured,
  /** One sample in a hundred is above. */
  p99: measured,
});

/** Median and quantiles of samples, in seconds. */
export type Spread = Read<typeof spread>;

const timing = z.object({
  /** Name of the implementation, of the reference or of the framework. */
  name: text,
  role,
  /** Runs in a sample, which end in one forced completion. */
  batch: z.int().positive(),
  /** Seconds a run, sample by sample; equal places belong to one round. */
  samples: z.array(measured),
  /** Quantiles of the samples. */
  seconds: spread,
  /** How a training step ran, as `compile` says: `graph`, `eager` ... */
  mode: text.exactOptional(),
  /** Quantiles of the kernels' time by the device's own clock, where it has one. */
  device: spread.exactOptional(),
  /** Elements of the normalized tensor a second; `null` for a training step. */
  elementsPerSecond: z.number().nullable(),
  /** Samples along axis 0 a second; `null` where that axis is not one of samples. */
  imagesPerSecond: z.number().nullable(),
  /** Bytes a second of the least traffic that the norm needs; `null` for a training step. */
  bytesPerSecond: z.number().nullable(),
  /** The same as a share of what the plain operation moved, which took turns with it. */
  copyShare: z.number().nullable(),
  /** Most bytes held at once beyond those held before; `null` where that is not known. */
  peakBytes: z.number().nullable(),
  /** Most tensors held at once beyond those held before. */
  peakTensors: z.number().nullable(),
});

/** How long a contender took. */
export type Timing = Read<typeof timing>;

const failed = failure.extend({ name: text, role });

/** A contender that could not run. */
export type FailedTiming = Read<typeof failed>;

const ratio = z.object({
  /** Name of the numerator. */
  contender: text,
  /** Name of the denominator. */
  against: text,
  /** Median of the ratios of rounds; below 1, `contender` is the faster one. */
  ratio: measured,
  /** Lower end of the 95 % bootstrap interval. */
  low: measured,
  /** Its upper end. */
  high: measured,
});

/** How the times of two contenders compare. */
export type RatioRecord = Read<typeof ratio>;

const calibration = z.object({
  /** Seconds before the group: the lower quartile of a few runs. */
  before: measured,
  /** The same after the group. */
  after: measured,
  /** Whether the speed of the machine changed so much that times of the group are doubtful. */
  drifted: z.boolean(),
});

/** The calibration kernel before and after a group. */
export type Calibration = Read<typeof calibration>;

/** What identifies a benchmark, or a change since one, within a backend. */
export function benchmarked(
  { norm, workload, network = "", shape }: {
    readonly norm: string;
    readonly workload: string;
    readonly network?: string;
    readonly shape: readonly number[];
  },
): string[] {
  return [norm, workload, network, shape.join("x")];
}

const BENCH = recordKind("bench", {
  /** Registry name of the norm; `none` for a training step without one. */
  norm: text,
  workload,
  /** The network of a training step: `mlp` or `cnn`. */
  network: text.exactOptional(),
  /** Shape of the normalized tensor, or of the batch that the network trains on. */
  shape,
  /** What every contender read back in each run; nothing unless given. */
  reads: text.exactOptional(),
  /** Options of the norm. */
  options: normOptions,
  /** `cold`: inputs rotate over more bytes than a cache holds; `hot`: they may stay in one. */
  cache: z.enum(["hot", "cold"]),
  /** Inputs that rotate. */
  inputs: z.int().nonnegative(),
  /** From 1; a baseline consists of two passes over everything. */
  pass: z.int().positive(),
  /** Determines inputs, order of rounds and bootstrap. */
  seed: z.number(),
  contenders: z.array(z.union([timing, failed])),
  /** Every custom norm against every reference and peer, and against the first implementation. */
  ratios: z.array(ratio),
  /** `null` where nothing ran. */
  calibration: calibration.nullable(),
}, (record) => [...benchmarked(record), record.pass]);

/** Contenders that did the same work, in turns, in one process. */
export type BenchRecord = RecordOf<typeof BENCH>;

const BANDWIDTH = recordKind("bandwidth", {
  /** The plain operation that moves most bytes a second at the largest size. */
  operation: text,
  /** The fastest at each size, the smallest first. */
  points: z.array(z.object({
    /** The plain operation that is fastest at this size, if not that of the largest. */
    operation: text.exactOptional(),
    /** Size of the tensor. */
    elements: z.int().positive(),
    /** Median of its times. */
    seconds: measured,
    /** Bytes read and written together. */
    bytesPerSecond: measured,
  })),
  /** At the size that does not fit a cache. */
  bytesPerSecond: measured,
  /** Of a forced completion with no work before it. */
  completion: spread,
}, () => []);

/** How fast a backend moves data, and what a completion costs where there is nothing to wait for. */
export type BandwidthRecord = RecordOf<typeof BANDWIDTH>;

const CHANGE = recordKind("change", {
  /** Name of the baseline. */
  baseline: text,
  /** Registry name of the norm. */
  norm: text,
  /** `all` for the mean over everything that the implementation was timed on. */
  workload: z.enum([...workload.options, "all"]),
  /** The network of a training step: `mlp` or `cnn`. */
  network: text.exactOptional(),
  /** Empty for the mean over all shapes. */
  shape,
  /** The implementation. */
  contender: text,
  /** What its time was divided by, then and now, so that a slower machine is not a slower norm. */
  yardstick: text,
  /** Lower quartile of the samples over that of the yardstick, now over then; above 1 is slower. */
  change: measured,
  /** Lower end of the 95 % bootstrap interval over samples, or over the changes of a mean. */
  low: measured,
  /** Its upper end. */
  high: measured,
  /** The factor that the whole interval must exceed for a change to count. */
  noise: measured,
  /** `same` unless the interval exceeds the noise. */
  verdict: z.enum(["same", "slower", "faster"]),
}, (record) => [...benchmarked(record), record.contender, record.baseline]);

/** How an implementation's time changed since a baseline, in units of what `yardstick` took. */
export type ChangeRecord = RecordOf<typeof CHANGE>;

const traced = z.object({
  /** A kernel of TensorFlow.js, an operation of TensorFlow, a function of the device. */
  name: text,
  /** In all steps together. */
  calls: z.int().positive(),
  /** In all steps together, of the host; without kernels that it calls. */
  seconds: measured,
  /** Those of `seconds` that passed within calls at the border of the backend. */
  inside: measured,
});

/** What an operation took in a trace. */
export type TracedOperation = Read<typeof traced>;

const TRACE = recordKind("trace", {
  /** Registry name of the norm, or `none`. */
  norm: text,
  /** The network: `mlp` or `cnn`. */
  network: text,
  /** Shape of a batch. */
  shape,
  /** Which of our steps: `compiled`, `eager` ... */
  contender: text,
  /** How it ran, as `compile` says. */
  mode: text,
  /** Steps that were traced. */
  steps: z.int().positive(),
  /** Of a traced step. */
  seconds: spread,
  /** Of all traced steps together. */
  total: measured,
  /** Median of steps that were not traced, which shows what tracing costs. */
  untraced: measured,
  /** What every step reads back. */
  reads: text,
  /** Kernels, and calls outside of kernels; what is left of the steps is JavaScript between them. */
  operations: z.array(traced),
  /** Calls at the border of the backend, within kernels or not. */
  calls: z.array(traced.omit({ inside: true })),
}, ({ norm, network, contender }) => [norm, network, contender]);

/** Where the host's time goes in a training step. */
export type TraceRecord = RecordOf<typeof TRACE>;

/** What the bench task records. */
export const BENCH_KINDS = [BENCH, BANDWIDTH, CHANGE, TRACE] as const;

/** Any record of a bench run. */
export type BenchRunRecord = RunRecord<BenchRecord | BandwidthRecord | ChangeRecord | TraceRecord>;

/** What a group is about, in a line. */
export function titleOf({ backend, norm, workload, network, shape, cache }: BenchRecord): string {
  const where = network === undefined ? `${shape.join("x")}, ${cache}` : network;
  return `${norm} norm, ${workload}, ${where}, ${backend}`;
}

/** The job of a trace, as its file is named. */
export function traceName(
  { backend, norm, network }: { backend: string; norm: string; network: string },
): string {
  return `trace-${backend}-${norm}-${network}`;
}

/** What a trace is about, in a line. */
export function traceTitle({ backend, norm, network, contender }: TraceRecord): string {
  return `${network}, ${norm === "none" ? "no" : norm} norm, ${contender}, ${backend}`;
}

/** Whether a contender ran. */
export function hasTiming(contender: Timing | FailedTiming): contender is Timing {
  return "samples" in contender;
}
