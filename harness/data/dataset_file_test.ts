import { assertEquals, assertRejects } from "@std/assert";
import { packTar } from "npm:modern-tar@0.8.6";
import { gzipSync } from "node:zlib";
import { DamagedData } from "../../norms/basics/errors.ts";
import { type DatasetFile, gzipFile, type Part, plainFile, tarGzFile } from "./dataset_file.ts";

const PART: Part = { name: "part", sha256: "", size: 3 };

/** A megabyte, which is more than the 64 KiB that a small part gets for its surroundings. */
const BOMB = new Uint8Array(1 << 20);

/** Names and lengths of what a file of these bytes holds. */
async function lengths(file: DatasetFile<Part>, bytes: Uint8Array): Promise<[string, number][]> {
  const contents = await Array.fromAsync(file.contents(ReadableStream.from([bytes])));
  return contents.map(([{ name }, { length }]) => [name, length]);
}

const tarGz = async (name: string, body: Uint8Array) =>
  gzipSync(
    await packTar([
      { header: { name: "folder/part", size: 3 }, body: new Uint8Array(3) },
      { header: { name, size: body.length }, body },
    ]),
  );

Deno.test("a part is read from a file, a packed file or an archive", async () => {
  const bytes = new Uint8Array(3);
  assertEquals(await lengths(plainFile("a", PART), bytes), [["part", 3]]);
  assertEquals(await lengths(gzipFile("a", PART), gzipSync(bytes)), [["part", 3]]);
  const archive = tarGzFile("a", new Map([["part", PART]]));
  assertEquals(await lengths(archive, await tarGz("readme", bytes)), [["part", 3]]);
});

Deno.test("what unpacks to far more than its parts is refused", async () => {
  const archive = tarGzFile("a", new Map([["part", PART]]));
  const bombs: [DatasetFile<Part>, Uint8Array][] = [
    [plainFile("a", PART), BOMB],
    [gzipFile("a", PART), gzipSync(BOMB)],
    [archive, await tarGz("folder/part", BOMB)],
    [archive, await tarGz("readme", BOMB)],
  ];
  for (const [file, bytes] of bombs) {
    await assertRejects(() => lengths(file, bytes), DamagedData, "more than 65542 bytes");
  }
});

Deno.test("links in an archive are no parts, and paths that lead out of it do not matter", async () => {
  const file = tarGzFile("a", new Map([["part", PART]]));
  const bytes = { header: { name: "../../part", size: 3 }, body: new Uint8Array(3) };
  assertEquals(await lengths(file, gzipSync(await packTar([bytes]))), [["part", 3]]);
  for (const type of ["symlink", "link"] as const) {
    const link = { header: { name: "part", size: 0, type, linkname: "/etc/passwd" } };
    assertEquals(await lengths(file, gzipSync(await packTar([link]))), [["part", 0]]);
  }
});
