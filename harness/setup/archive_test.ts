import { assertEquals, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import { packTar } from "npm:modern-tar@0.8.6";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { MissingError } from "../../norms/basics/errors.ts";
import type { Digest } from "../run/download.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { downloadArchive, unpack } from "./archive.ts";

const URL_ = "https://registry.example/file.tgz";
const TEXT = "the content of the file";

function digestOf(algorithm: string, text: string): Digest {
  return { algorithm, base64: createHash(algorithm).update(text).digest("base64") };
}

async function downloaded(
  respond: () => Response | Promise<Response>,
  digest: Digest | null = digestOf("sha512", TEXT),
): Promise<{ text: string; told: string[] }> {
  const told: string[] = [];
  let text = "";
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "file");
    const fetch = async () => await respond();
    await downloadArchive(URL_, path, digest, (line) => told.push(line), { fetch });
    text = await Deno.readTextFile(path);
  });
  return { text, told };
}

async function messageOf(
  respond: () => Response | Promise<Response>,
  digest?: Digest | null,
): Promise<string> {
  const error = await assertRejects(() => downloaded(respond, digest), MissingError);
  return `${error.message}; ${error.remedy}`;
}

Deno.test("an archive with the right digest is kept", async () => {
  assertEquals((await downloaded(() => new Response(TEXT))).text, TEXT);
});

Deno.test("an archive with other content, or cut short, is rejected with a remedy", async () => {
  const other = await messageOf(() => new Response("something else"));
  assertStringIncludes(other, `${URL_} is damaged, or not the file that was asked for`);
  assertStringIncludes(other, "sha512 digest");
  assertStringIncludes(other, "run it again");
  const headers = { "content-length": "1000" };
  const short = await messageOf(() => new Response(TEXT, { headers }));
  assertStringIncludes(short, "it has 23 bytes and not 1000");
});

Deno.test("a server that refuses, or cannot be reached, is named with the remedy", async () => {
  assertStringIncludes(await messageOf(() => new Response("", { status: 404 })), "answers 404");
  const message = await messageOf(() => Promise.reject(new TypeError("dns error")));
  assertStringIncludes(message, `${URL_} cannot be downloaded: dns error`);
  assertStringIncludes(message, "check the network");
});

Deno.test("without a digest of ours, the storage's own is checked", async () => {
  const md5 = digestOf("md5", TEXT).base64;
  const respond = (text: string) => () =>
    new Response(text, { headers: { "x-goog-hash": `crc32c=AAAAAA==,md5=${md5}` } });
  assertEquals((await downloaded(respond(TEXT), null)).text, TEXT);
  assertStringIncludes(await messageOf(respond("other"), null), "md5 digest");
  assertStringIncludes(await messageOf(() => new Response(TEXT), null), "without a digest");
});

Deno.test("a large download shows its progress, a small one does not", async () => {
  const large = "x".repeat(20_000_000);
  for (const text of [large, TEXT]) {
    const headers = { "content-length": String(text.length) };
    const { told } = await downloaded(
      () => new Response(text, { headers }),
      digestOf("sha512", text),
    );
    const last = text === large ? "Downloading file.tgz: 20.0 of 20.0 MB" : undefined;
    assertEquals(told.at(-1), last);
  }
});

const NEVER = new AbortController().signal;

async function archiveIn(folder: string, entries: Parameters<typeof packTar>[0]): Promise<string> {
  const path = join(folder, "archive.tar.gz");
  await Deno.writeFile(path, gzipSync(await packTar(entries)));
  return path;
}

const file = (name: string) => ({ header: { name, size: 4 }, body: "text" });

Deno.test("an archive is unpacked without its first folders, links included", async () => {
  await inTemporaryFolder(async (folder) => {
    const archive = await archiveIn(folder, [
      { header: { name: "package/lib/", size: 0, type: "directory" } },
      file("package/lib/libtensorflow.so.2.9.1"),
      {
        header: {
          name: "package/lib/libtensorflow.so.2",
          size: 0,
          type: "symlink",
          linkname: "libtensorflow.so.2.9.1",
        },
      },
    ]);
    await unpack(archive, join(folder, "into", "package"), 1, NEVER);
    const library = join(folder, "into", "package", "lib", "libtensorflow.so.2");
    assertEquals(await Deno.readTextFile(library), "text");
  });
});

Deno.test("a damaged archive, and one that leaves its folder, are rejected", async () => {
  await inTemporaryFolder(async (folder) => {
    const whole = await archiveIn(folder, [file("lib/a")]);
    const into = join(folder, "into");
    const short = join(folder, "short.tar.gz");
    await Deno.writeFile(short, (await Deno.readFile(whole)).slice(0, -20));
    await assertRejects(() => unpack(short, into, 0, NEVER), MissingError, "cannot be unpacked");
    const outside = await archiveIn(folder, [file("../outside")]);
    await assertRejects(() => unpack(outside, into, 0, NEVER), MissingError, "cannot be unpacked");
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(names.sort(), ["archive.tar.gz", "into", "short.tar.gz"]);
  });
});

Deno.test("an archive that unpacks to more than its limit is rejected before the disk is full", () =>
  inTemporaryFolder(async (folder) => {
    const size = 100e6;
    const bomb = await archiveIn(folder, [
      file("small"),
      { header: { name: "zeros", size }, body: new Uint8Array(size) },
    ]);
    assertLess(Deno.statSync(bomb).size, size / 500);
    const into = join(folder, "into");
    const message = "cannot be unpacked: it unpacks to more than 1000000 bytes";
    await assertRejects(() => unpack(bomb, into, 0, NEVER, 1e6), MissingError, message);
    const written = [...Deno.readDirSync(into)].map(({ name }) => Deno.statSync(join(into, name)));
    assertLess(written.reduce((sum, { size }) => sum + size, 0), 2e6);
    await unpack(bomb, into, 0, NEVER, size + 1e6);
    assertEquals(Deno.statSync(join(into, "zeros")).size, size);
  }));

Deno.test("an interruption of unpacking stays an interruption", async () => {
  await inTemporaryFolder(async (folder) => {
    const archive = await archiveIn(folder, [file("lib/a")]);
    const signal = AbortSignal.abort(new DOMException("stop", "AbortError"));
    await assertRejects(() => unpack(archive, join(folder, "into"), 0, signal), DOMException);
  });
});
