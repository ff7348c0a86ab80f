import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pickledArray, pickledBatch } from "../../fixtures/datasets/pickle_testing.ts";
import { MissingError } from "../../norms/basics/errors.ts";
import { ExitStatus, exitStatus } from "../run/task.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { CIFAR10, loadCifar10 } from "./cifar10.ts";
import { UnavailableError } from "./dataset_source.ts";
import {
  type Files,
  LAYOUTS,
  serveMirror,
  testRealFiles,
  tinyCifar10,
  writeFiles,
} from "./dataset_testing.ts";

for (const layout of LAYOUTS) {
  for (const folder of ["", "tiny-cifar"]) {
    const where = folder ? "its folder" : "the folder itself";
    Deno.test(`CIFAR-10 is read from ${where}: ${layout}`, () =>
      inTemporaryFolder(async (dataDir) => {
        const { dataset, layouts } = await tinyCifar10();
        await writeFiles(join(dataDir, folder), layouts[layout]);
        const { train, test } = await loadCifar10({ dataDir }, dataset);
        assertEquals([train.count, ...train.labels], [5, 3, 0, 9, 1, 7]);
        assertEquals([test.count, ...test.labels], [2, 2, 5]);
        assertEquals([train.pixels.length, test.pixels.length], [5 * 3072, 2 * 3072]);
        // Planes of the first image begin with 3, 6 and 9, those of the fourth with 1, 2 and 3.
        assertEquals([...train.pixels.subarray(0, 6)], [3, 6, 9, 4, 7, 10]);
        assertEquals([...train.pixels.subarray(3 * 3072, 3 * 3072 + 3)], [1, 2, 3]);
      }));
  }
}

Deno.test("the layout nchw keeps the planes of the file", () =>
  inTemporaryFolder(async (dataDir) => {
    const { dataset, layouts } = await tinyCifar10();
    await writeFiles(dataDir, layouts.gzip);
    const { train } = await loadCifar10({ dataDir, layout: "nchw" }, dataset);
    assertEquals([0, 1, 1024, 2048].map((i) => train.pixels[i]), [3, 4, 6, 9]);
  }));

Deno.test("limits take the first images, and need no more batches than hold them", () =>
  inTemporaryFolder(async (dataDir) => {
    const { dataset, layouts } = await tinyCifar10();
    const files = new Map([["data_batch_1.bin", layouts.unpacked.get("data_batch_1.bin")!]]);
    await writeFiles(dataDir, files);
    const { train, test } = await loadCifar10({ dataDir, train: 2, test: 0 }, dataset);
    assertEquals([train.count, ...train.labels], [2, 3, 0]);
    assertEquals([train.pixels.length, test.count], [2 * 3072, 0]);
    const more = () => loadCifar10({ dataDir, train: 4, test: 0 }, dataset);
    await assertRejects(more, UnavailableError, "data_batch_2 of Tiny-CIFAR is missing");
    for (const limit of [-1, 1.5]) {
      await assertRejects(() => loadCifar10({ train: limit }, dataset), RangeError, `is ${limit}`);
    }
  }));

Deno.test("the archive is downloaded and kept, and the Python one if that is not available", async () => {
  for (const layout of ["archive", "python archive"] as const) {
    await inTemporaryFolder(async (cache) => {
      const files: Files = new Map();
      await using mirror = serveMirror(files);
      const { dataset, layouts } = await tinyCifar10(mirror.url);
      for (const [name, content] of layouts[layout]) files.set(name, content);
      const env = (name: string) => name === "XDG_CACHE_HOME" ? cache : undefined;
      const { train } = await loadCifar10({ env }, dataset);
      assertEquals([...train.labels], [3, 0, 9, 1, 7]);
      const kept = [...Deno.readDirSync(join(cache, "normbench", "datasets", "tiny-cifar"))];
      assertEquals(kept.map(({ name }) => name), [...files.keys()]);
      const { length } = mirror.requests;
      await loadCifar10({ env }, dataset);
      assertEquals(mirror.requests.length, length);
    });
  }
});

const gzip = (content: Uint8Array) => new Uint8Array(gzipSync(content));

/** What is wrong with a file, and what the error says. */
const DAMAGES: readonly (readonly [
  about: string,
  name: string,
  damage: (content: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
  message: string,
])[] = [
  [
    "a label out of range",
    "data_batch_1.bin",
    (batch) => batch.with(3073, 10),
    "its label 1 is 10 and not one of 0 to 9",
  ],
  [
    "another pixel",
    "data_batch_2.bin",
    (batch) => batch.with(9, 99),
    "the SHA-256 of its data_batch_2 is",
  ],
  [
    "a short batch",
    "cifar-10-batches-bin/test_batch.bin",
    (batch) => batch.slice(0, 6000),
    "it has 6000 bytes and not 6146",
  ],
  [
    "a short gzip file",
    "test_batch.bin.gz",
    (packed) => packed.slice(0, -20),
    "gzip data is damaged or cut short",
  ],
  [
    "a short archive",
    "cifar-10-binary.tar.gz",
    (archive) => archive.slice(0, 400),
    "damaged or cut short",
  ],
  [
    "an archive of something else",
    "cifar-10-binary.tar.gz",
    () => gzip(new Uint8Array(1024)),
    "it lacks data_batch_1, data_batch_2, test_batch",
  ],
  [
    "an archive that is none",
    "cifar-10-binary.tar.gz",
    () => gzip(new Uint8Array(2000).fill(65)),
    "its tar archive is damaged",
  ],
  [
    "a pickle of something else",
    "cifar-10-batches-py/data_batch_1",
    () => new Uint8Array([0x80, 2, 0x5d, 0x2e]),
    "not a dictionary with a list of labels",
  ],
  [
    "fewer labels than images",
    "cifar-10-batches-py/data_batch_1",
    () => pickledBatch([3, 0], pickledArray([1, 3072], new Array(3072).fill(0))),
    "shape [1,3072] for 2 labels",
  ],
];

for (const [about, name, damage, what] of DAMAGES) {
  Deno.test(`CIFAR-10 with ${about} is named with what is wrong, and left alone`, () =>
    inTemporaryFolder(async (dataDir) => {
      const { dataset, layouts } = await tinyCifar10();
      const files = new Map(Object.values(layouts).find((files) => files.has(name)));
      const damaged = damage(files.get(name)!);
      await writeFiles(dataDir, files.set(name, damaged));
      const error = await assertRejects(
        () => loadCifar10({ dataDir }, dataset),
        MissingError,
        what,
      );
      assertStringIncludes(error.message, join(dataDir, name));
      assertStringIncludes(error.remedy, "cifar-10-binary.tar.gz");
      assertEquals(exitStatus(error), ExitStatus.missing);
      assertEquals(await Deno.readFile(join(dataDir, name)), damaged);
    }));
}

testRealFiles("the real files have 6000 images of each class", async (dataDir) => {
  const perClass = new Array(CIFAR10.train.length * 2).fill(0);
  const { train, test } = await loadCifar10({ dataDir });
  assertEquals([train.pixels.length, test.pixels.length], [50_000 * 3072, 10_000 * 3072]);
  // The first image is a brown frog on darker ground.
  assertEquals([train.labels[0], ...train.pixels.subarray(0, 3)], [6, 59, 62, 63]);
  for (const { labels } of [train, test]) for (const label of labels) perClass[label]++;
  assertEquals(perClass, new Array(10).fill(6000));
});
