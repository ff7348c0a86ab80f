import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import { type DatasetEvent, type DatasetSource, UnavailableError } from "./dataset_source.ts";
import { loadFashionMnist } from "./fashion_mnist.ts";
import type { ImageLimits } from "../../fixtures/datasets/image_set.ts";
import {
  idxFile,
  type Mirror,
  type MirrorOptions,
  pack,
  serveMirror,
  tinyFashionMnist,
  writeFiles,
} from "./dataset_testing.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";

/** Options for a user whose cache is `cache`, and who may have set `NORMBENCH_DATA`. */
function user(
  cache: string,
  data?: string,
): DatasetSource & ImageLimits & { events: DatasetEvent[] } {
  const variables: Record<string, string | undefined> = {
    XDG_CACHE_HOME: cache,
    NORMBENCH_DATA: data,
  };
  const events: DatasetEvent[] = [];
  return {
    train: 0,
    env: (name) => variables[name],
    onEvent: (event) => events.push(event),
    events,
  };
}

const cachedIn = (cache: string) => join(cache, "normbench", "datasets", "tiny-mnist");

const namesIn = (dir: string) => [...Deno.readDirSync(dir)].map(({ name }) => name).sort();

/** Calls `use` with a mirror that has the tiny data set. */
async function withMirror(
  use: (mirror: Mirror) => Promise<void>,
  options: MirrorOptions = {},
): Promise<void> {
  const { files } = tinyFashionMnist();
  await using mirror = serveMirror(files, options);
  await use(mirror);
}

Deno.test("files are taken from NORMBENCH_DATA, in a folder of their own or directly", async () => {
  await inTemporaryFolder(async (folder) => {
    const { dataset, files } = tinyFashionMnist();
    await writeFiles(join(folder, "own", "tiny-mnist"), files);
    await writeFiles(join(folder, "direct"), files);
    for (const data of ["own", "direct"]) {
      const options = user(join(folder, "cache"), join(folder, data));
      assertEquals((await loadFashionMnist(options, dataset)).test.count, 2);
      assertEquals(options.events, []);
    }
  });
});

Deno.test("--data-dir comes first, and what is not there is not looked for elsewhere", async () => {
  await inTemporaryFolder(async (folder) => {
    const { dataset, files } = tinyFashionMnist("http://127.0.0.1:9/");
    await writeFiles(join(folder, "data"), files);
    const options = { ...user(join(folder, "cache"), join(folder, "data")), dataDir: folder };
    const error = await assertRejects(() => loadFashionMnist(options, dataset), UnavailableError);
    assertStringIncludes(error.message, "test-images, test-labels of Tiny-MNIST is missing");
    assertStringIncludes(error.message, folder);
    assertStringIncludes(error.remedy, "--data-dir");
  });
});

Deno.test("what is nowhere is downloaded once, with progress, and kept", async () => {
  await inTemporaryFolder(async (cache) => {
    await withMirror(async (mirror) => {
      const { dataset, files } = tinyFashionMnist(mirror.url);
      const options = user(cache);
      assertEquals([...(await loadFashionMnist(options, dataset)).test.labels], [1, 2]);
      assertEquals(namesIn(cachedIn(cache)), ["test-images.gz", "test-labels.gz"]);
      const last = options.events.findLast((event) => event.kind === "progress");
      const size = files.get("test-labels.gz")?.length ?? 0;
      const from = new URL(mirror.url).host;
      assertEquals(last, { kind: "progress", file: "test-labels.gz", from, received: size, size });

      await loadFashionMnist(user(cache), dataset);
      assertEquals(mirror.requests, ["test-images.gz", "test-labels.gz"]);
    });
  });
});

Deno.test("a mirror with another file, or without it, is passed over", async () => {
  await inTemporaryFolder(async (cache) => {
    const { files } = tinyFashionMnist();
    const whole = files.get("test-images.gz")!;
    files.set(
      "test-images.gz",
      whole.map((byte, at) => at === whole.length - 20 ? byte ^ 1 : byte),
    );
    files.delete("test-labels.gz");
    await using wrong = serveMirror(files);
    await withMirror(async (right) => {
      const options = user(cache);
      const { dataset } = tinyFashionMnist(wrong.url, right.url);
      assertEquals([...(await loadFashionMnist(options, dataset)).test.labels], [1, 2]);
      const reasons = options.events.flatMap((event) =>
        event.kind === "mirror failed" ? [event.reason] : []
      );
      assertEquals(reasons.length, 2);
      assertStringIncludes(reasons[0] ?? "", "damaged");
      assertStringIncludes(reasons[1] ?? "", "answers 404");
      const kept = ["test-images.gz", "test-images.gz.part.damaged", "test-labels.gz"];
      assertEquals(namesIn(cachedIn(cache)), kept);
    });
  });
});

