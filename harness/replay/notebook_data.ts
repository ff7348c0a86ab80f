/**
 * CIFAR-10 as the notebook prepares it.
 *
 * @module
 */
import type { ImageSet } from "../../fixtures/datasets/image_set.ts";
import { type Matrix, matrix } from "./matrix.ts";

/** How many images the notebook takes for what. */
export interface Split {
  /** The first training images, whose mean is subtracted from all. */
  readonly population: number;
  /** How many of them are learned from: the first. */
  readonly train: number;
  /** How many after the population judge the network. */
  readonly validation: number;
}

/** The notebook's. */
export const NOTEBOOK_SPLIT: Split = { population: 49_000, train: 1000, validation: 1000 };

/** Images less the mean image, channels first, flattened. */
export interface Centred {
  readonly x: Float32Array;
  readonly labels: Uint8Array;
  readonly count: number;
}

/** What the network learns from and is judged on. */
export interface NotebookData {
  /** Elements of an image. */
  readonly features: number;
  readonly train: Centred;
  readonly validation: Centred;
  /** Raw pixels of the first images, each a row. */
  readonly raw: Matrix;
}

/** Images of the demonstrations, at most. */
const RAW_IMAGES = 100;

/**
 * Subtracts the population's mean image in float64, then rounds to float32, as the notebook does.
 *
 * @param images With channels first.
 */
export function prepareData(images: ImageSet, split: Split = NOTEBOOK_SPLIT): NotebookData {
  const { population, train, validation } = split;
  const features = images.pixels.length / images.count;
  const mean = meanImage(images.pixels, population, features);
  const centre = (from: number, count: number): Centred => {
    const pixels = images.pixels.subarray(from * features, (from + count) * features);
    return {
      x: Float32Array.from(pixels, (pixel, i) => pixel - mean[i % features]!),
      labels: images.labels.subarray(from, from + count),
      count,
    };
  };
  const shown = Math.min(RAW_IMAGES, train - train % 2);
  return {
    features,
    raw: matrix([shown, features], Float64Array.from(images.pixels.subarray(0, shown * features))),
    train: centre(0, train),
    validation: centre(population, validation),
  };
}

/** The mean of the first `count` images; their sums are whole numbers, and exact. */
function meanImage(pixels: Uint8Array, count: number, features: number): Float64Array {
  const sums = new Float64Array(features);
  for (let image = 0; image < count; image++) {
    const start = image * features;
    for (let i = 0; i < features; i++) sums[i]! += pixels[start + i]!;
  }
  return sums.map((sum) => sum / count);
}
