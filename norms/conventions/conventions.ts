/**
 * How a framework spells a norm: the types that its file fills, and what all of them need.
 *
 * @module
 */
import { range, type Shape } from "../basics/shape.ts";

/** Where an array of Normbench is in a framework. */
export interface Place {
  /** Its name there; of weights and states, as the framework's own object calls them. */
  readonly name: string;
  /** The framework's axes in the order of Normbench; left out, the order is the same. */
  readonly axes?: readonly number[];
  /** Axes of length 1 that the framework's array has after its others; default 0. */
  readonly ones?: number;
}

/** What a framework's running statistics are. */
export interface RunningConvention {
  /** Whether its momentum is the share that is `kept`, as in Normbench, or the share that is `new`. */
  readonly momentum: "kept" | "new";
  /** Whether its running variance follows the biased variance of a batch, or n/(n-1) times that. */
  readonly variance: "biased" | "unbiased";
}

/** A norm as a framework spells it. */
export interface Spelling {
  /** The class, module or operator. */
  readonly layer: string;
  /** Its options, by their names there. */
  readonly options: Readonly<Record<string, unknown>>;
  /** How it is called so that it trains, or predicts, as the norm does. */
  readonly call: string;
  /** Of `x`, `y` and every input, by the name in Normbench. */
  readonly places: Readonly<Record<string, Place>>;
  /** What the framework needs and Normbench has not: the number that fills the place, by its name there. */
  readonly constants?: Readonly<Record<string, { readonly value: number; readonly like: Shape }>>;
  /** Of a norm that has running statistics. */
  readonly running?: RunningConvention;
  /** Where no setting is equal, and what to do about it. */
  readonly warnings: readonly string[];
}

/** A norm, its options filled in with defaults. */
export interface FilledCase {
  /** Shape of `x`. */
  readonly shape: Shape;
  /** The axes that `axis` or `fromAxis` names, not negative, in their order. */
  readonly axes: readonly number[];
  readonly options: {
    readonly epsilon: number;
    readonly scale: boolean;
    readonly center: boolean;
    readonly momentum: number;
    readonly unbiasedVariance: boolean;
    readonly training: boolean;
    readonly trainable: boolean;
    readonly returnStatistics: boolean;
    readonly groups: number;
    readonly units: number;
    readonly kernelSize?: readonly [number, number];
    readonly strides: readonly [number, number];
    readonly padding: "valid" | "same";
    readonly useBias: boolean;
  };
}

/** A layer of a framework, on data in its layout. */
export interface ForeignLayer {
  /** The class, module or operator: `BatchNormalization`, `BatchNorm2d`. */
  readonly layer: string;
  /** Shape of its data, samples first, as it takes them. */
  readonly shape: Shape;
  /** Its options, by their names; those left out have the framework's defaults. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Whether it trains, where that makes a difference; default false. */
  readonly training?: boolean;
}

/** A norm of Normbench, on data in the layout that it is translated with. */
export interface OwnNorm {
  /** Name of the norm: `batch`, `layer` … */
  readonly norm: string;
  /** Shape of `x`. */
  readonly shape: Shape;
  /** Its options; those left out have Normbench's defaults. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A framework. */
export interface Conventions {
  /** Its name in messages. */
  readonly title: string;
  /** Spells a norm, by the name of the norm. */
  readonly norms: Readonly<Record<string, (of: FilledCase) => Spelling>>;
  /** Reads a layer, by the name of the layer; `training` is filled in for all alike. */
  readonly layers: Readonly<Record<string, (foreign: ForeignLayer) => OwnNorm>>;
}

/** The framework's place of data of which axis i is axis `order[i]` in Normbench. */
export function reordered(name: string, order: readonly number[]): Place {
  if (order.every((axis, i) => axis === i)) return { name };
  return { name, axes: range(order.length).map((axis) => order.indexOf(axis)) };
}

/** Samples, channels, then positions, for channels on this axis. */
export function channelsFirst(rank: number, channels: number): number[] {
  const [first, ...others] = range(rank).filter((axis) => axis !== channels);
  return first === undefined ? [channels] : [first, channels, ...others];
}

/** Those axes last, in their order. */
export function axesLast(rank: number, axes: readonly number[]): number[] {
  return [...range(rank).filter((axis) => !axes.includes(axis)), ...axes];
}

/** The last axes of data, as many as `normalized` has. */
export function lastAxes({ shape }: ForeignLayer, normalized: Shape): number[] {
  return range(normalized.length).map((i) => shape.length - normalized.length + i);
}

/** 1 - m without the digits that the subtraction adds: 0.01 for 0.99. */
export function complement(momentum: number): number {
  return Number((1 - momentum).toPrecision(15));
}

const REQUIRED = Symbol();

/** In place of the default of an option that has none. */
export function required<T>(): T {
  return REQUIRED as T;
}

/**
 * Fills in a framework's defaults.
 *
 * @param implied Options that repeat what the shape says, or change nothing.
 * @throws {RangeError} if an option has no translation, or is missing.
 */
export function fillIn<O extends object>(
  { layer, options = {} }: ForeignLayer,
  defaults: O,
  ...implied: readonly string[]
): O {
  const known = [...Object.keys(defaults), ...implied];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `option ${unknown} of ${layer} has no translation; known are ${known.join(", ")}`,
    );
  }
  const filled: Record<string, unknown> = { ...defaults, ...options };
  const names = Object.keys(defaults);
  const missing = names.find((name) => filled[name] === REQUIRED);
  if (missing !== undefined) throw new RangeError(`option ${missing} of ${layer} is missing`);
  return Object.fromEntries(names.map((name) => [name, filled[name]])) as O;
}

/**
 * Refuses data of a rank that the framework's layer does not take.
 *
 * @throws {RangeError} if the rank is none of `ranks`.
 */
export function checkRank(layer: string, { shape }: FilledCase, ranks: readonly number[]): void {
  if (ranks.includes(shape.length)) return;
  throw new RangeError(
    `${layer} takes data of rank ${ranks.join(", ")}, and [${shape.join(", ")}] has rank ` +
      `${shape.length}: reshape it first`,
  );
}

/** That a layer does not return the statistics that the norm does. */
export function statisticsWarning(layer: string, { options }: FilledCase): string[] {
  return options.returnStatistics
    ? [`${layer} does not return mean and deviation: returnStatistics has no equal`]
    : [];
}
