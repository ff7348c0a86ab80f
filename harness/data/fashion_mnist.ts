/**
 * Fashion-MNIST: 70,000 grayscale images of clothing, 28 by 28 pixels, in 10 classes.
 *
 * @see Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
 * Algorithms", 2017, https://github.com/zalandoresearch/fashion-mnist
 */
import {
  FASHION_MNIST_SHAPE,
  fashionMnistElements,
  IDX_WORD,
} from "../../fixtures/datasets/fashion_mnist.ts";
import {
  type ImageLimits,
  type ImageSet,
  type ImageSplits,
  limited,
} from "../../fixtures/datasets/image_set.ts";
import { size } from "../../norms/basics/shape.ts";
import { gzipFile, type Part, plainFile } from "./dataset_file.ts";
import { type Dataset, type Download, loadParts } from "./dataset_folder.ts";
import type { DatasetSource } from "./dataset_source.ts";

const [HEIGHT, WIDTH] = FASHION_MNIST_SHAPE;
const PIXELS = HEIGHT * WIDTH;

export interface FashionMnistPart extends Part {
  /** Shape of the array that it holds: images, or as many labels. */
  readonly shape: readonly [count: number, ...image: number[]];
}

interface SplitParts {
  readonly images: FashionMnistPart;
  readonly labels: FashionMnistPart;
}

export interface FashionMnistFiles extends Dataset<FashionMnistPart> {
  readonly train: SplitParts;
  readonly test: SplitParts;
}

/** A packed file as its authors publish it. */
export interface Published extends Omit<FashionMnistPart, "size"> {
  readonly packed: number;
}

/** Puts a data set of four packed files together; `mirrors` are folders, with a slash at the end. */
export function fashionMnistFiles(
  names: { readonly title: string; readonly folder: string },
  mirrors: readonly [string, ...string[]],
  published: readonly [
    trainImages: Published,
    trainLabels: Published,
    testImages: Published,
    testLabels: Published,
  ],
): FashionMnistFiles {
  const downloads = published.map(({ packed, ...file }): Download<FashionMnistPart> => {
    const part = { ...file, size: IDX_WORD * (1 + file.shape.length) + size(file.shape) };
    const path = `${part.name}.gz`;
    const [first, ...others] = mirrors;
    const urls = [first + path, ...others.map((mirror) => mirror + path)] as const;
    return { file: gzipFile(path, part), size: packed, urls };
  });
  const parts = downloads.flatMap(({ file }) => file.parts);
  const files = downloads.map(({ file }) => file);
  return {
    ...names,
    files: [...files, ...parts.map((part) => plainFile(part.name, part))],
    downloads,
    train: { images: parts[0]!, labels: parts[1]! },
    test: { images: parts[2]!, labels: parts[3]! },
  };
}

export const FASHION_MNIST: FashionMnistFiles = fashionMnistFiles(
  { title: "Fashion-MNIST", folder: "fashion-mnist" },
  [
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/", // The same files, for Keras.
  ],
  [
    {
      name: "train-images-idx3-ubyte",
      sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      shape: [60_000, HEIGHT, WIDTH],
      packed: 26_421_880,
    },
    {
      name: "train-labels-idx1-ubyte",
      sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      shape: [60_000],
      packed: 29_515,
    },
    {
      name: "t10k-images-idx3-ubyte",
      sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      shape: [10_000, HEIGHT, WIDTH],
      packed: 4_422_102,
    },
    {
      name: "t10k-labels-idx1-ubyte",
      sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
      shape: [10_000],
      packed: 5_148,
    },
  ],
);

/**
 * Loads Fashion-MNIST, or the first images of each split; a split with the limit 0 may be absent.
 *
 * @param files Its files, or small ones for tests.
 * @throws {RangeError} If a limit is not a whole number from 0 on.
 * @throws {UnavailableError} If a file is not found and cannot be downloaded.
 * @throws {MissingError} If the user's folder holds a damaged one.
 */
export async function loadFashionMnist(
  options: DatasetSource & ImageLimits = {},
  files: FashionMnistFiles = FASHION_MNIST,
): Promise<ImageSplits> {
  const splits = (["train", "test"] as const).map((name) => {
    const { images, labels } = files[name];
    return { images, labels, count: limited(labels.shape[0], options[name]) };
  });
  const wanted = splits.flatMap(({ images, labels, count }) => count > 0 ? [images, labels] : []);
  const found = await loadParts(
    files,
    wanted,
    (bytes, { shape }) => fashionMnistElements(bytes, shape),
    options,
  );
  /** A copy, so that a few images do not keep all others in memory. */
  const first = (part: FashionMnistPart, count: number) =>
    found.get(part)?.slice(0, count) ?? new Uint8Array();
  const [train, test] = splits.map(({ images, labels, count }): ImageSet => ({
    pixels: first(images, count * PIXELS),
    labels: first(labels, count),
    count,
  }));
  return { train: train!, test: test! };
}
