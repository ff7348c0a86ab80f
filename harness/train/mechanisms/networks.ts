/** Networks and batches of the mechanisms. */
import { breathe } from "../../../norms/basics/event_loop.ts";
import { uniformStream } from "../../../norms/basics/random.ts";
import * as tf from "../../../norms/basics/tf.ts";
import { buildModel } from "../../../models/build.ts";
import type { Model, ModelDescription, NormChoice } from "../../../models/description.ts";
import { NORM_SETTINGS, type NormSettings } from "../../../models/norm_layer.ts";
import { type Differentiable, disposeSlope, Probe } from "../../../models/probe.ts";
import { mean } from "../../../reports/statistics.ts";
import { normColour } from "../report/labels.ts";
import { type PixelScale, pixelScale, takeBatch, type TrainingImages } from "../images.ts";
import type { Measured, MechanismArm, MechanismContext, Settings } from "./mechanism.ts";

/** Images to draw batches from. */
const DRAWN_FROM = 10_000;

/** Norms are composed of basic operations, their gradient is the tape's. */
const COMPOSED: NormSettings = { ...NORM_SETTINGS, implementation: "composed" };

/** Black or white: 1 for every pixel that is at least half bright. */
export const BINARY: PixelScale = [Float32Array.from({ length: 256 }, (_, level) => level >> 7)];

/** Images and their labels. */
export type ImageBatch = readonly [images: tf.Tensor, labels: tf.Tensor];

/** Batches of the first training images: those of a step depend on seed and step alone. */
export class Batches {
  readonly #images: TrainingImages;
  readonly #count: number;
  readonly #scale: PixelScale;

  constructor(images: TrainingImages, scale?: PixelScale) {
    this.#images = images;
    this.#count = Math.min(DRAWN_FROM, images.train.count);
    const size = images.train.pixels.length / images.train.count;
    this.#scale = scale ??
      pixelScale(images.train.pixels.subarray(0, this.#count * size), images.shape[2]);
  }

  /** The batch of a step; the caller disposes of both tensors. */
  draw(seed: number, step: number, size: number): ImageBatch {
    const uniform = uniformStream(`${seed}/mechanism/${step}`);
    return this.#take(
      Uint32Array.from({ length: size }, () => Math.floor(this.#count * uniform())),
    );
  }

  /** The first images, the same for every seed. */
  first(size: number): ImageBatch {
    return this.#take(Uint32Array.from({ length: Math.min(size, this.#count) }, (_, i) => i));
  }

  #take(indices: Uint32Array): ImageBatch {
    const { pixels, labels } = takeBatch(this.#images.train, indices, this.#scale);
    return [
      tf.tensor4d(pixels, [labels.length, ...this.#images.shape]),
      tf.tensor1d(labels, "int32"),
    ];
  }
}

/** Builds a network for these images; its norms are composed of basic operations. */
export function buildNetwork(
  model: ModelDescription,
  { images, seed }: Pick<MechanismContext, "images" | "seed">,
  then?: NormSettings["then"],
): Model {
  const settings = then === undefined ? COMPOSED : { ...COMPOSED, then };
  return buildModel(model, images.shape, images.classes.length, seed, settings);
}

/** One training run by gradient descent, and how often it is looked at. */
export interface Run {
  readonly steps: number;
  /** Steps from one look to the next. */
  readonly every: number;
  readonly learningRate: number;
}

/** What is seen at a step, by name: the points of curves, whose means are the values. */
export type Look = (
  probe: Probe,
  batch: readonly tf.Tensor[],
  step: number,
) => Promise<Readonly<Record<string, number>>>;

/**
 * Trains by plain gradient descent, each step on its batch, and looks before every `every`-th step; the
 * loss of these steps is a curve as well.
 *
 * Where the loss is not finite the run ends: its values are NaN, and its curves end there.
 *
 * @param batchAt Makes the batch of a step, which is disposed of here.
 */
export async function observe(
  network: Differentiable,
  batchAt: (step: number) => readonly tf.Tensor[],
  { steps, every, learningRate }: Run,
  look: Look,
  onProgress: MechanismContext["onProgress"],
): Promise<Measured> {
  const probe = new Probe(network);
  const x: number[] = [];
  const curves = new Map<string, number[]>();
  const add = (name: string, value: number) => {
    if (!curves.has(name)) curves.set(name, []);
    curves.get(name)!.push(value);
  };
  let diverged = false;
  try {
    for (let step = 0; step < steps && !diverged; step++) {
      const batch = batchAt(step);
      const isLookedAt = step % every === 0;
      const seen = isLookedAt ? await look(probe, batch, step) : {};
      const slope = probe.slope(...batch);
      probe.descend(slope.gradients, learningRate);
      const loss = isLookedAt ? (await slope.loss.data())[0]! : 0;
      disposeSlope(slope);
      tf.dispose([...batch]);
      diverged = !Number.isFinite(loss);
      if (isLookedAt && !diverged) {
        x.push(step);
        for (const [name, value] of Object.entries({ ...seen, loss })) add(name, value);
      }
      await breathe();
      onProgress((step + 1) / steps);
    }
  } finally {
    probe.dispose();
  }
  return {
    values: Object.fromEntries([...curves].map(([name, y]) => [name, diverged ? NaN : mean(y)])),
    series: Object.fromEntries([...curves].map(([name, y]) => [name, { x, y }])),
  };
}

/** An arm for every norm, which the same network has. */
export function normArms<S extends Settings>(
  norms: readonly NormChoice[],
  network: ModelDescription,
  measure: (model: ModelDescription, context: MechanismContext<S>) => Promise<Measured>,
): MechanismArm<S>[] {
  return norms.map((norm) => ({
    name: norm,
    colour: normColour(norm),
    measure: (context) => measure({ ...network, norm }, context),
  }));
}
