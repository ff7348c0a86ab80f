/**
 * Archives: `.tar.xz`, or `.tar.gz` where there is no xz. Equal files give equal archives.
 *
 * @module
 */
import { packTar } from "npm:modern-tar@0.8.6/fs";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { MissingError } from "../../norms/basics/errors.ts";
import type { PackedFile } from "./manifest.ts";

/** How an archive is compressed. */
export type Compression = "xz" | "gzip";

/** End of an archive's name. */
export const EXTENSIONS: Readonly<Record<Compression, string>> = {
  xz: ".tar.xz",
  gzip: ".tar.gz",
};

/** When all files in an archive were modified, as far as it says. */
export const MODIFIED: Date = new Date("2000-01-01T00:00:00Z");

/** Whether this machine has the program `xz`. */
export async function hasXz(): Promise<boolean> {
  try {
    const command = new Deno.Command("xz", { args: ["--version"], stdout: "null", stderr: "null" });
    return (await command.output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Writes the files, in one folder, into the archive `path`.
 *
 * @throws {MissingError} If it cannot be written.
 */
export async function writeArchive(
  path: string,
  folder: string,
  files: readonly PackedFile[],
  compression: Compression,
): Promise<void> {
  const common = { mtime: MODIFIED, uid: 0, gid: 0, uname: "", gname: "" };
  const tar = packTar(
    files.map(({ path, content, isProgram }) => {
      const entry = { ...common, target: `${folder}/${path}`, mode: isProgram ? 0o755 : 0o644 };
      return content instanceof Uint8Array
        ? { ...entry, type: "content" as const, content }
        : { ...entry, type: "file" as const, source: content.source };
    }),
    { concurrency: 4 },
  );
  const unfinished = `${path}.part`;
  try {
    const output = createWriteStream(unfinished);
    if (compression === "gzip") await pipeline(tar, createGzip(), output);
    else await throughXz(tar, output);
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true });
    if ((cause as { code?: unknown }).code === undefined) throw cause; // Not the disk's.
    throw new MissingError(
      `${path} cannot be written: ${(cause as Error).message}`,
      "make room there, or choose another place with --out",
      { cause },
    );
  }
}

async function throughXz(tar: Readable, output: Writable): Promise<void> {
  // With one thread, xz would make other blocks.
  const threads = Math.max(2, navigator.hardwareConcurrency);
  const xz = new Deno.Command("xz", {
    args: ["-6", `--threads=${threads}`, "--stdout"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  await Promise.all([
    pipeline(tar, Writable.fromWeb(xz.stdin)),
    pipeline(Readable.fromWeb(xz.stdout), output),
  ]);
  const { success } = await xz.status;
  if (!success) throw new Error("xz failed");
}
