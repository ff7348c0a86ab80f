import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { ImageLimits, ImageSplits } from "../../fixtures/datasets/image_set.ts";
import { MissingError } from "../../norms/basics/errors.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { type DatasetEvent, type DatasetSource, UnavailableError } from "./dataset_source.ts";
import {
  type Files,
  idxFile,
  type Mirror,
  type MirrorOptions,
  pack,
  serveMirror,
  tinyFashionMnist,
  writeFiles,
} from "./dataset_testing.ts";
import { loadFashionMnist } from "./fashion_mnist.ts";

/** Options of a user whose cache is `cache`, and who may have set `NORMBENCH_DATA`. */
function user(cache: string, data?: string) {
  const variables = new Map([["XDG_CACHE_HOME", cache], ["NORMBENCH_DATA", data]]);
  const events: DatasetEvent[] = [];
  return {
    train: 0,
    env: (name: string) => variables.get(name),
    onEvent: (event: DatasetEvent) => void events.push(event),
    events,
  };
}

const namesIn = (dir: string) => [...Deno.readDirSync(dir)].map(({ name }) => name).sort();

/** A cache, empty at first, and the mirrors that fill it. */
interface Place {
  readonly cache: string;
  /** The data set's folder in the cache. */
  readonly folder: string;
  readonly mirror: Mirror;
  /** The files that the mirror has. */
  readonly files: Files;
  /** Loads the test images from other mirrors and this one. */
  load(options?: DatasetSource & ImageLimits, ...others: string[]): Promise<ImageSplits>;
  /** Writes what an earlier run began to download. */
  begin(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

function testMirror(
  name: string,
  use: (place: Place) => Promise<void>,
  options: MirrorOptions = {},
): void {
  Deno.test(name, () =>
    inTemporaryFolder(async (cache) => {
      const { files } = tinyFashionMnist();
      await using mirror = serveMirror(files, options);
      const folder = join(cache, "normbench", "datasets", "tiny-mnist");
      await use({
        cache,
        folder,
        mirror,
        files,
        load: (options = user(cache), ...others) =>
          loadFashionMnist(options, tinyFashionMnist(...others, mirror.url).dataset),
        begin: (bytes) => writeFiles(folder, new Map([["test-images.gz.part", bytes]])),
      });
    }));
}

Deno.test("files are taken from NORMBENCH_DATA, below it or directly in it", () =>
  inTemporaryFolder(async (folder) => {
    const { dataset, files } = tinyFashionMnist();
    await writeFiles(join(folder, "below", "tiny-mnist"), files);
    await writeFiles(join(folder, "direct"), files);
    for (const data of ["below", "direct"]) {
      const options = user(join(folder, "cache"), join(folder, data));
      assertEquals((await loadFashionMnist(options, dataset)).test.count, 2);
      assertEquals(options.events, []);
    }
  }));

Deno.test("--data-dir comes first, and what is not there is not looked for elsewhere", () =>
  inTemporaryFolder(async (folder) => {
    const { dataset, files } = tinyFashionMnist("http://127.0.0.1:9/");
    await writeFiles(join(folder, "data"), files);
    const options = { ...user(join(folder, "cache"), join(folder, "data")), dataDir: folder };
    const error = await assertRejects(() => loadFashionMnist(options, dataset), UnavailableError);
    assertStringIncludes(error.message, "test-images, test-labels of Tiny-MNIST are missing");
    assertStringIncludes(error.message, folder);
    assertStringIncludes(error.remedy, "--data-dir");
  }));

testMirror(
  "what is missing is downloaded once, with progress, and kept",
  async ({ cache, folder, mirror, files, load }) => {
    const options = user(cache);
    assertEquals([...(await load(options)).test.labels], [1, 2]);
    assertEquals(namesIn(folder), ["test-images.gz", "test-labels.gz"]);
    const last = options.events.findLast((event) => event.kind === "progress");
    const size = files.get("test-labels.gz")?.length ?? 0;
    const from = new URL(mirror.url).host;
    assertEquals(last, { kind: "progress", file: "test-labels.gz", from, received: size, size });

    await load();
    assertEquals(mirror.requests, ["test-images.gz", "test-labels.gz"]);
  },
);

testMirror("a mirror with another file, or without it, is skipped", async (place) => {
  const files = new Map(place.files);
  const whole = files.get("test-images.gz")!;
  const at = whole.length - 20;
  files.set("test-images.gz", whole.with(at, whole[at]! ^ 1));
  files.delete("test-labels.gz");
  await using wrong = serveMirror(files);
  const options = user(place.cache);
  assertEquals([...(await place.load(options, wrong.url)).test.labels], [1, 2]);
  const reasons = options.events.flatMap((event) =>
    event.kind === "mirror failed" ? [event.reason] : []
  );
  assertEquals(reasons.length, 2);
  assertStringIncludes(reasons[0] ?? "", "damaged");
  assertStringIncludes(reasons[1] ?? "", "answers 404");
  const kept = ["test-images.gz", "test-images.gz.part.damaged", "test-labels.gz"];
  assertEquals(namesIn(place.folder), kept);
});

testMirror("a file of another length is not downloaded", async ({ folder, files, load }) => {
  files.set("test-images.gz", pack(idxFile([1], [7])));
  await assertRejects(() => load(), UnavailableError, "bytes, not");
  assertEquals(namesIn(folder), []);
});

for (const length of [0, 9]) {
  testMirror(
    `a mirror that sends only ${length} bytes is skipped`,
    async ({ cache, folder, load }) => {
      const body = new Uint8Array(length);
      const fetch = () => Promise.resolve(new Response(ReadableStream.from([body])));
      const loading = () => load({ ...user(cache), fetch });
      await assertRejects(loading, UnavailableError, `it has ${length} bytes and not`);
      assertEquals(namesIn(folder), ["test-images.gz.part.damaged"]);
    },
  );
}

testMirror(
  "a mirror that breaks off is asked for the rest each time",
  async ({ cache, mirror, files, load }) => {
    const options = user(cache);
    assertEquals([...(await load(options)).test.labels], [1, 2]);
    const { length } = files.get("test-images.gz")!;
    const rests = Array.from(
      { length: Math.ceil(length / 100) - 1 },
      (_, i) => `test-images.gz bytes=${(i + 1) * 100}-`,
    );
    assertEquals(mirror.requests.slice(0, rests.length + 1), ["test-images.gz", ...rests]);
    const breaks = options.events.filter(({ kind }) => kind === "broken off");
    assertEquals(breaks.length, rests.length);
  },
  { breaksOffAfter: 100 },
);

testMirror(
  "a download that an earlier run began is continued",
  async ({ folder, mirror, files, load, begin }) => {
    await begin(files.get("test-images.gz")!.slice(0, 150));
    await load();
    assertEquals(mirror.requests, ["test-images.gz bytes=150-", "test-labels.gz"]);
    assertEquals(namesIn(folder), ["test-images.gz", "test-labels.gz"]);
  },
);

testMirror(
  "a download that was complete already is only checked",
  async ({ mirror, files, load, begin }) => {
    await begin(files.get("test-images.gz")!);
    await load();
    assertEquals(mirror.requests, ["test-labels.gz"]);
  },
);

testMirror("a mirror without ranges is asked for everything", async ({ load, begin }) => {
  await begin(new Uint8Array(150));
  assertEquals([...(await load()).test.labels], [1, 2]);
}, { ranges: false });

testMirror(
  "a mirror without ranges that breaks off fails, and what arrived is kept",
  async ({ folder, mirror, load }) => {
    await assertRejects(() => load(), UnavailableError);
    assertEquals(mirror.requests, ["test-images.gz", "test-images.gz bytes=100-"]);
    assertEquals(namesIn(folder), ["test-images.gz.part"]);
  },
  { ranges: false, breaksOffAfter: 100 },
);

testMirror(
  "where the beginning of a download was damaged, the same mirror is tried again",
  async ({ cache, mirror, load, begin }) => {
    await begin(new Uint8Array(150));
    const options = user(cache);
    await load(options);
    const images = ["test-images.gz bytes=150-", "test-images.gz"];
    assertEquals(mirror.requests, [...images, "test-labels.gz"]);
    assertEquals(options.events.filter(({ kind }) => kind === "set aside").length, 1);
  },
);

testMirror("two runs with an empty cache download once", async ({ cache, mirror, load }) => {
  const runs = [user(cache), user(cache)];
  await Promise.all(runs.map((options) => load(options)));
  assertEquals(mirror.requests, ["test-images.gz", "test-labels.gz"]);
  const waits = runs.flatMap(({ events }) => events.filter(({ kind }) => kind === "waiting"));
  assertEquals(waits, [{ kind: "waiting", dataset: "Tiny-MNIST" }]);
});

testMirror("where no mirror delivers, the error names each of them", async ({ cache, folder }) => {
  const { dataset } = tinyFashionMnist("http://127.0.0.1:9/a/", "http://127.0.0.1:9/b/");
  const loading = () => loadFashionMnist(user(cache), dataset);
  const error = await assertRejects(loading, UnavailableError);
  assertStringIncludes(error.message, "http://127.0.0.1:9/a/test-images.gz: ");
  assertStringIncludes(error.message, "http://127.0.0.1:9/b/test-images.gz: ");
  assertStringIncludes(error.remedy, "NORMBENCH_DATA");
  assertEquals(namesIn(folder), [], "no partial file");
});

testMirror(
  "a damaged file in the cache is set aside and downloaded again",
  async ({ cache, folder, mirror, files, load }) => {
    const whole = files.get("test-images.gz")!;
    await writeFiles(folder, new Map(files).set("test-images.gz", whole.slice(0, 99)));
    const options = user(cache);
    await load(options);

    const [event] = options.events;
    assert(event?.kind === "set aside");
    assertEquals(event.path, join(folder, "test-images.gz.damaged"));
    assertEquals((await Deno.readFile(event.path)).length, 99);
    assertEquals(await Deno.readFile(join(folder, "test-images.gz")), whole);
    assertEquals(mirror.requests, ["test-images.gz"]);
  },
);

testMirror("a cache that cannot be written is an error with a remedy", async ({ cache, load }) => {
  const file = join(cache, "file");
  await Deno.writeTextFile(file, "no folder");
  const error = await assertRejects(() => load(user(file)), MissingError);
  assertStringIncludes(error.message, "cannot be written");
  assertStringIncludes(error.remedy, "XDG_CACHE_HOME");
});

Deno.test("without a home folder there is no cache, and the error says so", async () => {
  const { dataset } = tinyFashionMnist("http://127.0.0.1:9/");
  const loading = () => loadFashionMnist({ train: 0, env: () => undefined }, dataset);
  await assertRejects(loading, UnavailableError, "HOME is not set");
});
