/**
 * Downloads that can be broken off and taken up again, and do not wait for ever.
 *
 * @module
 */
import { MissingError } from "../../norms/basics/errors.ts";
import { DamagedData } from "./damaged_data.ts";

/** The part of `fetch` that a download needs. */
export type Fetch = (
  url: string,
  init: { signal: AbortSignal; headers: Record<string, string> },
) => Promise<Response>;

/** Milliseconds without a single byte after which a server is given up. */
const PATIENCE = 30_000;

/** What is known of a file before it is asked for, and how to ask. */
export interface DownloadOptions {
  /** Length of the whole file in bytes. */
  readonly size: number;
  /** Asks the server. */
  readonly fetch: Fetch;
  /** Called as bytes arrive, with how many there are by now. */
  readonly onProgress: (received: number) => void;
  /** Milliseconds without a single byte after which the server is given up. */
  readonly patience?: number;
}

/**
 * Downloads `url` into `path`, from where an earlier download of it was broken off.
 *
 * Whatever arrives is on the disk at once, so that a process that is killed loses nothing.
 *
 * @throws {Error} Where the server does not answer, refuses, or falls silent.
 * @throws {DamagedData} Where it sends a file of another length.
 * @throws {MissingError} Where `path` cannot be written.
 */
export async function download(
  url: string,
  path: string,
  options: DownloadOptions,
): Promise<void> {
  const { size, fetch, onProgress, patience = PATIENCE } = options;
  using file = await onDisk(path, () => Deno.open(path, { create: true, append: true }));
  let received = (await file.stat()).size;
  const restart = async () => {
    await onDisk(path, () => file.truncate());
    received = 0;
  };
  if (received === size) return;
  if (received > size) await restart();
  const controller = new AbortController();
  const giveUp = () => controller.abort(new Error(`no answer for ${patience / 1000} s`));
  let timer = setTimeout(giveUp, patience);
  try {
    const response = await fetch(url, {
      signal: controller.signal,
      // Without the first, some servers pack what is packed already, and no length is right.
      headers: { "accept-encoding": "identity", ...rangeFrom(received) },
    });
    if (!continuesAt(received, size, response)) await restart();
    for await (const piece of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, patience);
      await onDisk(path, () => writeAll(file, piece));
      received += piece.length;
      if (received > size) break;
      onProgress(received);
    }
  } finally {
    clearTimeout(timer);
  }
  if (received === size) return;
  const found = received > size ? `more than ${size}` : `${received}`;
  throw new DamagedData(`it has ${found} bytes and not ${size}`);
}

function rangeFrom(start: number): Record<string, string> {
  return start === 0 ? {} : { range: `bytes=${start}-` };
}

/** Whether the answer goes on at byte `start`; otherwise it begins anew. */
function continuesAt(start: number, size: number, { status, headers, body }: Response): boolean {
  const refuse = (why: string) => {
    body?.cancel().catch(() => {});
    return new Error(why);
  };
  const range = headers.get("content-range") ?? "";
  const continues = status === 206 && range.startsWith(`bytes ${start}-`);
  if (status !== 200 && !continues) {
    throw refuse(`the server answers ${status}${range && ` with ${range}`}`);
  }
  const length = headers.get("content-length");
  const expected = continues ? size - start : size;
  if (length !== null && Number(length) !== expected) {
    throw refuse(`the server sends ${length} bytes, not ${expected}`);
  }
  return continues || start === 0;
}

async function writeAll(file: Deno.FsFile, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
}

/**
 * Does something to `path` that a full disk or a folder that is not ours can prevent.
 *
 * @throws {MissingError} Where it is prevented.
 */
export async function onDisk<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new MissingError(
      `${path} cannot be written: ${(cause as Error).message}`,
      "make room there, or choose another place with XDG_CACHE_HOME",
      { cause },
    );
  }
}
