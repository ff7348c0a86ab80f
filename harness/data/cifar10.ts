/**
 * CIFAR-10: 60,000 colour images of animals and vehicles, 32 by 32 pixels, in 10 classes.
 *
 * Its authors publish it in a binary version and in a Python version, with the same images in the same
 * order. Both are read, as archives and unpacked; either is checked by the bytes of the binary version.
 *
 * @see Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009,
 * https://www.cs.toronto.edu/~kriz/cifar.html
 */
import {
  checkCifar10Records,
  CIFAR10_RECORD,
  CIFAR10_SHAPE,
  type Cifar10Layout,
  recordsOfPickle,
  takeCifar10Records,
} from "../../fixtures/datasets/cifar10.ts";
import {
  type ImageLimits,
  type ImageSet,
  type ImageSplits,
  limited,
} from "../../fixtures/datasets/image_set.ts";
import { size } from "../../norms/basics/shape.ts";
import type { Mirrored } from "./cached_download.ts";
import { gzipFile, type Part, plainFile, tarGzFile } from "./dataset_file.ts";
import { type Dataset, loadParts } from "./dataset_folder.ts";
import type { DatasetSource } from "./dataset_source.ts";

/** Images of the binary version: for each a label, then its red, green and blue plane. */
export interface Cifar10Batch extends Part {
  readonly count: number;
}

export function cifar10Batch(name: string, sha256: string, count = 10_000): Cifar10Batch {
  return { name, sha256, size: count * CIFAR10_RECORD, count };
}

export interface Cifar10Files extends Dataset<Cifar10Batch> {
  readonly train: readonly Cifar10Batch[];
  readonly test: readonly Cifar10Batch[];
}

/** Puts a data set of batches together, in every layout that they may have on a disk. */
export function cifar10Files(
  names: { readonly title: string; readonly folder: string },
  train: readonly Cifar10Batch[],
  test: readonly Cifar10Batch[],
  archives: { readonly binary: Mirrored; readonly python: Mirrored },
): Cifar10Files {
  const batches = [...train, ...test];
  const entries = (extension: string) =>
    new Map(batches.map((batch) => [batch.name + extension, batch]));
  const binary = tarGzFile("cifar-10-binary.tar.gz", entries(".bin"));
  const python = tarGzFile("cifar-10-python.tar.gz", entries(""), recordsOfPickle);
  const binaryFiles = batches.flatMap((batch) => [
    plainFile(`${batch.name}.bin`, batch),
    plainFile(`cifar-10-batches-bin/${batch.name}.bin`, batch),
    gzipFile(`${batch.name}.bin.gz`, batch),
  ]);
  const pythonFiles = batches.flatMap((batch) => [
    plainFile(batch.name, batch, recordsOfPickle),
    plainFile(`cifar-10-batches-py/${batch.name}`, batch, recordsOfPickle),
  ]);
  return {
    ...names,
    files: [...binaryFiles, binary, ...pythonFiles, python],
    downloads: [{ file: binary, ...archives.binary }, { file: python, ...archives.python }],
    train,
    test,
  };
}

/** The files as their authors publish them, and as others pass them on. */
export const CIFAR10: Cifar10Files = cifar10Files(
  { title: "CIFAR-10", folder: "cifar-10" },
  [
    "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
  ].map((sha256, index) => cifar10Batch(`data_batch_${index + 1}`, sha256)),
  [cifar10Batch("test_batch", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b")],
  {
    binary: {
      size: 170_052_171,
      urls: [
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", // Sends on to the next one.
        "https://cave.cs.toronto.edu/kriz/cifar-10-binary.tar.gz",
        "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/cifar-10-binary.tar.gz",
      ],
    },
    python: {
      size: 170_498_071,
      urls: ["https://dataset.bj.bcebos.com/cifar/cifar-10-python.tar.gz"],
    },
  },
);

export interface Cifar10Options extends DatasetSource, ImageLimits {
  /** Order of an image's elements; `nhwc` if not given. */
  readonly layout?: Cifar10Layout;
}

/** Room for the first images of some batches, and where each batch begins. */
interface Destination {
  readonly images: ImageSet;
  /** Number of each batch's first image, for batches of which images are wanted. */
  readonly starts: ReadonlyMap<Cifar10Batch, number>;
}

function destination(batches: readonly Cifar10Batch[], limit: number | undefined): Destination {
  const available = batches.reduce((total, { count }) => total + count, 0);
  const count = limited(available, limit);
  const starts = new Map<Cifar10Batch, number>();
  let start = 0;
  for (const batch of batches) {
    if (start < count) starts.set(batch, start);
    start += batch.count;
  }
  const pixels = new Uint8Array(count * size(CIFAR10_SHAPE));
  return { images: { pixels, labels: new Uint8Array(count), count }, starts };
}

/**
 * Loads CIFAR-10, or the first images of each split; a batch of which no image is wanted may be absent.
 *
 * @param files Its files, or small ones for tests.
 * @throws {RangeError} If a limit is not a whole number from 0 on.
 * @throws {UnavailableError} If a file is not found and cannot be downloaded.
 * @throws {MissingError} If the user's folder holds a damaged one.
 */
export async function loadCifar10(
  options: Cifar10Options = {},
  files: Cifar10Files = CIFAR10,
): Promise<ImageSplits> {
  const { layout = "nhwc" } = options;
  const splits = [
    destination(files.train, options.train),
    destination(files.test, options.test),
  ] as const;
  const wanted = splits.flatMap(({ starts }) => [...starts.keys()]);
  await loadParts(files, wanted, (records, batch) => {
    checkCifar10Records(records, batch.count);
    for (const { images, starts } of splits) {
      const start = starts.get(batch);
      if (start !== undefined) takeCifar10Records(records, images, start, layout);
    }
  }, options);
  return { train: splits[0].images, test: splits[1].images };
}
