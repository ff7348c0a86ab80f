/**
 * Downloads into the cache: from whichever mirror delivers, checked, and in place only when all is well.
 *
 * @module
 */
import { dirname } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import { DamagedData } from "./damaged_data.ts";
import type { DatasetEvent, DatasetSource } from "./dataset_source.ts";
import { download, onDisk } from "./download.ts";

/** A file that servers have. */
export interface Mirrored {
  /** Its length in bytes. */
  readonly size: number;
  /** Its addresses, the official ones first. */
  readonly urls: readonly [string, ...string[]];
}

/** Makes sure that the file at `path` is the right one; throws {@linkcode DamagedData} where it is not. */
export type Verify = (path: string) => Promise<void>;

/** Moves a damaged file of the cache out of the way, and tells of it. */
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
 * It grows beside `path`, under a name that ends in `.part`; what is there is taken up by the next try,
 * also by that of a later run.
 *
 * @param file Its name, for events.
 * @returns Why each address failed; nothing where one did not.
 * @throws {MissingError} Where the cache cannot be written.
 */
export async function downloadIntoCache(
  file: string,
  { size, urls }: Mirrored,
  path: string,
  verify: Verify,
  source: DatasetSource,
): Promise<readonly string[]> {
  const reasons: string[] = [];
  for (const url of urls) {
    const from = new URL(url).host;
    const tell = (event: EventOf<"progress"> | EventOf<"broken off"> | EventOf<"mirror failed">) =>
      source.onEvent?.({ ...event, file, from });
    const receive = (partial: string) => receiveAll(url, partial, size, source, tell);
    try {
      await fromMirror(path, receive, verify, source);
      return [];
    } catch (error) {
      if (error instanceof MissingError) throw error;
      const reason = reasonOf(error as Error);
      tell({ kind: "mirror failed", reason });
      reasons.push(`${url}: ${reason}`);
    }
  }
  return reasons;
}

/** What happens at one mirror with one file. */
type EventOf<Kind extends DatasetEvent["kind"]> = Omit<
  Extract<DatasetEvent, { kind: Kind }>,
  "file" | "from"
>;

/** Renames into place, so that a file under its own name is complete whenever somebody looks. */
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
    if (!(error instanceof DamagedData)) throw error;
    await setAside(partial, error, source);
    if (!resumed) throw error;
    // What lay there may be to blame, and not this mirror.
    return await fromMirror(path, receive, verify, source);
  }
  await onDisk(path, () => Deno.rename(partial, path));
}

/** Asks for the rest for as long as there is more of the file after each time. */
async function receiveAll(
  url: string,
  partial: string,
  size: number,
  source: DatasetSource,
  tell: (event: EventOf<"progress"> | EventOf<"broken off">) => void,
): Promise<void> {
  const onProgress = (received: number) => tell({ kind: "progress", received, size });
  for (let before = await lengthOf(partial);;) {
    try {
      return await download(url, partial, { size, fetch: source.fetch ?? fetch, onProgress });
    } catch (error) {
      if (error instanceof DamagedData || error instanceof MissingError) throw error;
      const after = await lengthOf(partial);
      if (after === 0) await onDisk(partial, () => Deno.remove(partial));
      if (after <= before) throw error;
      tell({ kind: "broken off", reason: reasonOf(error as Error) });
      before = after;
    }
  }
}

/** `fetch` itself only says that it failed; the cause says why. */
function reasonOf({ message, cause }: Error): string {
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}

async function lengthOf(path: string): Promise<number> {
  return await Deno.stat(path).then(({ size }) => size, () => 0);
}
