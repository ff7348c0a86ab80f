import { CIFAR10_CLASSES, CIFAR10_SHAPE } from "../../fixtures/datasets/cifar10.ts";
import {
  FASHION_MNIST_CLASSES,
  FASHION_MNIST_SHAPE,
} from "../../fixtures/datasets/fashion_mnist.ts";
import { type ImageLimits, type ImageSplits, limited } from "../../fixtures/datasets/image_set.ts";
import { syntheticImages } from "../../fixtures/datasets/synthetic.ts";
import { CIFAR10, loadCifar10 } from "./cifar10.ts";
import { type DatasetSource, UnavailableError } from "./dataset_source.ts";
import { FASHION_MNIST, loadFashionMnist } from "./fashion_mnist.ts";

/** Names of the data sets. */
export const DATASET_NAMES = ["fashion-mnist", "cifar-10", "synthetic"] as const;

/** One of {@linkcode DATASET_NAMES}. */
export type DatasetName = typeof DATASET_NAMES[number];

/** Labelled images for training and test. */
export interface ImageDataset extends ImageSplits {
  /** Name as on the command line. */
  readonly name: DatasetName;
  /** Name as it is written in a report. */
  readonly title: string;
  /** Shape of an image; its elements are row-major. */
  readonly shape: readonly [height: number, width: number, channels: number];
  /** Names of the classes, in the order of their labels. */
  readonly classes: readonly string[];
  /** Printed at the head of every report: why this data set replaces another. */
  readonly notice?: string;
}

/** How many images to take, from the first on, and what generated ones follow from. */
export interface ImageDatasetLimits extends ImageLimits {
  /** Generated images follow from it alone; 0 if not given. */
  readonly seed?: number;
}

const FASHION = {
  title: FASHION_MNIST.title,
  shape: FASHION_MNIST_SHAPE,
  classes: FASHION_MNIST_CLASSES,
};

const CIFAR = { title: CIFAR10.title, shape: CIFAR10_SHAPE, classes: CIFAR10_CLASSES };

const PUBLISHED = new Map([
  ["fashion-mnist", { ...FASHION, load: loadFashionMnist }],
  ["cifar-10", { ...CIFAR, load: loadCifar10 }],
]);

const SYNTHETIC = { train: 60_000, test: 10_000 } as const;

/**
 * Loads a data set, or the first images of each part of it.
 *
 * `auto` is Fashion-MNIST or, if that is not found and cannot be downloaded, `synthetic` with a notice
 * that says so.
 *
 * @throws {RangeError} If there is no data set of that name, or a limit is not a whole number from 0 on.
 * @throws {UnavailableError} If a data set other than `auto` is not found and cannot be downloaded.
 * @throws {MissingError} If the user's folder holds a damaged file, or the cache cannot be written.
 */
export async function loadImageDataset(
  name: DatasetName | "auto",
  source: DatasetSource = {},
  limits: ImageDatasetLimits = {},
): Promise<ImageDataset> {
  if (name === "auto") return await fashionOrSynthetic(source, limits);
  if (name === "synthetic") return synthetic(limits);
  const published = PUBLISHED.get(name);
  if (published === undefined) {
    throw new RangeError(`no data set "${name}"; there are auto, ${DATASET_NAMES.join(", ")}`);
  }
  const { load, ...about } = published;
  return { name, ...about, ...await load({ ...source, ...limits }) };
}

function synthetic({ train, test, seed = 0 }: ImageDatasetLimits): ImageDataset {
  const counts = { train: limited(SYNTHETIC.train, train), test: limited(SYNTHETIC.test, test) };
  return {
    name: "synthetic",
    ...FASHION,
    title: "Synthetic garments",
    ...syntheticImages({ ...counts, seed }),
  };
}

async function fashionOrSynthetic(
  source: DatasetSource,
  limits: ImageDatasetLimits,
): Promise<ImageDataset> {
  try {
    return await loadImageDataset("fashion-mnist", source, limits);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const notice =
      `Generated images stand in for ${FASHION_MNIST.title}, which is not available here: ` +
      `results on them say nothing about it. To use it, ${error.remedy}.`;
    return { ...synthetic(limits), notice };
  }
}
