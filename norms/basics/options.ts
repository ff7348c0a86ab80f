/**
 * The options of every norm, and what they mean; read by the norms and by their oracles.
 *
 * @module
 */
import type { Arrangement } from "./arrangement.ts";
import { kindOf } from "./errors.ts";
import { type NamedAxes, reductionLength } from "./shape.ts";

/** The options that every norm understands or ignores; each norm extends them. */
export interface NormOptions {
  /** Whether statistics come from the batch, where training and prediction differ; default false. */
  readonly training?: boolean;
}

/** Which of gamma and beta a norm has. */
export interface AffineOptions {
  /** Whether there is a gamma; default true. */
  readonly scale?: boolean;
  /** Whether there is a beta; default true. */
  readonly center?: boolean;
}

/** Options of every norm that standardizes. */
export interface StandardizationOptions extends NormOptions, AffineOptions {
  /** Added to the variance under the root; default 1e-3, as `tf.layers` has it. */
  readonly epsilon?: number;
}

/** Options of every norm that can return its statistics. */
export interface StatisticsOptions {
  /** Whether mean and 1 / deviation are outputs beside `y`; default false. */
  readonly returnStatistics?: boolean;
}

/** The options that come with each call of a layer, or with none. */
export type CallOption = "training" | "trainable" | "returnStatistics";

/** As a list, of which the type says that it is all. */
const CALL_OPTIONS: Readonly<Record<CallOption, true>> = {
  training: true,
  trainable: true,
  returnStatistics: true,
};

/** Value of every option that is left out; undefined where there is none. */
export type Defaults<O> = { readonly [Name in keyof O]-?: O[Name] | undefined };

/** The defaults of those options that are fixed with a layer. */
export function layerDefaults<O extends object>(defaults: Defaults<O>): Omit<O, CallOption> {
  return Object.fromEntries(
    Object.entries(defaults).filter(([name]) => !Object.hasOwn(CALL_OPTIONS, name)),
  ) as Omit<O, CallOption>;
}

/**
 * Refuses a name that is none of the known ones.
 *
 * @throws {TypeError} with the known ones.
 */
export function checkNames(
  owner: string,
  names: readonly string[],
  known: readonly string[],
  others = "",
): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(`${owner} has no option "${unknown}": it takes ${known.join(", ")}${others}`);
}

/**
 * Refuses options that are not an object of them.
 *
 * @throws {TypeError} that says what they are.
 */
export function checkRecord(owner: string, options: unknown): void {
  if (kindOf(options) === "an object") return;
  throw new TypeError(
    `the options of ${owner} are ${kindOf(options)}: give them by name, as in { name: value }`,
  );
}

/** What `tf.layers` takes for epsilon; PyTorch takes 1e-5. */
export const DEFAULT_EPSILON = 1e-3;

/**
 * Refuses an epsilon that is not a number from 0 up.
 *
 * @throws {RangeError} if it is negative or not finite.
 */
export function checkEpsilon(epsilon: number): void {
  if (!Number.isFinite(epsilon) || epsilon < 0) {
    throw new RangeError(`epsilon ${epsilon} is not a number from 0 up: use a small one like 1e-3`);
  }
}

/**
 * Refuses what is not a count.
 *
 * @throws {RangeError} if `value` is not a positive whole number.
 */
export function checkCount(name: string, value: unknown): void {
  if (value === undefined) {
    throw new RangeError(
      `${name} is left out: give a positive whole number, as in { ${name}: 32 }`,
    );
  }
  if (!Number.isInteger(value) || (value as number) < 1) {
    throw new RangeError(`${name} ${value} is not a positive whole number`);
  }
}

/** Options of layer norm. */
export interface LayerNormOptions extends StandardizationOptions, StatisticsOptions, NamedAxes {}

/** Options of instance norm. */
export interface InstanceNormOptions extends StandardizationOptions, StatisticsOptions {
  /** The channel axis; default the last. */
  readonly axis?: number;
}

/** Options of group norm. */
export interface GroupNormOptions extends InstanceNormOptions {
  /** Number of groups that the channels are split into; default 32, which must divide them. */
  readonly groups?: number;
}

/** The number of groups that the paper settles on, and Keras takes. */
export const DEFAULT_GROUPS = 32;

/** Options of RMS norm. */
export interface RMSNormOptions extends NormOptions, StatisticsOptions, NamedAxes {
  /** Added to the mean square under the root; default 1e-6, as Keras has it. */
  readonly epsilon?: number;
  /** Whether there is a gamma; default true. */
  readonly scale?: boolean;
}

/** What Keras takes for epsilon. */
export const RMS_EPSILON = 1e-6;

/** Options of weight norm. */
export interface WeightNormOptions extends NormOptions {
  /** Output units of the dense layer, or filters of the convolution. */
  readonly units: number;
  /** Height and width of the convolution's kernel; left out for a dense layer. */
  readonly kernelSize?: readonly [number, number];
  /** Strides of the convolution; default 1, 1. */
  readonly strides?: readonly [number, number];
  /** Padding of the convolution; default `valid`. */
  readonly padding?: "valid" | "same";
  /** Whether there is a bias; default true. */
  readonly useBias?: boolean;
}

/** Options of every norm that predicts with running statistics. */
export interface RunningOptions extends StandardizationOptions {
  /** Share of the old running statistics that a training step keeps; default 0.99. */
  readonly momentum?: number;
  /** A frozen layer (false) uses running statistics even in training, and keeps them; default true. */
  readonly trainable?: boolean;
}

/** Options of batch norm. */
export interface BatchNormOptions extends RunningOptions {
  /** The feature axis: every other axis is averaged over; default the last. */
  readonly axis?: number;
  /** Whether the running variance follows n/(n-1) times the batch variance; default false. */
  readonly unbiasedVariance?: boolean;
}

/** What `tf.layers` and Keras take for momentum; PyTorch's 0.1 is 0.9 in this convention. */
export const DEFAULT_MOMENTUM = 0.99;

/** The defaults that they have in common. */
export const RUNNING_DEFAULTS: Defaults<RunningOptions> = {
  training: false,
  trainable: true,
  momentum: DEFAULT_MOMENTUM,
  epsilon: DEFAULT_EPSILON,
  scale: true,
  center: true,
};

/** Whether these options take statistics from the batch and update the running ones. */
export function usesBatchStatistics(
  { training = false, trainable = true }: RunningOptions,
): boolean {
  return training && trainable;
}

/** n/(n-1) where the running variance is to be unbiased, else 1. */
export function varianceCorrection(
  { shape, axes }: Arrangement,
  { unbiasedVariance = false }: BatchNormOptions,
): number {
  const count = reductionLength(shape, axes);
  return unbiasedVariance ? count / (count - 1) : 1;
}
