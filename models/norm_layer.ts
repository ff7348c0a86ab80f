/**
 * The norm of a network, as a layer.
 *
 * @module
 */
import { implementationsOf } from "../norms/basics/apply.ts";
import type { NormLayerArgs } from "../norms/layers/norm_layer.ts";
import { layerOf } from "../norms/layers/registry.ts";
import { normByName } from "../norms/registry.ts";
import { lengthOf, range, type Shape } from "../norms/basics/shape.ts";
import { stockLayer } from "../norms/basics/stock_layer.ts";
import type { Layer } from "../norms/basics/tensor.ts";
import type { NormChoice } from "./description.ts";

/** Settings that all norms of a network share. */
export interface NormSettings {
  /** Added to the variance, or mean square, under the root. */
  readonly epsilon: number;
  /** Share of the old running statistics that a step keeps. */
  readonly momentum: number;
  /** An implementation of the norm; left out: `fused` where the active backend has it, else its first. */
  readonly implementation?: string;
}

/**
 * What networks take unless told otherwise, for every norm, so that trials differ in the norm alone.
 *
 * A momentum of 0.99, the default of `tf.layers`, still holds 5 % of the zeros and ones that the
 * statistics start from after 300 steps; with 0.9 they are gone after 50. Epsilon is PyTorch's, and
 * that of most course material.
 */
export const NORM_SETTINGS: NormSettings = { epsilon: 1e-5, momentum: 0.9 };

/** The most groups that group norm makes of the channels of these small networks. */
const MOST_GROUPS = 8;

/** The fewest channels of a group: of one or two values in a dense layer only signs would be left. */
const FEWEST_CHANNELS = 4;

/** The norms of `tf.layers` here, by the factory that makes them. */
const STOCK: Readonly<Partial<Record<NormChoice, string>>> = {
  "tf-batch": "batchNormalization",
  "tf-layer": "layerNormalization",
};

/**
 * The layer that normalizes `sample`s, or none where the norm is `none` or works on weights.
 *
 * Layer and RMS norm take their statistics over all axes of a sample, channels and positions alike, as
 * Ba et al. do. Group norm splits the channels into as many groups as divide them, 8 at the most, with
 * four channels in each at the least.
 *
 * @param sample Shape of what reaches the layer, without the batch.
 * @throws {RangeError} if the norm does not fit the shape or the settings.
 */
export function normLayer(
  norm: NormChoice,
  sample: Shape,
  settings: NormSettings = NORM_SETTINGS,
): Layer | undefined {
  if (norm === "none" || norm === "weight") return undefined;
  const { epsilon, momentum } = settings;
  const options = { epsilon, ...extraOptions(norm, sample, momentum) };
  const factory = STOCK[norm];
  if (factory !== undefined) return stockLayer(factory, options);
  const implementation = implementationFor(norm, settings);
  const withImplementation: NormLayerArgs = { ...options, implementation };
  return layerOf(normByName(norm), withImplementation);
}

/**
 * Which implementation of a norm of the registry a network takes on the active backend.
 *
 * @throws {RangeError} if there is no such norm.
 */
export function implementationFor(norm: string, { implementation }: NormSettings): string {
  if (implementation !== undefined) return implementation;
  const available = Object.keys(implementationsOf(normByName(norm)));
  return available.includes("fused") ? "fused" : available[0]!;
}

/** Options that not every norm has. */
function extraOptions(norm: NormChoice, sample: Shape, momentum: number): Record<string, unknown> {
  switch (norm) {
    case "batch":
    case "tf-batch":
      return { momentum };
    case "layer":
    case "tf-layer":
    case "rms":
      return { axis: range(sample.length).map((axis) => axis + 1) };
    case "group":
      return { groups: groupsOf(lengthOf(sample, sample.length - 1)) };
    default:
      return {};
  }
}

/** The largest divisor of `channels` within the bounds, or 1. */
function groupsOf(channels: number): number {
  const most = Math.min(MOST_GROUPS, channels / FEWEST_CHANNELS);
  return range(MOST_GROUPS).map((i) => i + 1)
    .findLast((groups) => groups <= most && channels % groups === 0) ?? 1;
}

/** Whether the norm adds a beta of its own, which a bias right before it would only repeat. */
export function hasBeta(norm: NormChoice): boolean {
  return norm !== "none" && norm !== "weight" && norm !== "rms";
}
