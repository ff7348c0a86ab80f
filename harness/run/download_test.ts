import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DamagedData, MissingError } from "../../norms/basics/errors.ts";
import {
  type Digest,
  download,
  DownloadError,
  type DownloadOptions,
  type Fetch,
  tellProgress,
} from "./download.ts";
import { inTemporaryFolder, runProgram } from "./task_testing.ts";

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

/** Downloads three bytes into a folder that holds `before` already, and gives what is there then. */
async function downloaded(
  fetch: Fetch | undefined,
  before: readonly number[] = [],
  options: DownloadOptions = {},
  url = "http://a",
): Promise<number[]> {
  let content: number[] = [];
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "file");
    await Deno.writeFile(path, new Uint8Array(before));
    try {
      await download(url, path, { size: 3, fetch, ...options });
    } finally {
      content = [...await Deno.readFile(path)];
    }
  });
  return content;
}

Deno.test("download joins the pieces and reports its progress", async () => {
  const progress: number[][] = [];
  const onProgress = (...numbers: number[]) => progress.push(numbers);
  assertEquals(await downloaded(server(PIECES, true), [], { onProgress }), [1, 2, 3]);
  assertEquals(progress, [[2, 3], [3, 3]]);
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

Deno.test("download starts again where the server sends everything", async () => {
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
    const message = `answers ${status} with bytes 0-2/3`;
    await assertRejects(() => downloaded(fetch, [1]), DownloadError, message);
  }
});

Deno.test("download refuses a file of another length", async () => {
  const announced = server(PIECES, true, { headers: { "content-length": "9" } });
  await assertRejects(() => downloaded(announced), DownloadError, "sends 9 bytes, not 3");
  const long = server([...PIECES, ...PIECES], true);
  await assertRejects(() => downloaded(long), DamagedData, "more than 3 bytes");
  const short = server(PIECES.slice(1), true);
  await assertRejects(() => downloaded(short), DamagedData, "1 bytes and not 3");
});

Deno.test("a length that is not known beforehand is taken from the server", async () => {
  const options = { size: NaN };
  const headers = { "content-length": "3" };
  assertEquals(await downloaded(server(PIECES, true), [], options), [1, 2, 3]);
  assertEquals(await downloaded(server(PIECES, true, { headers }), [], options), [1, 2, 3]);
  const short = server(PIECES.slice(1), true, { headers });
  await assertRejects(() => downloaded(short, [], options), DamagedData, "1 bytes and not 3");
});

const digestOf = (content: readonly number[]): Digest => ({
  algorithm: "sha512",
  base64: createHash("sha512").update(new Uint8Array(content)).digest("base64"),
});

Deno.test("a digest is checked, given or found in the headers", async () => {
  const right = digestOf([1, 2, 3]);
  assertEquals(await downloaded(server(PIECES, true), [], { digest: right }), [1, 2, 3]);
  const wrong = () => downloaded(server(PIECES, true), [], { digest: digestOf([3]) });
  await assertRejects(wrong, DamagedData, `sha512 digest ${right.base64} and not`);

  const digest = (headers: Headers) => ({ ...right, base64: headers.get("x-digest") ?? "" });
  const from = (base64: string) => () =>
    downloaded(server(PIECES, true, { headers: { "x-digest": base64 } }), [], { digest });
  assertEquals(await from(right.base64)(), [1, 2, 3]);
  await assertRejects(from("another"), DamagedData, "and not another");
});

Deno.test("a server that never answers, or falls silent, is given up with a remedy", async () => {
  const never: Fetch = (_url, { signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const silent = server([new Uint8Array(1000)], false);
  for (const fetch of [never, silent]) {
    const error = await assertRejects(
      () => downloaded(fetch, [], { size: 2000, patience: 20 }),
      DownloadError,
      "http://a cannot be downloaded: ",
    );
    assertStringIncludes(error.message, "no answer for 0.02 s");
    assertStringIncludes(error.remedy, "check the network, a proxy (HTTPS_PROXY) or a mirror");
  }
});

/** Serves on this machine what `answer` gives. */
async function withServer(
  answer: (request: Request) => Response,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  try {
    await use(`http://127.0.0.1:${server.addr.port}/`);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a server that drips is given up with a remedy, and what came is kept", async () => {
  let drip: ReturnType<typeof setInterval>;
  const answer = () =>
    new Response(
      new ReadableStream({
        start(controller) {
          drip = setInterval(() => controller.enqueue(new Uint8Array([7])), 20);
        },
        cancel: () => clearInterval(drip),
      }),
      { headers: { "content-length": "3000" } },
    );
  await withServer(answer, async (url) => {
    let received = 0;
    const error = await assertRejects(
      () =>
        downloaded(undefined, [], {
          size: 3000,
          patience: 300,
          onProgress: (now) => received = now,
        }, url),
      DownloadError,
      "bytes in 0.3 s",
    );
    assertEquals(error.message.includes("no answer"), false);
    assertStringIncludes(error.remedy, "check the network");
    assertEquals(received > 0, true);
  });
});

Deno.test("a server that stalls halfway is asked for the rest", async () => {
  const asked: (string | null)[] = [];
  const answer = ({ headers }: Request) => {
    asked.push(headers.get("range"));
    if (asked.length === 1) {
      const body = new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(1000)) });
      return new Response(body, { headers: { "content-length": "1500" } });
    }
    const range = { "content-range": "bytes 1000-1499/1500" };
    return new Response(new Uint8Array(500), { status: 206, headers: range });
  };
  await withServer(answer, async (url) => {
    const reasons: string[] = [];
    const content = await downloaded(undefined, [], {
      size: 1500,
      patience: 100,
      onBrokenOff: (reason) => reasons.push(reason),
    }, url);
    assertEquals([content.length, reasons], [1500, ["no answer for 0.1 s"]]);
    assertEquals(asked, [null, "bytes=1000-"]);
  });
});

