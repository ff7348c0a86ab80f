/**
 * CIFAR-10: 60,000 colour images of animals and vehicles, 32 by 32 pixels, in 10 classes.
 *
 * Its authors publish it in a binary version and in a Python version, with the same images in the same
 * order. Both are read, as archives and unpacked; either is checked by the bytes of the binary version.
 *
 * @see Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009,
 * https://www.cs.toronto.edu/~kriz/cifar.html
 *
 * @module
 */
import { CIFAR10_RECORD, recordsOfPickle } from "../../fixtures/datasets/cifar10_pickle.ts";
import { DamagedData } from "./damaged_data.ts";
import { gzipFile, type Part, plainFile, tarGzFile } from "./dataset_file.ts";
import { type Dataset, loadParts } from "./dataset_folder.ts";
import type { DatasetSource } from "./dataset_source.ts";
import {
  type ImageLimits,
  type ImageSet,
  type ImageSplits,
  limited,
} from "../../fixtures/datasets/image_set.ts";
import { checkLabels } from "../../fixtures/datasets/labels.ts";

/** Height, width and channels of an image. */
export const CIFAR10_SHAPE = [32, 32, 3] as const;

/** The classes, in the order of their labels. */
export const CIFAR10_CLASSES = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
] as const;

const [HEIGHT, WIDTH, CHANNELS] = CIFAR10_SHAPE;
const PLANE = HEIGHT * WIDTH;
const PIXELS = CHANNELS * PLANE;

/** Images of the binary version: for each a label, then its red, green and blue plane. */
export interface Cifar10Batch extends Part {
  /** Number of images. */
  readonly count: number;
}

/** CIFAR-10, as a collection of files. */
export interface Cifar10Files extends Dataset<Cifar10Batch> {
  readonly train: readonly Cifar10Batch[];
  readonly test: readonly Cifar10Batch[];
}

/** Where an archive can be had, and its length in bytes. */
export interface Cifar10Archive {
  readonly size: number;
  readonly urls: readonly [string, ...string[]];
}

/** Puts a data set of batches together, in every layout that they may have on a disk. */
export function cifar10Files(
  names: { readonly title: string; readonly folder: string },
  train: readonly Cifar10Batch[],
  test: readonly Cifar10Batch[],
  archives: { readonly binary: Cifar10Archive; readonly python: Cifar10Archive },
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

const batch = (name: string, sha256: string): Cifar10Batch => ({ name, sha256, count: 10_000 });

/** The files as their authors publish them, and as others pass them on. */
export const CIFAR10: Cifar10Files = cifar10Files(
  { title: "CIFAR-10", folder: "cifar-10" },
  [
    batch("data_batch_1", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
    batch("data_batch_2", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
    batch("data_batch_3", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
    batch("data_batch_4", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
    batch("data_batch_5", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
  ],
  [batch("test_batch", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b")],
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

/** Order of an image's elements: channels last, as tensors have them, or first, as the files have. */
export type Cifar10Layout = "nhwc" | "nchw";

/** What to load, and from where. */
export interface Cifar10Options extends DatasetSource, ImageLimits {
  /** Order of an image's elements; `nhwc` if not given. */
  readonly layout?: Cifar10Layout;
}

/** Room for the first `count` images of some batches; what is decoded goes there at once. */
class Destination implements ImageSet {
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly labels: Uint8Array<ArrayBuffer>;
  readonly count: number;
  /** Number of each batch's first image, where it is less than `count`. */
  readonly starts: ReadonlyMap<Cifar10Batch, number>;

  constructor(batches: readonly Cifar10Batch[], limit: number | undefined) {
    const ends: number[] = [];
    for (const { count } of batches) ends.push((ends.at(-1) ?? 0) + count);
    this.count = limited(ends.at(-1) ?? 0, limit);
    this.starts = new Map(
      batches.map((batch, i) => [batch, ends[i]! - batch.count] as const)
        .filter(([, start]) => start < this.count),
    );
    this.pixels = new Uint8Array(this.count * PIXELS);
    this.labels = new Uint8Array(this.count);
  }

  /** Takes over a batch's records, as many as there is room for. */
  take(records: Uint8Array, batch: Cifar10Batch, layout: Cifar10Layout): void {
    const start = this.starts.get(batch);
    if (start === undefined) return;
    const end = Math.min(this.count, start + batch.count);
    for (let image = start, at = 0; image < end; image++, at += CIFAR10_RECORD) {
      this.labels[image] = records[at]!;
      const planes = records.subarray(at + 1, at + CIFAR10_RECORD);
      if (layout === "nchw") this.pixels.set(planes, image * PIXELS);
      else interleave(planes, this.pixels, image * PIXELS);
    }
  }
}

/** Puts the elements of three planes side by side. */
function interleave(planes: Uint8Array, into: Uint8Array, at: number): void {
  for (let i = 0; i < PLANE; i++) {
    into[at++] = planes[i]!;
    into[at++] = planes[i + PLANE]!;
    into[at++] = planes[i + 2 * PLANE]!;
  }
}

function checkRecords(records: Uint8Array, { count }: Cifar10Batch): void {
  if (records.length !== count * CIFAR10_RECORD) {
    throw new DamagedData(`it has ${records.length} bytes and not ${count * CIFAR10_RECORD}`);
  }
  const labels = Uint8Array.from({ length: count }, (_, i) => records[i * CIFAR10_RECORD]!);
  checkLabels(labels, CIFAR10_CLASSES.length);
}

/**
 * Loads CIFAR-10, or the first images of each split; a batch of which none is wanted is not looked for.
 *
 * @param files Its files; tests put small ones in place.
 * @throws {RangeError} Where a limit is not a whole number from 0 on.
 * @throws {UnavailableError} Where a file is nowhere to be had.
 * @throws {MissingError} Where a folder of the user's holds a damaged one.
 */
export async function loadCifar10(
  options: Cifar10Options = {},
  files: Cifar10Files = CIFAR10,
): Promise<ImageSplits> {
  const { layout = "nhwc" } = options;
  const train = new Destination(files.train, options.train);
  const test = new Destination(files.test, options.test);
  const wanted = [...train.starts.keys(), ...test.starts.keys()];
  await loadParts(files, wanted, (records, batch) => {
    checkRecords(records, batch);
    train.take(records, batch, layout);
    test.take(records, batch, layout);
  }, options);
  return { train, test };
}
