import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import { ExitStatus, exitStatus } from "../run/task.ts";
import { loadFashionMnist } from "./fashion_mnist.ts";
import { type Files, idxFile, pack, tinyFashionMnist, writeFiles } from "./dataset_testing.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";

Deno.test("images and labels come as bytes, in the order of the files", async () => {
  await inTemporaryFolder(async (dataDir) => {
    const { dataset, files } = tinyFashionMnist();
    await writeFiles(dataDir, files);
    const { train, test } = await loadFashionMnist({ dataDir }, dataset);
    assertEquals([train.count, ...train.labels], [3, 9, 0, 3]);
    assertEquals([test.count, ...test.labels], [2, 1, 2]);
    assertEquals([train.pixels.length, test.pixels.length], [3 * 784, 2 * 784]);
    assertEquals([train.pixels[255], train.pixels[256], train.pixels[784 + 50]], [255, 0, 51]);
  });
});

Deno.test("limits take the first images, and all where there are fewer", async () => {
  await inTemporaryFolder(async (dataDir) => {
    const { dataset, files } = tinyFashionMnist();
    await writeFiles(dataDir, files);
    const load = (train: number) => loadFashionMnist({ dataDir, train }, dataset);
    const { train: two, test } = await load(2);
    assertEquals([two.count, two.pixels.length, ...two.labels], [2, 2 * 784, 9, 0]);
    assertEquals(test.count, 2);
    assertEquals((await load(99)).train.count, 3);
    for (const limit of [-1, 1.5, NaN]) {
      await assertRejects(() => load(limit), RangeError, `the number of images is ${limit}`);
    }
  });
});

Deno.test("a split of which no image is wanted may be absent", async () => {
  await inTemporaryFolder(async (dataDir) => {
    const { dataset, files } = tinyFashionMnist();
    for (const name of ["train-images.gz", "train-labels.gz"]) files.delete(name);
    await writeFiles(dataDir, files);
    const { train, test } = await loadFashionMnist({ dataDir, train: 0 }, dataset);
    assertEquals([train.count, train.pixels.length, test.count], [0, 0, 2]);
  });
});

Deno.test("unpacked files are read, too", async () => {
  await inTemporaryFolder(async (dataDir) => {
    const { dataset } = tinyFashionMnist();
    const content = new Map([["test-labels", new Uint8Array(idxFile([2], [1, 2]))]]);
    const pixels = Array.from({ length: 1568 }, (_, i) => (i % 784 + Math.floor(i / 784)) % 256);
    content.set("test-images", new Uint8Array(idxFile([2, 28, 28], pixels)));
    await writeFiles(dataDir, content);
    const { test } = await loadFashionMnist({ dataDir, train: 0 }, dataset);
    assertEquals([...test.labels], [1, 2]);
  });
});

Deno.test("a folder with the name of a file is skipped", async () => {
  await inTemporaryFolder(async (dataDir) => {
    const { dataset, files } = tinyFashionMnist();
    await writeFiles(dataDir, files);
    await Deno.mkdir(join(dataDir, "tiny-mnist", "test-labels.gz"), { recursive: true });
    const { test } = await loadFashionMnist({ dataDir, train: 0 }, dataset);
    assertEquals(test.count, 2);
  });
});

type Damage = (files: Files) => void;

const replace = (name: string, content: readonly number[]): Damage => (files) => {
  files.set(name, pack(content));
};
const PIXELS = new Array(3 * 784).fill(0);

const DAMAGES: readonly (readonly [string, string, Damage, string])[] = [
  [
    "another file",
    "train-images.gz",
    replace("train-images.gz", idxFile([3, 28, 28], PIXELS)),
    "SHA-256",
  ],
  ["a file that is cut short", "train-images.gz", (files) => {
    files.set("train-images.gz", files.get("train-images.gz")!.slice(0, -20));
  }, "gzip data is damaged or cut short"],
  ["a file that is not packed", "train-labels.gz", (files) => {
    files.set("train-labels.gz", new Uint8Array(idxFile([3], [9, 0, 3])));
  }, "gzip data is damaged or cut short"],
  ["an empty file", "train-labels.gz", (files) => {
    files.set("train-labels.gz", new Uint8Array());
  }, "gzip data is damaged or cut short"],
  [
    "labels for images",
    "train-images.gz",
    replace("train-images.gz", idxFile([3], [9, 0, 3])),
    "magic number is 2049 and not 2051",
  ],
  [
    "too few images",
    "train-images.gz",
    replace("train-images.gz", idxFile([2, 28, 28], PIXELS.slice(784))),
    "shape is [2,28,28] and not [3,28,28]",
  ],
  [
    "missing pixels",
    "train-images.gz",
    replace("train-images.gz", idxFile([3, 28, 28], PIXELS.slice(1))),
    "2351 elements and not 2352",
  ],
  [
    "too many labels",
    "train-labels.gz",
    replace("train-labels.gz", idxFile([4], [9, 0, 3, 1])),
    "shape is [4] and not [3]",
  ],
  [
    "a label out of range",
    "train-labels.gz",
    replace("train-labels.gz", idxFile([3], [9, 10, 3])),
    "label 1 is 10 and not one of 0 to 9",
  ],
];

for (const [about, name, damage, what] of DAMAGES) {
  Deno.test(`a user's folder with ${about} is named with what is wrong, and left alone`, async () => {
    await inTemporaryFolder(async (dataDir) => {
      const { dataset, files } = tinyFashionMnist("http://127.0.0.1:9/");
      damage(files);
      await writeFiles(dataDir, files);
      const error = await assertRejects(
        () => loadFashionMnist({ dataDir }, dataset),
        MissingError,
        what,
      );
      assertStringIncludes(error.message, join(dataDir, name));
      assertStringIncludes(error.remedy, `http://127.0.0.1:9/${name}`);
      assertEquals(exitStatus(error), ExitStatus.missing);
      assertEquals([...Deno.readDirSync(dataDir)].length, files.size);
      assertEquals(await Deno.readFile(join(dataDir, name)), files.get(name));
    });
  });
}

/** Where the real files are, on a machine that has them. */
const DATA = Deno.env.get("NORMBENCH_DATA");

Deno.test({
  name: DATA
    ? "the real files have 7000 images of each class"
    : "the real files have 7000 images of each class (NORMBENCH_DATA is not set)",
  ignore: !DATA,
  async fn() {
    const perClass = new Array(10).fill(0);
    const { train, test } = await loadFashionMnist({ dataDir: DATA ?? "" });
    for (const { pixels, labels, count } of [train, test]) {
      assertEquals(pixels.length, count * 784);
      const some = pixels.subarray(0, 7840);
      assertEquals([Math.min(...some), Math.max(...some)], [0, 255]);
      for (const label of labels) perClass[label]++;
    }
    assertEquals(perClass, new Array(10).fill(7000));
  },
});
