import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { ImageLimits, ImageSplits } from "../../fixtures/datasets/image_set.ts";
import { MissingError } from "../../norms/basics/errors.ts";
import { ExitStatus, exitStatus } from "../run/task.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import {
  type Files,
  idxFile,
  pack,
  testRealFiles,
  tinyFashionMnist,
  writeFiles,
} from "./dataset_testing.ts";
import { loadFashionMnist } from "./fashion_mnist.ts";

/** A user's folder with the tiny data set, whose files `change` may change. */
function testLoading(
  name: string,
  use: (place: {
    readonly dataDir: string;
    readonly files: Files;
    load(limits?: ImageLimits): Promise<ImageSplits>;
  }) => Promise<void>,
  change: (files: Files) => void = () => {},
): void {
  Deno.test(name, () =>
    inTemporaryFolder(async (dataDir) => {
      const { dataset, files } = tinyFashionMnist("http://127.0.0.1:9/");
      change(files);
      await writeFiles(dataDir, files);
      await use({
        dataDir,
        files,
        load: (limits) => loadFashionMnist({ dataDir, ...limits }, dataset),
      });
    }));
}

testLoading("images and labels come as bytes, in the order of the files", async ({ load }) => {
  const { train, test } = await load();
  assertEquals([train.count, ...train.labels], [3, 9, 0, 3]);
  assertEquals([test.count, ...test.labels], [2, 1, 2]);
  assertEquals([train.pixels.length, test.pixels.length], [3 * 784, 2 * 784]);
  assertEquals([train.pixels[255], train.pixels[256], train.pixels[784 + 50]], [255, 0, 51]);
});

testLoading("limits take the first images, and all where there are fewer", async ({ load }) => {
  const { train: two, test } = await load({ train: 2 });
  assertEquals([two.count, two.pixels.length, ...two.labels], [2, 2 * 784, 9, 0]);
  assertEquals(test.count, 2);
  assertEquals((await load({ train: 99 })).train.count, 3);
  for (const train of [-1, 1.5, NaN]) {
    await assertRejects(() => load({ train }), RangeError, `the number of images is ${train}`);
  }
});

testLoading("a split of which no image is wanted may be absent", async ({ load }) => {
  const { train, test } = await load({ train: 0 });
  assertEquals([train.count, train.pixels.length, test.count], [0, 0, 2]);
}, (files) => ["train-images.gz", "train-labels.gz"].forEach((name) => files.delete(name)));

testLoading("unpacked files are read, too", async ({ load }) => {
  assertEquals([...(await load({ train: 0 })).test.labels], [1, 2]);
}, (files) => {
  for (const name of ["test-images", "test-labels"]) {
    files.set(name, new Uint8Array(gunzipSync(files.get(`${name}.gz`)!)));
  }
  for (const name of [...files.keys()]) if (name.endsWith(".gz")) files.delete(name);
});

testLoading("a folder with the name of a file is skipped", async ({ dataDir, load }) => {
  await Deno.mkdir(join(dataDir, "tiny-mnist", "test-labels.gz"), { recursive: true });
  assertEquals((await load({ train: 0 })).test.count, 2);
});

const PIXELS = new Array(3 * 784).fill(0);

const packed = (shape: readonly number[], elements: readonly number[]) => () =>
  pack(idxFile(shape, elements));

/** What is wrong with a file, and what the error says. */
const DAMAGES: readonly (readonly [
  about: string,
  name: string,
  damage: (content: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
  message: string,
])[] = [
  ["another file", "train-images.gz", packed([3, 28, 28], PIXELS), "SHA-256"],
  [
    "a file that is cut short",
    "train-images.gz",
    (content) => content.slice(0, -20),
    "gzip data is damaged or cut short",
  ],
  [
    "a file that is not packed",
    "train-labels.gz",
    () => new Uint8Array(idxFile([3], [9, 0, 3])),
    "gzip data is damaged or cut short",
  ],
  [
    "an empty file",
    "train-labels.gz",
    () => new Uint8Array(),
    "gzip data is damaged or cut short",
  ],
  [
    "labels for images",
    "train-images.gz",
    packed([3], [9, 0, 3]),
    "magic number is 2049 and not 2051",
  ],
  [
    "too few images",
    "train-images.gz",
    packed([2, 28, 28], PIXELS.slice(784)),
    "shape is [2,28,28] and not [3,28,28]",
  ],
  [
    "missing pixels",
    "train-images.gz",
    packed([3, 28, 28], PIXELS.slice(1)),
    "2351 elements and not 2352",
  ],
  ["too many labels", "train-labels.gz", packed([4], [9, 0, 3, 1]), "shape is [4] and not [3]"],
  [
    "a label out of range",
    "train-labels.gz",
    packed([3], [9, 10, 3]),
    "label 1 is 10 and not one of 0 to 9",
  ],
];

for (const [about, name, damage, what] of DAMAGES) {
  testLoading(
    `a user's folder with ${about} is named with what is wrong, and left alone`,
    async ({ dataDir, files, load }) => {
      const error = await assertRejects(() => load(), MissingError, what);
      assertStringIncludes(error.message, join(dataDir, name));
      assertStringIncludes(error.remedy, `http://127.0.0.1:9/${name}`);
      assertEquals(exitStatus(error), ExitStatus.missing);
      assertEquals([...Deno.readDirSync(dataDir)].length, files.size);
      assertEquals(await Deno.readFile(join(dataDir, name)), files.get(name));
    },
    (files) => files.set(name, damage(files.get(name)!)),
  );
}

testRealFiles("the real files have 7000 images of each class", async (dataDir) => {
  const perClass = new Array(10).fill(0);
  const { train, test } = await loadFashionMnist({ dataDir });
  for (const { pixels, labels, count } of [train, test]) {
    assertEquals(pixels.length, count * 784);
    const some = pixels.subarray(0, 7840);
    assertEquals([Math.min(...some), Math.max(...some)], [0, 255]);
    for (const label of labels) perClass[label]++;
  }
  assertEquals(perClass, new Array(10).fill(7000));
});
