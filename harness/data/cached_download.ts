/** Downloads into the cache: from the first mirror that delivers, checked, then renamed into place. */
import { dirname } from "node:path";
import { DamagedData } from "../../norms/basics/errors.ts";
import { download, DownloadError, onDisk } from "../run/download.ts";
import type { DatasetSource } from "./dataset_source.ts";

export interface Mirrored {
  /** Its length in bytes. */
  readonly size: number;
  /** Its addresses, the best ones first. */
  readonly urls: readonly [string, ...string[]];
}

/** Checks the file at `path`; throws {@linkcode DamagedData} if it is not the right one. */
export type Verify = (path: string) => Promise<void>;

export async function setAside(
  path: string,
  { message: reason }: DamagedData,
  { onEvent }: DatasetSource,
): Promise<void> {
  const aside = `${path}.damaged`;
  await onDisk(aside, () => Deno.rename(path, aside));
  onEvent?.({ kind: "set aside", path: aside, reason });
}

/**
 * Downloads a file to `path`, trying its addresses one after the other.
 *
 * It grows beside `path`, under a name that ends in `.part`, from which the next try or a later run
 * continues.
 *
 * @param file Its name, for events.
 * @returns Why each address failed; nothing if one did not.
 * @throws {MissingError} If the cache cannot be written.
 */
export async function downloadIntoCache(
  file: string,
  { size, urls }: Mirrored,
  path: string,
  verify: Verify,
  source: DatasetSource,
): Promise<readonly string[]> {
  const { fetch, onEvent } = source;
  const reasons: string[] = [];
  for (const url of urls) {
    const from = new URL(url).host;
    const receive = (partial: string) =>
      download(url, partial, {
        size,
        fetch,
        onProgress: (received) => onEvent?.({ kind: "progress", file, from, received, size }),
        onBrokenOff: (reason) => onEvent?.({ kind: "broken off", file, from, reason }),
      });
    try {
      await fromMirror(path, receive, verify, source);
      return [];
    } catch (error) {
      const reason = error instanceof DownloadError
        ? error.reason
        : error instanceof DamagedData
        ? error.message
        : undefined;
      if (reason === undefined) throw error;
      onEvent?.({ kind: "mirror failed", file, from, reason });
      reasons.push(`${url}: ${reason}`);
    }
  }
  return reasons;
}

/** Renames into place at the end, so that a file under its own name is always complete. */
async function fromMirror(
  path: string,
  receive: (partial: string) => Promise<void>,
  verify: Verify,
  source: DatasetSource,
): Promise<void> {
  const partial = `${path}.part`;
  await onDisk(partial, () => Deno.mkdir(dirname(partial), { recursive: true }));
  const resumed = await lengthOf(partial) > 0;
  try {
    await receive(partial);
    await verify(partial);
  } catch (error) {
    if (!(error instanceof DamagedData)) {
      if (await lengthOf(partial) === 0) await Deno.remove(partial).catch(() => {});
      throw error;
    }
    await setAside(partial, error, source);
    if (!resumed) throw error;
    // What was there before may be at fault, and not this mirror.
    return await fromMirror(path, receive, verify, source);
  }
  await onDisk(path, () => Deno.rename(partial, path));
}

async function lengthOf(path: string): Promise<number> {
  return await Deno.stat(path).then(({ size }) => size, () => 0);
}
