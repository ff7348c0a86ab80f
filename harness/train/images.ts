/** The images of a trial: their three parts, how pixels are scaled, and the batches of an epoch. */
import type { ImageSet, ImageSplits } from "../../fixtures/datasets/image_set.ts";
import { shuffle, uniformStream } from "../../norms/basics/random.ts";
import type { DataRecord } from "./record.ts";
import { UsageError } from "../../norms/basics/errors.ts";

/** The images of a run. */
export interface TrainingImages extends ImageSplits {
  /** Height, width and channels of an image. */
  readonly shape: readonly [height: number, width: number, channels: number];
  /** Names of the classes. */
  readonly classes: readonly string[];
}

/** Images with the name of their data set, as `loadImageDataset` returns them. */
export interface NamedImages extends TrainingImages {
  /** The name in records and reports. */
  readonly name: string;
}

/**
 * Checks that pixels and labels fit shape and classes.
 *
 * @throws {RangeError} if they do not.
 */
export function checkImages({ train, test, shape, classes }: TrainingImages): void {
  const size = shape.reduce((a, b) => a * b);
  for (const [part, { pixels, labels, count }] of Object.entries({ train, test })) {
    if (pixels.length !== count * size || labels.length !== count) {
      throw new RangeError(
        `the ${part} images are ${pixels.length} bytes and ${labels.length} labels: ${count} images ` +
          `of shape [${shape.join(", ")}] have ${count * size} and ${count}`,
      );
    }
    const label = labels.find((each) => each >= classes.length);
    if (label !== undefined) {
      throw new RangeError(
        `label ${label} of the ${part} images is out of range: there are ${classes.length} classes, ` +
          "numbered from 0",
      );
    }
  }
}

/**
 * Takes three parts that have no image in common: to train on, the first of the training set; to judge
 * each epoch on, the last of it; to judge the finished trial on, the first of the test set.
 *
 * @throws {UsageError} if there are too few images.
 */
export function splitImages(dataset: ImageSplits, { name, train, validation, test }: DataRecord) {
  const { count } = dataset.train;
  if (train + validation > count) {
    throw new UsageError(
      `${name} has ${count} training images, too few for ${train} to train on and ${validation} to ` +
        "validate on. Ask for fewer, or choose another data set.",
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

const BYTE_VALUES = 256;

/** Tables by channel: the scaled value of each byte. */
export type PixelScale = readonly Float32Array[];

/**
 * Standardizes each channel by the mean and the deviation of the training images.
 *
 *     (byte - mean) / deviation
 *
 * over all pixels of the channel; the parts that a network is judged on are scaled by the same
 * numbers. A channel that is constant becomes 0.
 *
 * @param pixels Bytes of the training images, channels last.
 */
export function pixelScale(pixels: Uint8Array, channels: number): PixelScale {
  return countLevels(pixels, channels).map((counts) => {
    const count = pixels.length / channels;
    const mean = sum(counts, (level) => level) / count;
    const variance = sum(counts, (level) => (level - mean) ** 2) / count;
    const factor = variance > 0 ? 1 / Math.sqrt(variance) : 0;
    return Float32Array.from(counts, (_, level) => (level - mean) * factor);
  });
}

/** How often each byte occurs in each channel: with 60,000 images, sums of all pixels are slow. */
function countLevels(pixels: Uint8Array, channels: number): Float64Array[] {
  const counts = Array.from({ length: channels }, () => new Float64Array(BYTE_VALUES));
  for (let channel = 0; channel < channels; channel++) {
    const counter = counts[channel]!;
    for (let i = channel; i < pixels.length; i += channels) counter[pixels[i]!]!++;
  }
  return counts;
}

function sum(counts: Float64Array, term: (level: number) => number): number {
  return counts.reduce((total, count, level) => total + count * term(level), 0);
}

/** Writes the scaled `pixels` into `target`, from `offset` on. */
export function scalePixels(
  pixels: Uint8Array,
  scale: PixelScale,
  target: Float32Array,
  offset: number,
): void {
  const channels = scale.length;
  for (let channel = 0; channel < channels; channel++) {
    const table = scale[channel]!;
    for (let i = channel; i < pixels.length; i += channels) target[offset + i] = table[pixels[i]!]!;
  }
}

/**
 * The order in which an epoch goes through `count` images: a permutation that seed and epoch determine,
 * so that an epoch can be repeated without those before it.
 */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  return shuffle(order, uniformStream(`${seed}/order/${epoch}`));
}

export interface Batch {
  /** Shape [batch, height, width, channels]. */
  readonly pixels: Float32Array;
  readonly labels: Int32Array;
}

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
 * The batches of an epoch. A rest that does not fill a batch is left out: its statistics would be
 * noisier than those of a full batch, and each epoch leaves out other images.
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
