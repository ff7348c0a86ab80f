/**
 * The images of a trial: their three parts, and the batches in which they are learned from.
 *
 * @module
 */
import type { ImageSet, ImageSplits } from "../../fixtures/datasets/image_set.ts";
import { shuffle, uniformStream } from "../../norms/basics/random.ts";
import type { DataRecord } from "./record.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import { type PixelScale, scalePixels } from "./standardize.ts";

/** The parts of a data set; no image is in two of them. */
export interface Parts {
  /** To learn from: the first of the training set. */
  readonly train: ImageSet;
  /** To judge each epoch on: the last of the training set. */
  readonly validation: ImageSet;
  /** To judge the finished trial on: the first of the test set. */
  readonly test: ImageSet;
}

/**
 * Takes the parts of a data set.
 *
 * @throws {UsageError} if it has not so many images.
 */
export function splitImages(
  dataset: ImageSplits,
  { name, train, validation, test }: DataRecord,
): Parts {
  const { count } = dataset.train;
  if (train + validation > count) {
    throw new UsageError(
      `${name} has ${count} training images, too few for ${train} to learn from and ${validation} ` +
        "to validate on. Ask for fewer, or choose another data set.",
    );
  }
  if (test > dataset.test.count) {
    throw new UsageError(
      `${name} has ${dataset.test.count} test images, not ${test}. Ask for fewer, or choose ` +
        "another data set.",
    );
  }
  return {
    train: range(dataset.train, 0, train),
    validation: range(dataset.train, count - validation, count),
    test: range(dataset.test, 0, test),
  };
}

function range({ pixels, labels, count }: ImageSet, start: number, end: number): ImageSet {
  const size = pixels.length / count;
  return {
    pixels: pixels.subarray(start * size, end * size),
    labels: labels.subarray(start, end),
    count: end - start,
  };
}

/**
 * The order in which an epoch goes through `count` images: a permutation that seed and epoch determine,
 * so that an epoch can be repeated without those before it.
 */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  return shuffle(order, uniformStream(`${seed}/order/${epoch}`));
}

/** A batch as numbers, to make tensors of. */
export interface Batch {
  /** Shape [batch, height, width, channels]. */
  readonly pixels: Float32Array;
  readonly labels: Int32Array;
}

/** The images of these indices, scaled. */
export function takeBatch(images: ImageSet, indices: Uint32Array, scale: PixelScale): Batch {
  const size = images.pixels.length / images.count;
  const pixels = new Float32Array(indices.length * size);
  indices.forEach((index, place) => {
    const image = images.pixels.subarray(index * size, (index + 1) * size);
    scalePixels(image, scale, pixels, place * size);
  });
  return { pixels, labels: Int32Array.from(indices, (index) => images.labels[index]!) };
}

/**
 * The batches of an epoch. A rest that does not fill a batch is left out: it would be normalized by
 * other statistics than the rest, and each epoch leaves out other images.
 */
export function* epochBatches(
  images: ImageSet,
  order: Uint32Array,
  batchSize: number,
  scale: PixelScale,
): Generator<Batch> {
  for (let start = 0; start + batchSize <= order.length; start += batchSize) {
    yield takeBatch(images, order.subarray(start, start + batchSize), scale);
  }
}
