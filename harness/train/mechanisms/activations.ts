/** What reaches the activations of a network: percentiles of every unit, their drift, dead units. */
import type { Model } from "../../../models/description.ts";
import { countCorrect } from "../../../models/loss.ts";
import * as tf from "../../../norms/basics/tf.ts";
import { mean } from "../../../reports/statistics.ts";
import type { ImageBatch } from "./networks.ts";

/** Percentiles of a unit's input over a batch. */
export interface Percentiles {
  readonly p15: number;
  readonly p50: number;
  readonly p85: number;
}

/** What reaches the activations, and how well the network does. */
export interface Activations {
  /** For each activation, each unit's percentiles. */
  readonly layers: readonly (readonly Percentiles[])[];
  /** Share of units, of all layers, whose input is above 0 for no image: dead, with a ReLU. */
  readonly silent: number;
  /** Share of the images whose class is found, by the statistics of this batch. */
  readonly accuracy: number;
}

/** Looks at a batch in training mode; running statistics change with it. */
export async function lookAtActivations(
  model: Model,
  [images, labels]: ImageBatch,
): Promise<Activations> {
  // The first layer is the input.
  const { inputs, correct } = tf.tidy(() => {
    const inputs: tf.Tensor[] = [];
    const logits = model.layers.slice(1).reduce<tf.Tensor>((x, layer) => {
      if (isActivation(layer.getClassName())) inputs.push(tf.keep(x.clone()));
      return layer.apply(x, { training: true }) as tf.Tensor;
    }, images);
    return { inputs, correct: tf.keep(countCorrect(logits, labels as tf.Tensor1D)) };
  });
  try {
    const values = await Promise.all(inputs.map((input) => input.data<"float32">()));
    const units = inputs.map(({ shape }) => shape.at(-1)!);
    const sorted = values.map((each, layer) => sortedByUnit(each, units[layer]!));
    const all = sorted.flat();
    return {
      layers: sorted.map((layer) => layer.map(percentilesOf)),
      silent: all.filter((unit) => unit.at(-1)! <= 0).length / all.length,
      accuracy: (await correct.data())[0]! / labels.size,
    };
  } finally {
    tf.dispose([...inputs, correct]);
  }
}

function isActivation(className: string): boolean {
  return className === "Activation" || className === "LeakyReLU";
}

/** Units are the last axis. */
function sortedByUnit(values: Float32Array, units: number): Float32Array[] {
  return Array.from(
    { length: units },
    (_, unit) => values.filter((_value, i) => i % units === unit).sort(),
  );
}

function percentilesOf(sorted: Float32Array): Percentiles {
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return { p15: at(0.15), p50: at(0.5), p85: at(0.85) };
}

/**
 * How far the percentiles of a layer's units have moved, as a mean over units and percentiles, in units of
 * the mean distance from the 15th to the 85th percentile.
 */
export function driftBetween(
  before: readonly Percentiles[],
  after: readonly Percentiles[],
): number {
  const moved = after.flatMap(({ p15, p50, p85 }, unit) => {
    const then = before[unit]!;
    return [p15 - then.p15, p50 - then.p50, p85 - then.p85].map(Math.abs);
  });
  return mean(moved) / mean(before.map(({ p15, p85 }) => p85 - p15));
}
