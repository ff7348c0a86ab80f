/**
 * What is known of an installed file, and whether it is still so.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { InstalledFile } from "../backend/tensorflow/manifest.ts";

/** Describes the file at `path`, relative to `dir` or absolute. */
export async function describeFile(dir: string, path: string): Promise<InstalledFile> {
  using file = await Deno.open(resolve(dir, path));
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of file.readable) {
    hash.update(chunk);
    size += chunk.byteLength;
  }
  return { path, size, sha256: hash.digest("hex") };
}

/** Whether a file is there with the content that it was installed with. */
export async function isSound(dir: string, file: InstalledFile): Promise<boolean> {
  const now = await describeFile(dir, file.path).catch(() => undefined);
  return now?.size === file.size && now.sha256 === file.sha256;
}