Deno.test("redirects are followed", async () => {
  const answer = ({ url }: Request) =>
    url.endsWith("/there")
      ? new Response(new Uint8Array([1, 2, 3]))
      : Response.redirect(new URL("/there", url), 302);
  await withServer(answer, async (url) => {
    assertEquals(await downloaded(undefined, [], {}, url), [1, 2, 3]);
  });
});

/** The error of a download from a local server that redirects `/N` to what `to` says. */
async function redirected(to: (number: number, url: string) => string): Promise<string> {
  const asked: number[] = [];
  await using local = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    const number = Number(new URL(url).pathname.slice(1));
    asked.push(number);
    return new Response(null, { status: 302, headers: { location: to(number, url) } });
  });
  const error = await assertRejects(
    () => downloaded(undefined, [], {}, `http://127.0.0.1:${local.addr.port}/0`),
    DownloadError,
  );
  assertEquals(asked, asked.map((_, index) => index));
  return error.message;
}

Deno.test("redirects without an end are given up", async () => {
  const message = await redirected((number) => `/${number + 1}`);
  assertStringIncludes(message, "redirects more than 5 times");
});

Deno.test("redirects to files, and to what is no address, are refused", async () => {
  for (const to of ["file:///etc/hostname", "data:,abc", "http://["]) {
    assertStringIncludes(await redirected(() => to), `/0 to ${to}`);
  }
});

Deno.test("a redirect from HTTPS to HTTP is refused before anything is asked there", async () => {
  const asked: string[] = [];
  const fetch: Fetch = (url) => {
    asked.push(url);
    const location = url === "https://a/" ? "https://b/" : "http://b/";
    return Promise.resolve(new Response(null, { status: 307, headers: { location } }));
  };
  const message =
    "https://a/ cannot be downloaded: the server redirects from https://b/ to http://b/";
  await assertRejects(() => downloaded(fetch, [], {}, "https://a/"), DownloadError, message);
  assertEquals(asked, ["https://a/", "https://b/"]);
});

Deno.test("a redirect to a host without permission is refused", async () => {
  await using local = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => Response.redirect("http://localhost:8/", 302),
  );
  const url = `http://127.0.0.1:${local.addr.port}/`;
  const program = `import { download } from "${new URL("./download.ts", import.meta.url)}";
    await download("${url}", await Deno.makeTempFile(), { size: 3 });`;
  const { code, errors } = await runProgram(program, "--no-check", "--allow-net=127.0.0.1", "-RW");
  assertEquals(code, 1);
  assertStringIncludes(errors, 'Requires net access to "localhost:8"');
});

Deno.test("a server that cannot be reached is named with the remedy", async () => {
  const unreachable = () => Promise.reject(new TypeError("failed", { cause: new Error("dns") }));
  const error = await assertRejects(() => downloaded(unreachable), DownloadError);
  assertEquals(error.message, "http://a cannot be downloaded: failed (dns)");
});

Deno.test("an interruption stays an interruption", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  setTimeout(() => controller.abort(new DOMException("stop", "AbortError")), 20);
  await assertRejects(() => downloaded(server([], false), [], { signal }), DOMException, "stop");
});

Deno.test("a place that cannot be written is an error with a remedy", async () => {
  await inTemporaryFolder(async (folder) => {
    const error = await assertRejects(
      () => download("http://a", folder, { size: 3, fetch: server(PIECES, true) }),
      MissingError,
      `${folder} cannot be written`,
    );
    assertEquals(error.remedy, "make room there, or choose another place with XDG_CACHE_HOME");
  });
});

Deno.test("progress is told by tenths", () => {
  const lines: string[] = [];
  const tell = tellProgress("images.gz", (line) => lines.push(line));
  for (const received of [0.1e6, 0.2e6, 1.1e6, 10e6]) tell(received, 10e6);
  tell(5, NaN);
  assertEquals(lines, [
    "Downloading images.gz: 0.1 of 10.0 MB",
    "Downloading images.gz: 1.1 of 10.0 MB",
    "Downloading images.gz: 10.0 of 10.0 MB",
  ]);
});
