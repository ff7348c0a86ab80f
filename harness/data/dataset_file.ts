/**
 * The files in which the parts of a data set may lie, read as streams and checked.
 *
 * Files of the user and of servers are not trusted: what is unpacked has a limit, so that a few megabytes
 * that unpack to many gigabytes are refused before they fill the memory.
 */
import { createTarDecoder } from "npm:modern-tar@0.8.6";
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { DamagedData, MissingError } from "../../norms/basics/errors.ts";

/** A piece of a data set: the same bytes, whatever file they were taken from. */
export interface Part {
  /** Unique within its data set. */
  readonly name: string;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
  readonly size: number;
}

export type Content<P extends Part> = readonly [part: P, bytes: Uint8Array];

type ByteStream = AsyncIterable<Uint8Array>;

/** A file that holds one part, or an archive that holds several. */
export interface DatasetFile<P extends Part> {
  readonly path: string;
  readonly parts: readonly P[];
  /** Takes the parts out of its bytes, in the order in which they come; throws {@linkcode DamagedData}. */
  readonly contents: (bytes: ByteStream) => AsyncIterable<Content<P>>;
}

/** Makes a part's bytes of what a file holds in their place; throws {@linkcode DamagedData}. */
export type Convert = (stored: Uint8Array) => Uint8Array;

const asIs: Convert = (stored) => stored;

export function plainFile<P extends Part>(
  path: string,
  part: P,
  convert: Convert = asIs,
): DatasetFile<P> {
  async function* contents(bytes: ByteStream): AsyncGenerator<Content<P>> {
    yield [part, convert(await collected(atMost(bytes, roomFor([part]))))];
  }
  return { path, parts: [part], contents };
}

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
  const parts = [...entries.values()];
  async function* contents(bytes: ByteStream): AsyncGenerator<Content<P>> {
    try {
      const unpacked = atMost(gunzipped(bytes), roomFor(parts));
      const archive = ReadableStream.from(unpacked).pipeThrough(createTarDecoder({ strict: true }));
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
  return { path, parts, contents };
}

/** Throws {@linkcode DamagedData} if `bytes` are not those of `part`. */
export function checkDigest(part: Part, bytes: Uint8Array): void {
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest === part.sha256) return;
  throw new DamagedData(`the SHA-256 of its ${part.name} is ${digest} and not ${part.sha256}`);
}

/** Bytes of a piece: large, since every piece costs some microseconds. */
const PIECE = 1 << 20;

export function unreadable(path: string, cause: unknown): MissingError {
  const { message } = cause as Error;
  return new MissingError(`${path} cannot be read: ${message}`, "make it readable", { cause });
}

/**
 * Reads a file from its beginning, and closes it in any case.
 *
 * @throws {MissingError} If the disk fails.
 */
export async function* fileBytes(path: string, file: Deno.FsFile): AsyncGenerator<Uint8Array> {
  using _closed = file;
  for (;;) {
    const piece = new Uint8Array(PIECE);
    const length = await file.read(piece).catch((cause) => {
      throw unreadable(path, cause);
    });
    if (length === null) return;
    yield piece.subarray(0, length);
  }
}

async function* gunzipped(packed: ByteStream): AsyncGenerator<Uint8Array> {
  // Unlike DecompressionStream, it unpacks only what is read.
  const gunzip = createGunzip({ chunkSize: PIECE });
  pipeline(Readable.from(packed), gunzip, () => {}); // The reader gets the error, too.
  try {
    yield* gunzip;
  } catch (cause) {
    if (cause instanceof MissingError) throw cause;
    const { message } = cause as Error;
    throw new DamagedData(`its gzip data is damaged or cut short (${message})`, { cause });
  }
}

/** Bytes that a file of some parts may have unpacked: a pickle is a little larger than its part. */
function roomFor(parts: readonly Part[]): number {
  return 65_536 + 2 * parts.reduce((total, { size }) => total + size, 0);
}

async function* atMost(stream: ByteStream, limit: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const piece of stream) {
    length += piece.length;
    if (length > limit) throw new DamagedData(`it unpacks to more than ${limit} bytes`);
    yield piece;
  }
}

async function collected(stream: ByteStream): Promise<Uint8Array> {
  const pieces = await Array.fromAsync(stream);
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
