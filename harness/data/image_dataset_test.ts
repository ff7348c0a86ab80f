import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import configuration from "../../deno.json" with { type: "json" };
import { MissingError } from "../../norms/basics/errors.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { CIFAR10 } from "./cifar10.ts";
import { type DatasetSource, UnavailableError } from "./dataset_source.ts";
import { testRealFiles, writeFiles } from "./dataset_testing.ts";
import { FASHION_MNIST } from "./fashion_mnist.ts";
import { loadImageDataset } from "./image_dataset.ts";

/** A user without a network, whose cache is `folder`. */
const offline = (folder: string): DatasetSource => ({
  env: (name) => name === "XDG_CACHE_HOME" ? folder : undefined,
  fetch: () => Promise.reject(new Error("no network")),
});

Deno.test("auto takes synthetic images where Fashion-MNIST is not available, and says why", async () => {
  await inTemporaryFolder(async (folder) => {
    const limits = { train: 20, test: 10, seed: 3 };
    const dataset = await loadImageDataset("auto", offline(folder), limits);
    assertEquals([dataset.name, dataset.train.count, dataset.test.count], ["synthetic", 20, 10]);
    assertStringIncludes(dataset.notice ?? "", "stand in for Fashion-MNIST");
    assertStringIncludes(dataset.notice ?? "", "NORMBENCH_DATA");
    const { notice: _notice, ...same } = dataset;
    assertEquals(same, await loadImageDataset("synthetic", offline(folder), limits));
  });
});

Deno.test("a data set that is named is not replaced", async () => {
  await inTemporaryFolder(async (folder) => {
    for (const name of ["fashion-mnist", "cifar-10"] as const) {
      const load = () => loadImageDataset(name, offline(folder));
      await assertRejects(load, UnavailableError, "no network");
    }
  });
});

Deno.test("a damaged file in a user's folder is an error, also where synthetic images could be made", async () => {
  await inTemporaryFolder(async (dataDir) => {
    await writeFiles(dataDir, new Map([["train-labels-idx1-ubyte.gz", new Uint8Array(9)]]));
    const load = () => loadImageDataset("auto", { dataDir });
    const error = await assertRejects(load, MissingError, "is not the file of Fashion-MNIST");
    assert(!(error instanceof UnavailableError));
  });
});

Deno.test("synthetic images have no more than 60,000 to learn from, and limits are whole numbers", async () => {
  const { test } = await loadImageDataset("synthetic", {}, { train: 0, test: 1e6 });
  assertEquals(test.count, 10_000);
  const load = () => loadImageDataset("synthetic", {}, { train: 0.5 });
  await assertRejects(load, RangeError, "the number of images is 0.5");
});

Deno.test("a name that is no data set is refused with the names that are", async () => {
  for (const name of ["nope", "constructor"]) {
    const load = () => loadImageDataset(name as "auto");
    const names = "auto, fashion-mnist, cifar-10, synthetic";
    await assertRejects(load, RangeError, `no data set "${name}"; there are ${names}`);
  }
});

Deno.test("files come over https, from hosts that the tasks may reach", () => {
  const hosts = [FASHION_MNIST, CIFAR10].map(({ downloads }) =>
    downloads.flatMap(({ urls }) => urls).map((url) => {
      const { protocol, host } = new URL(url);
      assertEquals(protocol, "https:", url);
      return host;
    })
  );
  const { parity, train, replay } = configuration.permissions;
  assertEquals(new Set(parity.net), new Set(hosts[0]));
  assertEquals(new Set(replay.net), new Set(hosts[1]));
  assertEquals(new Set(train.net), new Set(hosts.flat()));
});

testRealFiles("the real data sets have the shapes they say", async (dataDir) => {
  for (const name of ["auto", "fashion-mnist", "cifar-10"] as const) {
    const dataset = await loadImageDataset(name, { dataDir }, {
      train: 30,
      test: 20,
    });
    const { shape: [height, width, channels], classes, train, test, notice } = dataset;
    assertEquals([train.count, test.count, notice], [30, 20, undefined]);
    assertEquals(train.pixels.length, 30 * height * width * channels);
    assertEquals(train.labels.length, 30);
    assert(Math.max(...train.labels, ...test.labels) < classes.length);
  }
});