Deno.test("a mirror whose file has another length is not even asked for it", async () => {
  await inTemporaryFolder(async (cache) => {
    const { dataset, files } = tinyFashionMnist();
    files.set("test-images.gz", pack(idxFile([1], [7])));
    await using wrong = serveMirror(files);
    const only = tinyFashionMnist(wrong.url).dataset;
    await assertRejects(() => loadFashionMnist(user(cache), only), UnavailableError, "bytes, not");
    assertEquals(namesIn(cachedIn(cache)), []);
    assertEquals(dataset.title, only.title);
  });
});

Deno.test("a mirror that sends nothing, or less than it should, is passed over", async () => {
  for (const length of [0, 9]) {
    await inTemporaryFolder(async (cache) => {
      const body = new Uint8Array(length);
      const fetch = () => Promise.resolve(new Response(ReadableStream.from([body])));
      const { dataset } = tinyFashionMnist();
      const load = () => loadFashionMnist({ ...user(cache), fetch }, dataset);
      await assertRejects(load, UnavailableError, `it has ${length} bytes and not`);
      assertEquals(namesIn(cachedIn(cache)), ["test-images.gz.part.damaged"]);
    });
  }
});

Deno.test("a mirror that breaks off is asked for the rest, again and again", async () => {
  await inTemporaryFolder(async (cache) => {
    await withMirror(async (mirror) => {
      const { dataset, files } = tinyFashionMnist(mirror.url);
      const options = user(cache);
      assertEquals([...(await loadFashionMnist(options, dataset)).test.labels], [1, 2]);
      const { length } = files.get("test-images.gz")!;
      const rests = Array.from(
        { length: Math.ceil(length / 100) - 1 },
        (_, i) => `test-images.gz bytes=${(i + 1) * 100}-`,
      );
      assertEquals(mirror.requests.slice(0, rests.length + 1), ["test-images.gz", ...rests]);
      const kinds = options.events.map(({ kind }) => kind);
      assertEquals(kinds.filter((kind) => kind === "broken off").length, rests.length);
    }, { breaksOffAfter: 100 });
  });
});

Deno.test("a download that an earlier run began is taken up", async () => {
  await inTemporaryFolder(async (cache) => {
    await withMirror(async (mirror) => {
      const { dataset, files } = tinyFashionMnist(mirror.url);
      const begun = files.get("test-images.gz")!.slice(0, 150);
      await writeFiles(cachedIn(cache), new Map([["test-images.gz.part", begun]]));
      await loadFashionMnist(user(cache), dataset);
      assertEquals(mirror.requests, ["test-images.gz bytes=150-", "test-labels.gz"]);
      assertEquals(namesIn(cachedIn(cache)), ["test-images.gz", "test-labels.gz"]);
    });
  });
});

Deno.test("a download that was complete already is only looked at", async () => {
  await inTemporaryFolder(async (cache) => {
    await withMirror(async (mirror) => {
      const { dataset, files } = tinyFashionMnist(mirror.url);
      const all = files.get("test-images.gz")!;
      await writeFiles(cachedIn(cache), new Map([["test-images.gz.part", all]]));
      await loadFashionMnist(user(cache), dataset);
      assertEquals(mirror.requests, ["test-labels.gz"]);
    });
  });
});

Deno.test("a mirror that knows no ranges is asked for everything", async () => {
  await inTemporaryFolder(async (cache) => {
    await withMirror(async (mirror) => {
      const { dataset } = tinyFashionMnist(mirror.url);
      const begun = new Uint8Array(150);
      await writeFiles(cachedIn(cache), new Map([["test-images.gz.part", begun]]));
      const { test } = await loadFashionMnist(user(cache), dataset);
      assertEquals([...test.labels], [1, 2]);
    }, { ranges: false });
  });
});

