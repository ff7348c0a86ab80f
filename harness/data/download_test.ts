import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { DamagedData } from "./damaged_data.ts";
import { download, type DownloadOptions, type Fetch } from "./download.ts";

/** Answers with `pieces`, and then with nothing more; ends only where `end` is set. */
function server(
  pieces: readonly Uint8Array<ArrayBuffer>[],
  end: boolean,
  init: ResponseInit = {},
): Fetch {
  return (_url, { signal }) => {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        if (end) controller.close();
        signal.addEventListener("abort", () => controller.error(signal.reason));
      },
    });
    return Promise.resolve(new Response(body, init));
  };
}

const PIECES = [new Uint8Array([1, 2]), new Uint8Array([3])];

/** Downloads three bytes into a folder where `before` has arrived already, and says what is there then. */
async function downloaded(
  fetch: Fetch,
  before: readonly number[] = [],
  options: Partial<DownloadOptions> = {},
): Promise<number[]> {
  let content: number[] = [];
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "file");
    await Deno.writeFile(path, new Uint8Array(before));
    try {
      await download("http://a", path, { size: 3, fetch, onProgress: () => {}, ...options });
    } finally {
      content = [...await Deno.readFile(path)];
    }
  });
  return content;
}

Deno.test("download puts the pieces together and tells how far it is", async () => {
  const progress: number[] = [];
  const onProgress = (received: number) => progress.push(received);
  assertEquals(await downloaded(server(PIECES, true), [], { onProgress }), [1, 2, 3]);
  assertEquals(progress, [2, 3]);
});

Deno.test("download asks for the rest of what is there", async () => {
  const headers: Record<string, string>[] = [];
  const range = { status: 206, headers: { "content-range": "bytes 1-2/3" } };
  const answer = server([new Uint8Array([2, 3])], true, range);
  const fetch: Fetch = (url, init) => {
    headers.push(init.headers);
    return answer(url, init);
  };
  assertEquals(await downloaded(fetch, [1]), [1, 2, 3]);
  assertEquals(headers, [{ "accept-encoding": "identity", range: "bytes=1-" }]);
});

Deno.test("download begins anew where the server sends everything", async () => {
  assertEquals(await downloaded(server(PIECES, true), [9]), [1, 2, 3]);
});

Deno.test("download asks for everything where more is there than the file has", async () => {
  const fetch: Fetch = (url, init) => {
    assertEquals(init.headers, { "accept-encoding": "identity" });
    return server(PIECES, true)(url, init);
  };
  assertEquals(await downloaded(fetch, [9, 9, 9, 9]), [1, 2, 3]);
});

Deno.test("download refuses another range than it asked for, and a status that is no answer", async () => {
  for (const status of [206, 404, 416, 503]) {
    const headers = { "content-range": "bytes 0-2/3" };
    const fetch = server(PIECES, true, { status, headers });
    await assertRejects(() => downloaded(fetch, [1]), Error, `answers ${status} with bytes 0-2/3`);
  }
});

Deno.test("download refuses a file of another length", async () => {
  const announced = server(PIECES, true, { headers: { "content-length": "9" } });
  await assertRejects(() => downloaded(announced), Error, "sends 9 bytes, not 3");
  const long = server([...PIECES, ...PIECES], true);
  await assertRejects(() => downloaded(long), DamagedData, "more than 3 bytes");
  const short = server(PIECES.slice(1), true);
  await assertRejects(() => downloaded(short), DamagedData, "1 bytes and not 3");
});

Deno.test("download gives up a server that falls silent halfway", async () => {
  const silent = () => downloaded(server(PIECES.slice(1), false), [], { patience: 20 });
  await assertRejects(silent, Error, "no answer for 0.02 s");
});

Deno.test("download gives up a server that never answers", async () => {
  const fetch: Fetch = (_url, { signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  const silent = () => downloaded(fetch, [], { patience: 20 });
  await assertRejects(silent, Error, "no answer for 0.02 s");
});

Deno.test("a place that cannot be written is an error with a remedy", async () => {
  await inTemporaryFolder(async (folder) => {
    const fetch = server(PIECES, true);
    const error = await assertRejects(
      () => download("http://a", folder, { size: 3, fetch, onProgress: () => {} }),
      MissingError,
      `${folder} cannot be written`,
    );
    assertEquals(error.remedy, "make room there, or choose another place with XDG_CACHE_HOME");
  });
});
