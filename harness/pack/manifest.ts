/**
 * The manifest of a pack: versions, and the digest of each file.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { describeFile } from "../backend/tensorflow/manifest.ts";

/** Name of the manifest in a pack. */
export const MANIFEST = "manifest.json";

/** A file to be packed. */
export interface PackedFile {
  /** Path in the pack. */
  readonly path: string;
  /** Its content, or the path of a file that has it. */
  readonly content: Uint8Array | { readonly source: string };
  readonly isProgram?: boolean;
}

/** What a pack is made of. */
export interface Provenance {
  /** Version of Normbench. */
  readonly normbench: string;
  /** The commit it was made from, with `-dirty` after changes; null outside a checkout. */
  readonly commit: string | null;
  /** Operating system and architecture that it is for, as in `linux x86_64`. */
  readonly platform: string;
  /** Version of Deno; null for the Deno of another platform, which cannot be asked. */
  readonly deno: string | null;
  readonly tfjs: string;
  /** Where the libraries of native TensorFlow came from; null without them. */
  readonly tensorflow: string | null;
  /** Name of the data set; null without one. */
  readonly dataset: string | null;
}

/** The text of `manifest.json`, parsed. */
export interface Manifest extends Provenance {
  /** By path. */
  readonly files: Readonly<Record<string, { readonly size: number; readonly sha256: string }>>;
}

/** The manifest of these files; `files` must be sorted. */
export async function manifestOf(
  provenance: Provenance,
  files: readonly PackedFile[],
): Promise<Manifest> {
  const described: [string, { size: number; sha256: string }][] = [];
  for (const { path, content } of files) described.push([path, await describe(content)]);
  return { ...provenance, files: Object.fromEntries(described) };
}

async function describe(content: PackedFile["content"]): Promise<{ size: number; sha256: string }> {
  if (content instanceof Uint8Array) {
    return { size: content.length, sha256: createHash("sha256").update(content).digest("hex") };
  }
  const { size, sha256 } = await describeFile("", content.source);
  return { size, sha256 };
}