Deno.test("a mirror that knows no ranges and breaks off is given up, and what came is kept", async () => {
  await inTemporaryFolder(async (cache) => {
    await withMirror(async (mirror) => {
      const { dataset } = tinyFashionMnist(mirror.url);
      await assertRejects(() => loadFashionMnist(user(cache), dataset), UnavailableError);
      assertEquals(mirror.requests, ["test-images.gz", "test-images.gz bytes=100-"]);
      assertEquals(namesIn(cachedIn(cache)), ["test-images.gz.part"]);
    }, { ranges: false, breaksOffAfter: 100 });
  });
});

Deno.test("where the beginning of a download was damaged, the same mirror gets another chance", async () => {
  await inTemporaryFolder(async (cache) => {
    await withMirror(async (mirror) => {
      const { dataset } = tinyFashionMnist(mirror.url);
      const begun = new Uint8Array(150);
      await writeFiles(cachedIn(cache), new Map([["test-images.gz.part", begun]]));
      const options = user(cache);
      await loadFashionMnist(options, dataset);
      const images = ["test-images.gz bytes=150-", "test-images.gz"];
      assertEquals(mirror.requests, [...images, "test-labels.gz"]);
      const aside = options.events.filter(({ kind }) => kind === "set aside");
      assertEquals(aside.length, 1);
    });
  });
});

Deno.test("two runs with an empty cache download once", async () => {
  await inTemporaryFolder(async (cache) => {
    await withMirror(async (mirror) => {
      const { dataset } = tinyFashionMnist(mirror.url);
      const runs = [user(cache), user(cache)];
      await Promise.all(runs.map((options) => loadFashionMnist(options, dataset)));
      assertEquals(mirror.requests, ["test-images.gz", "test-labels.gz"]);
      const waits = runs.flatMap(({ events }) => events.filter(({ kind }) => kind === "waiting"));
      assertEquals(waits, [{ kind: "waiting", dataset: "Tiny-MNIST" }]);
    });
  });
});

Deno.test("where no mirror delivers, the error names each of them, and nothing is left behind", async () => {
  await inTemporaryFolder(async (cache) => {
    const { dataset } = tinyFashionMnist("http://127.0.0.1:9/a/", "http://127.0.0.1:9/b/");
    const error = await assertRejects(
      () => loadFashionMnist(user(cache), dataset),
      UnavailableError,
    );
    assertStringIncludes(error.message, "http://127.0.0.1:9/a/test-images.gz: ");
    assertStringIncludes(error.message, "http://127.0.0.1:9/b/test-images.gz: ");
    assertStringIncludes(error.remedy, "NORMBENCH_DATA");
    assertEquals(namesIn(cachedIn(cache)), []);
  });
});

Deno.test("a damaged file in the cache is set aside and downloaded again", async () => {
  await inTemporaryFolder(async (cache) => {
    await withMirror(async (mirror) => {
      const { dataset, files } = tinyFashionMnist(mirror.url);
      const whole = files.get("test-images.gz") ?? new Uint8Array();
      await writeFiles(cachedIn(cache), new Map(files).set("test-images.gz", whole.slice(0, 99)));
      const options = user(cache);
      await loadFashionMnist(options, dataset);

      const [event] = options.events;
      assert(event?.kind === "set aside");
      assertEquals(event.path, join(cachedIn(cache), "test-images.gz.damaged"));
      assertEquals((await Deno.readFile(event.path)).length, 99);
      assertEquals(await Deno.readFile(join(cachedIn(cache), "test-images.gz")), whole);
      assertEquals(mirror.requests, ["test-images.gz"]);
    });
  });
});

Deno.test("a cache that cannot be written is an error with a remedy", async () => {
  await inTemporaryFolder(async (folder) => {
    await withMirror(async (mirror) => {
      const { dataset } = tinyFashionMnist(mirror.url);
      const cache = join(folder, "file");
      await Deno.writeTextFile(cache, "no folder");
      const error = await assertRejects(() => loadFashionMnist(user(cache), dataset), MissingError);
      assertStringIncludes(error.message, "cannot be written");
      assertStringIncludes(error.remedy, "XDG_CACHE_HOME");
    });
  });
});

Deno.test("without a home folder there is no cache, and the error says so", async () => {
  const { dataset } = tinyFashionMnist("http://127.0.0.1:9/");
  const options = { train: 0, env: () => undefined } as const;
  await assertRejects(
    () => loadFashionMnist(options, dataset),
    UnavailableError,
    "HOME is not set",
  );
});
