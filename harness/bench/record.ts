/**
 * Records of benchmarks: what was timed against what, and how fast the machine could have been.
 *
 * @module
 */
import type { Failure } from "../parity/record.ts";
import type { SCHEMA } from "../run/record.ts";

/** What one run of a contender does; a training step belongs to a network. */
export type Workload = "forward" | "forward+backward" | "training step";

/** What part a contender plays. */
export type ContenderRole =
  /** An implementation of the registry. */
  | "custom"
  /** `tf.layers`, a fused kernel of TensorFlow, a network without norm. */
  | "reference"
  /** Another framework, in a Python process of its own. */
  | "peer"
  /** One read and one write of the same number of elements, the least that can be done with them. */
  | "copy";

/** The contender of a training step that all norms are held against: the network without one. */
export const WITHOUT_NORM = "no norm";

/** The contender that all implementations of a norm are held against: what a careful student writes. */
export const TEXTBOOK = "textbook";

/** Where the middle and the tail of some samples lie, in seconds. */
export interface Spread {
  /** Half of the samples are below. */
  readonly median: number;
  /** A quarter of the samples is below. */
  readonly p25: number;
  /** Three quarters of the samples are below. */
  readonly p75: number;
  /** One sample in a hundred is above. */
  readonly p99: number;
}

/** How long a contender took. */
export interface Timing {
  /** Name of the implementation, of the reference or of the framework. */
  readonly name: string;
  /** What part it plays. */
  readonly role: ContenderRole;
  /** Runs in a sample, which end in one forced completion. */
  readonly batch: number;
  /** Seconds a run, sample by sample; those of one place belong to one round, except a peer's. */
  readonly samples: readonly number[];
  /** Of the samples. */
  readonly seconds: Spread;
  /** Of the time that the device's own clock gives its kernels, where it has one. */
  readonly device?: Spread;
  /** Elements of the normalized tensor a second; `null` for a training step. */
  readonly elementsPerSecond: number | null;
  /** Samples along axis 0 a second; `null` where that axis is not one of samples. */
  readonly imagesPerSecond: number | null;
  /** The least traffic that the norm needs, a second; `null` for a training step. */
  readonly bytesPerSecond: number | null;
  /** The same as a share of the bandwidth that the copy reached, which took turns with it. */
  readonly copyShare: number | null;
  /** Most bytes held at once beyond what was there before; `null` where nobody can tell. */
  readonly peakBytes: number | null;
  /** Most tensors held at once beyond those that were there before. */
  readonly peakTensors: number | null;
}

/** A contender that could not run. */
export interface FailedTiming extends Failure {
  /** Its name. */
  readonly name: string;
  /** What part it plays. */
  readonly role: ContenderRole;
}

/** How the times of two contenders compare. */
export interface RatioRecord {
  /** The one above the line. */
  readonly contender: string;
  /** The one below. */
  readonly against: string;
  /** Median over median; below 1, `contender` is the faster one. */
  readonly ratio: number;
  /** Lower end of the 95 % bootstrap interval. */
  readonly low: number;
  /** Its upper end. */
  readonly high: number;
}

/** The calibration kernel before and after a group. */
export interface Calibration {
  /** Seconds before the group, the lower quarter of a few runs. */
  readonly before: number;
  /** The same after the group. */
  readonly after: number;
  /** Whether the machine became so much slower or faster that times of the group are doubtful. */
  readonly drifted: boolean;
}

/** Contenders that did the same, in turns, in one process. */
export interface BenchRecord {
  /** Tells a benchmark from other records. */
  readonly kind: "bench";
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** Name of the backend that ran. */
  readonly backend: string;
  /** Registry name of the norm. */
  readonly norm: string;
  /** What each of them does. */
  readonly workload: Workload;
  /** The network of a training step: `mlp` or `cnn`. */
  readonly network?: string;
  /** Shape of the normalized tensor, or of the batch that the network trains on. */
  readonly shape: readonly number[];
  /** Options of the norm. */
  readonly options: Readonly<Record<string, unknown>>;
  /** `cold`: inputs rotate over more bytes than a cache holds; `hot`: they may stay in one. */
  readonly cache: "hot" | "cold";
  /** Inputs that rotate. */
  readonly inputs: number;
  /** From 1; a baseline is made of two passes over everything. */
  readonly pass: number;
  /** Order of the rounds, inputs and bootstrap follow from it. */
  readonly seed: number;
  /** Everybody who took part. */
  readonly contenders: readonly (Timing | FailedTiming)[];
  /** Every custom norm against every reference and peer, and against the first implementation. */
  readonly ratios: readonly RatioRecord[];
  /** `null` where nothing could be run. */
  readonly calibration: Calibration | null;
}

/** How fast a backend copies, and what waiting for it costs when it has nothing to do. */
export interface BandwidthRecord {
  /** Tells a bandwidth from other records. */
  readonly kind: "bandwidth";
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** Name of the backend that ran. */
  readonly backend: string;
  /** The operation that streams fastest here: one tensor read, one written. */
  readonly operation: string;
  /** Its times by size, the smallest first. */
  readonly points: readonly {
    /** Size of the tensor. */
    readonly elements: number;
    /** Median of its times. */
    readonly seconds: number;
    /** Read and written. */
    readonly bytesPerSecond: number;
  }[];
  /** At the size that does not fit a cache. */
  readonly bytesPerSecond: number;
  /** Of a forced completion with no work before it. */
  readonly completion: Spread;
}

/** How an implementation's time changed since a baseline, in units of what `yardstick` took. */
export interface ChangeRecord {
  /** Tells a change from other records. */
  readonly kind: "change";
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** Name of the backend that ran. */
  readonly backend: string;
  /** Name of the baseline. */
  readonly baseline: string;
  /** Registry name of the norm. */
  readonly norm: string;
  /** `all` for the mean over everything that the implementation was timed on. */
  readonly workload: Workload | "all";
  /** The network of a training step: `mlp` or `cnn`. */
  readonly network?: string;
  /** Empty for the mean over all shapes. */
  readonly shape: readonly number[];
  /** The implementation. */
  readonly contender: string;
  /** What its time was divided by, then and now, so that a slower machine is no slower norm. */
  readonly yardstick: string;
  /** Lower quarter of the samples over that of the yardstick's, now over then; above 1 is slower. */
  readonly change: number;
  /**
   * Lower end of the 95 % bootstrap interval, over samples or, for the mean over all, over what it is
   * the mean of.
   */
  readonly low: number;
  /** Its upper end. */
  readonly high: number;
  /** What the interval must be beyond for a change to count, as a factor. */
  readonly noise: number;
  /** `same` unless the interval lies beyond the noise. */
  readonly verdict: "same" | "slower" | "faster";
}

/** Whether a contender ran. */
export function hasTiming(contender: Timing | FailedTiming): contender is Timing {
  return "samples" in contender;
}
