/**
 * Files as streams of bytes, so that no packed file of 170 MB has to lie in memory as a whole.
 *
 * @module
 */
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { MissingError } from "../../norms/basics/errors.ts";
import { DamagedData } from "./damaged_data.ts";

/** Bytes in pieces of any length. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** Bytes of a piece: large, since every piece costs some microseconds. */
const PIECE = 1 << 20;

/** Reading `path` failed for a reason that is not the content's. */
export function unreadable(path: string, cause: unknown): MissingError {
  const { message } = cause as Error;
  return new MissingError(`${path} cannot be read: ${message}`, "make it readable", { cause });
}

/**
 * Reads the file from its beginning; closes it at the end, however that comes.
 *
 * @throws {MissingError} Where the disk fails.
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

/**
 * Unpacks gzip data.
 *
 * @throws {DamagedData} Where they are damaged or cut short.
 */
export async function* gunzipped(packed: ByteStream): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: PIECE });
  pipeline(Readable.from(packed), gunzip, () => {}); // Whoever reads gets the error, too.
  try {
    yield* gunzip;
  } catch (cause) {
    if (cause instanceof MissingError) throw cause;
    const { message } = cause as Error;
    throw new DamagedData(`its gzip data is damaged or cut short (${message})`, { cause });
  }
}

/** All bytes of a stream. */
export async function collected(stream: ByteStream): Promise<Uint8Array> {
  const pieces = await Array.fromAsync(stream);
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
