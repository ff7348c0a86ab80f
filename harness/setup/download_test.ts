import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import { type Digest, download } from "./download.ts";

const URL_ = "https://registry.example/file.tgz";
const TEXT = "the content of the file";
const SHA512: Digest = digestOf("sha512", TEXT);

function digestOf(algorithm: string, text: string): Digest {
  return { algorithm, base64: createHash(algorithm).update(text).digest("base64") };
}

async function downloadWith(
  respond: () => Response | Promise<Response>,
  digest: Digest | null = SHA512,
): Promise<{ text: string; told: string[] }> {
  const dir = await Deno.makeTempDir();
  try {
    const path = join(dir, "file");
    const told: string[] = [];
    await download(URL_, path, digest, async () => await respond(), (line) => told.push(line));
    return { text: await Deno.readTextFile(path), told };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function messageOf(
  respond: () => Response | Promise<Response>,
  digest: Digest | null = SHA512,
): Promise<string> {
  const error = await assertRejects(() => downloadWith(respond, digest), MissingError);
  return `${error.message}; ${error.remedy}`;
}

Deno.test("a download with the right digest is kept", async () => {
  assertEquals((await downloadWith(() => new Response(TEXT))).text, TEXT);
});

Deno.test("a download with another content is refused", async () => {
  const message = await messageOf(() => new Response("something else"));
  assertStringIncludes(message, "sha512 digest");
  assertStringIncludes(message, "run it again");
});

Deno.test("a download that ends too early is refused", async () => {
  const headers = { "content-length": "1000" };
  assertStringIncludes(
    await messageOf(() => new Response(TEXT, { headers })),
    "broke off after 23 of 1000 bytes",
  );
});

Deno.test("a server that refuses, or cannot be reached, is named with the remedy", async () => {
  assertStringIncludes(await messageOf(() => new Response("", { status: 404 })), "answers 404");
  const unreachable = () => Promise.reject(new TypeError("dns error"));
  const message = await messageOf(unreachable);
  assertStringIncludes(message, "https://registry.example/file.tgz cannot be reached: dns error");
  assertStringIncludes(message, "check the network");
});

Deno.test("an interruption stays an interruption", async () => {
  const abort = () => Promise.reject(new DOMException("stop", "AbortError"));
  await assertRejects(() => downloadWith(abort), DOMException, "stop");
});

Deno.test("without a digest of ours, the storage's own is checked", async () => {
  const md5 = digestOf("md5", TEXT).base64;
  const respond = (text: string) => () =>
    new Response(text, { headers: { "x-goog-hash": `crc32c=AAAAAA==,md5=${md5}` } });
  assertEquals((await downloadWith(respond(TEXT), null)).text, TEXT);
  assertStringIncludes(await messageOf(respond("other"), null), "md5 digest");
  assertStringIncludes(await messageOf(() => new Response(TEXT), null), "without a digest");
});

Deno.test("a large download tells how far it is", async () => {
  const large = "x".repeat(20_000_000);
  const { told } = await downloadWith(
    () => new Response(large, { headers: { "content-length": String(large.length) } }),
    digestOf("sha512", large),
  );
  assertEquals(told.at(-1), "  100 % of 20 MB from registry.example");
});
