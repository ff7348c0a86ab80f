/**
 * What a data set is made of, the files in which that may lie, and the check that it is what it should be.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import { type ByteStream, collected, gunzipped } from "./byte_stream.ts";
import { DamagedData } from "./damaged_data.ts";
import { createTarDecoder } from "./tar.ts";

/** A piece of a data set: the same bytes, whatever file they were taken from. */
export interface Part {
  /** Unique within its data set. */
  readonly name: string;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
}

/** A part, and bytes that are said to be it. */
export type Content<P extends Part> = readonly [part: P, bytes: Uint8Array];

/** A file that holds one part, or an archive that holds several. */
export interface DatasetFile<P extends Part> {
  /** Path below the folder of the data set. */
  readonly path: string;
  /** What it holds. */
  readonly parts: readonly P[];
  /** Takes the parts out of its bytes, in the order in which they come; throws {@linkcode DamagedData}. */
  readonly contents: (bytes: ByteStream) => AsyncIterable<Content<P>>;
}

/** Makes a part's bytes of what a file holds in their place; throws {@linkcode DamagedData}. */
export type Convert = (stored: Uint8Array) => Uint8Array;

const asIs: Convert = (stored) => stored;

/** A file that is a part. */
export function plainFile<P extends Part>(
  path: string,
  part: P,
  convert: Convert = asIs,
): DatasetFile<P> {
  async function* contents(bytes: ByteStream): AsyncGenerator<Content<P>> {
    yield [part, convert(await collected(bytes))];
  }
  return { path, parts: [part], contents };
}

/** A part, packed by gzip. */
export function gzipFile<P extends Part>(path: string, part: P): DatasetFile<P> {
  const { contents } = plainFile(path, part);
  return { path, parts: [part], contents: (bytes) => contents(gunzipped(bytes)) };
}

/**
 * A `.tar.gz` archive of parts.
 *
 * @param entries The parts by the names of their entries, without folders; other entries do not matter.
 */
export function tarGzFile<P extends Part>(
  path: string,
  entries: ReadonlyMap<string, P>,
  convert: Convert = asIs,
): DatasetFile<P> {
  async function* contents(bytes: ByteStream): AsyncGenerator<Content<P>> {
    try {
      const archive = ReadableStream.from(gunzipped(bytes)).pipeThrough(
        createTarDecoder({ strict: true }),
      );
      for await (const { header, body } of archive) {
        const part = entries.get(basename(header.name));
        const stored = await collected(body); // Of all entries: a cancelled one can block the decoder.
        if (part !== undefined) yield [part, convert(stored)];
      }
    } catch (cause) {
      if (cause instanceof DamagedData || cause instanceof MissingError) throw cause;
      const { message } = cause as Error;
      throw new DamagedData(`its tar archive is damaged or cut short (${message})`, { cause });
    }
  }
  return { path, parts: [...entries.values()], contents };
}

/** Throws {@linkcode DamagedData} where `bytes` are not those of `part`. */
export function checkDigest(part: Part, bytes: Uint8Array): void {
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest === part.sha256) return;
  throw new DamagedData(`the SHA-256 of its ${part.name} is ${digest} and not ${part.sha256}`);
}
