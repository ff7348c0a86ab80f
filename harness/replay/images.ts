/**
 * CIFAR-10 as the notebook prepares it.
 *
 * @module
 */
import type { ImageSet } from "../../fixtures/datasets/image_set.ts";
import { type Matrix, matrix } from "./matrix.ts";

/** How the notebook divides the images. */
export interface Split {
  /** Number of images, the first ones, whose mean is subtracted from all. */
  readonly population: number;
  /** How many of these, the first ones, the networks are trained on. */
  readonly train: number;
  /** How many after the population the networks are validated on. */
  readonly validation: number;
}

const NOTEBOOK_SPLIT: Split = { population: 49_000, train: 1000, validation: 1000 };

/** Images minus the mean image, channels first, flattened. */
export interface CentredImages {
  readonly x: Float32Array;
  readonly labels: Uint8Array;
  readonly count: number;
}

/** CIFAR-10 as the notebook's experiments use it. */
export interface NotebookImages {
  /** Numbers in an image. */
  readonly features: number;
  readonly train: CentredImages;
  readonly validation: CentredImages;
  /** Raw pixels of the first images, each a row. */
  readonly raw: Matrix;
}

/** Most images that the demonstrations use. */
const MOST_RAW_IMAGES = 100;

/**
 * Subtracts the population's mean image in float64, then rounds to float32, as the notebook does.
 *
 * @param images Channels first.
 */
export function prepareImages(images: ImageSet, split: Split = NOTEBOOK_SPLIT): NotebookImages {
  const { population, train, validation } = split;
  const features = images.pixels.length / images.count;
  const mean = meanImage(images.pixels, population, features);
  const centre = (from: number, count: number): CentredImages => {
    const pixels = images.pixels.subarray(from * features, (from + count) * features);
    return {
      x: Float32Array.from(pixels, (pixel, i) => pixel - mean[i % features]!),
      labels: images.labels.subarray(from, from + count),
      count,
    };
  };
  const shown = Math.min(MOST_RAW_IMAGES, train - train % 2);
  return {
    features,
    raw: matrix([shown, features], Float64Array.from(images.pixels.subarray(0, shown * features))),
    train: centre(0, train),
    validation: centre(population, validation),
  };
}

/** The mean of the first `count` images, whose sums are whole numbers and exact. */
function meanImage(pixels: Uint8Array, count: number, features: number): Float64Array {
  const sums = new Float64Array(features);
  for (let image = 0; image < count; image++) {
    const start = image * features;
    for (let i = 0; i < features; i++) sums[i]! += pixels[start + i]!;
  }
  return sums.map((sum) => sum / count);
}
