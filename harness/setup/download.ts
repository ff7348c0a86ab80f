/**
 * Downloads that are checked before anything uses them.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { MissingError } from "../../norms/basics/errors.ts";

/** A digest that a download must have. */
export interface Digest {
  /** Name as `node:crypto` knows it: `sha512`, `sha256`, `md5`. */
  readonly algorithm: string;
  /** In base64. */
  readonly base64: string;
}

const OFFLINE_REMEDY = "check the network, a proxy (HTTPS_PROXY) or a mirror, and run it again";

/**
 * Downloads `url` into `path` and checks its size and digest.
 *
 * @param digest The digest it must have; `null` takes the MD5 that Google's storage sends along.
 * @throws {MissingError} Where the server does not answer, or sends something else.
 */
export async function download(
  url: string,
  path: string,
  digest: Digest | null,
  fetch: (url: string) => Promise<Response>,
  tell: (line: string) => void,
): Promise<void> {
  try {
    const response = await fetch(url);
    if (!response.ok) {
      await response.body?.cancel();
      throw new MissingError(`${url} answers ${response.status}`, OFFLINE_REMEDY);
    }
    await receive(url, response, path, digest ?? storageDigest(url, response.headers), tell);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause; // `fetch` throws these for network errors.
    throw new MissingError(`${url} cannot be reached: ${cause.message}`, OFFLINE_REMEDY, { cause });
  }
}

async function receive(
  url: string,
  response: Response,
  path: string,
  digest: Digest,
  tell: (line: string) => void,
): Promise<void> {
  const total = Number(response.headers.get("content-length") ?? NaN);
  const hash = createHash(digest.algorithm);
  const progress = progressTeller(url, total, tell);
  let size = 0;
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  for await (const chunk of response.body ?? []) {
    hash.update(chunk);
    await writeAll(file, chunk);
    progress(size += chunk.byteLength);
  }
  if (size < total) {
    throw new MissingError(`${url} broke off after ${size} of ${total} bytes`, OFFLINE_REMEDY);
  }
  const got = hash.digest("base64");
  if (got === digest.base64) return;
  throw new MissingError(
    `${url} has the ${digest.algorithm} digest ${got} and not ${digest.base64}`,
    "it is damaged or not the file that was asked for: run it again, or look at the mirror",
  );
}

function storageDigest(url: string, headers: Headers): Digest {
  const base64 = /\bmd5=([A-Za-z0-9+/=]+)/.exec(headers.get("x-goog-hash") ?? "")?.[1];
  if (base64 !== undefined) return { algorithm: "md5", base64 };
  throw new MissingError(
    `${url} comes without a digest to check it by`,
    "take it from storage.googleapis.com, or a mirror that passes on the header x-goog-hash",
  );
}

async function writeAll(file: Deno.FsFile, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength;) at += await file.write(chunk.subarray(at));
}

/** Speaks up at every tenth of a download that is large enough to wait for. */
function progressTeller(url: string, total: number, tell: (line: string) => void) {
  const worthTelling = 10e6;
  let told = 0;
  return (size: number) => {
    const tenths = Math.floor((10 * size) / total);
    if (!(total > worthTelling) || tenths <= told) return;
    told = tenths;
    tell(`  ${10 * tenths} % of ${(total / 1e6).toFixed(0)} MB from ${new URL(url).host}`);
  };
}
