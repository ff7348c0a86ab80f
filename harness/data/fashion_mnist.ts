/**
 * Fashion-MNIST: 70,000 grayscale images of clothing, 28 by 28 pixels, in 10 classes.
 *
 * @see Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
 * Algorithms", 2017, https://github.com/zalandoresearch/fashion-mnist
 *
 * @module
 */
import { gzipFile, type Part, plainFile } from "./dataset_file.ts";
import { type Dataset, type Download, loadParts } from "./dataset_folder.ts";
import type { DatasetSource } from "./dataset_source.ts";
import { idxElements } from "../../fixtures/datasets/idx.ts";
import {
  type ImageLimits,
  type ImageSet,
  type ImageSplits,
  limited,
} from "../../fixtures/datasets/image_set.ts";
import { checkLabels } from "../../fixtures/datasets/labels.ts";

/** Height, width and channels of an image. */
export const FASHION_MNIST_SHAPE = [28, 28, 1] as const;

/** The classes, in the order of their labels. */
export const FASHION_MNIST_CLASSES = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
] as const;

const PIXELS = 28 * 28;

/** Content of one file. */
export interface FashionMnistPart extends Part {
  /** Shape of the array that it holds: images, or as many labels. */
  readonly shape: readonly [count: number, ...image: number[]];
}

/** Images and their labels. */
interface SplitParts {
  readonly images: FashionMnistPart;
  readonly labels: FashionMnistPart;
}

/** Fashion-MNIST, as a collection of files. */
export interface FashionMnistFiles extends Dataset<FashionMnistPart> {
  readonly train: SplitParts;
  readonly test: SplitParts;
}

/** A packed file as its authors publish it: its part, and its length. */
export type Published = readonly [part: FashionMnistPart, size: number];

/** Puts a data set of four packed files together; `mirrors` are folders, with a slash at the end. */
export function fashionMnistFiles(
  names: { readonly title: string; readonly folder: string },
  mirrors: readonly [string, ...string[]],
  [trainImages, trainLabels, testImages, testLabels]: readonly [
    Published,
    Published,
    Published,
    Published,
  ],
): FashionMnistFiles {
  const publish = ([part, size]: Published): Download<FashionMnistPart> => {
    const path = `${part.name}.gz`;
    const [first, ...others] = mirrors;
    const urls: Download<FashionMnistPart>["urls"] = [
      first + path,
      ...others.map((mirror) => mirror + path),
    ];
    return { file: gzipFile(path, part), size, urls };
  };
  const others = [trainLabels, testImages, testLabels].map(publish);
  const downloads = [publish(trainImages), ...others] as const;
  return {
    ...names,
    files: downloads.flatMap(({ file }) => [
      file,
      ...file.parts.map((part) => plainFile(part.name, part)),
    ]),
    downloads,
    train: { images: trainImages[0], labels: trainLabels[0] },
    test: { images: testImages[0], labels: testLabels[0] },
  };
}

/** The files as their authors publish them. */
export const FASHION_MNIST: FashionMnistFiles = fashionMnistFiles(
  { title: "Fashion-MNIST", folder: "fashion-mnist" },
  [
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
  ],
  [
    [{
      name: "train-images-idx3-ubyte",
      sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      shape: [60_000, 28, 28],
    }, 26_421_880],
    [{
      name: "train-labels-idx1-ubyte",
      sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      shape: [60_000],
    }, 29_515],
    [{
      name: "t10k-images-idx3-ubyte",
      sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      shape: [10_000, 28, 28],
    }, 4_422_102],
    [{
      name: "t10k-labels-idx1-ubyte",
      sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
      shape: [10_000],
    }, 5_148],
  ],
);

/** The elements of one file; labels have one axis, and images three. */
function decode(bytes: Uint8Array, { shape }: FashionMnistPart): Uint8Array {
  const elements = idxElements(bytes, shape);
  if (shape.length === 1) checkLabels(elements, FASHION_MNIST_CLASSES.length);
  return elements;
}

/**
 * Loads Fashion-MNIST, or the first images of each split; a split of which none is wanted is not looked for.
 *
 * @param files Its files; tests put small ones in place.
 * @throws {RangeError} Where a limit is not a whole number from 0 on.
 * @throws {UnavailableError} Where a file is nowhere to be had.
 * @throws {MissingError} Where a folder of the user's holds a damaged one.
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
  const found = await loadParts(files, wanted, decode, options);
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
