/**
 * The archives that the setup downloads, checks and unpacks.
 *
 * @module
 */
import { unpackTar } from "npm:modern-tar@0.8.6/fs";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { DamagedData, MissingError } from "../../norms/basics/errors.ts";
import { type Digest, download, type DownloadOptions, tellProgress } from "../run/download.ts";

/** Bytes from which on a download takes long enough to tell how far it is. */
const LARGE = 10e6;

/**
 * Downloads `url` into `path`, and checks its digest.
 *
 * @param digest The digest that it must have; `null` takes the MD5 that Google's storage sends along.
 */
export async function downloadArchive(
  url: string,
  path: string,
  digest: Digest | null,
  tell: (line: string) => void,
  options: Pick<DownloadOptions, "fetch" | "signal">,
): Promise<void> {
  const progress = tellProgress(basename(url), tell);
  try {
    await download(url, path, {
      ...options,
      digest: digest ?? ((headers) => storageDigest(url, headers)),
      onProgress: (received, size) => size >= LARGE && progress(received, size),
      onBrokenOff: (reason) => tell(`${basename(url)}: ${reason}; asking for the rest`),
    });
  } catch (cause) {
    if (!(cause instanceof DamagedData)) throw cause;
    throw new MissingError(
      `${url} is damaged, or not the file that was asked for: ${cause.message}`,
      "run it again, or check the mirror",
      { cause },
    );
  }
}

function storageDigest(url: string, headers: Headers): Digest {
  const base64 = /\bmd5=([A-Za-z0-9+/=]+)/.exec(headers.get("x-goog-hash") ?? "")?.[1];
  if (base64 !== undefined) return { algorithm: "md5", base64 };
  throw new MissingError(
    `${url} comes without a digest to check it by`,
    "take it from storage.googleapis.com, or a mirror that passes on the header x-goog-hash",
  );
}

/** Bytes that an archive may unpack to: more than twice the largest, libtensorflow for GPUs. */
const LARGEST_UNPACKED = 4e9;

/**
 * Unpacks a `.tar.gz` into the folder `into`, without its first `strip` folder levels; entries and links
 * that lead out of `into` are refused, and so is what unpacks to more than `limit` bytes.
 */
export async function unpack(
  archive: string,
  into: string,
  strip: number,
  signal: AbortSignal,
  limit: number = LARGEST_UNPACKED,
): Promise<void> {
  const unpacked = unpackTar(into, { strip, strict: true });
  let size = 0;
  const measure = async function* (pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      size += piece.length;
      if (size > limit) throw new DamagedData(`it unpacks to more than ${limit} bytes`);
      yield piece;
    }
  };
  try {
    await pipeline(createReadStream(archive), createGunzip(), measure, unpacked, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new MissingError(
      `${archive} cannot be unpacked: ${(cause as Error).message}`,
      "run it again",
      { cause },
    );
  }
}
