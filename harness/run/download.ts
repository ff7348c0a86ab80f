/**
 * Downloads that resume, are checked, and end when the server stalls.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { DamagedData, MissingError } from "../../norms/basics/errors.ts";

/** The part of `fetch` that a download needs. */
export type Fetch = (
  url: string,
  init: { signal: AbortSignal; headers: Record<string, string>; redirect: "manual" },
) => Promise<Response>;

/** A digest that a file must have. */
export interface Digest {
  /** Name as `node:crypto` knows it: `sha512`, `sha256`, `md5`. */
  readonly algorithm: string;
  /** In base64. */
  readonly base64: string;
}

/** Options of {@linkcode download}. */
export interface DownloadOptions {
  /** Length of the file in bytes; default: what the server says. */
  readonly size?: number;
  /** Digest of the file, or how the server's headers name it; not checked if absent. */
  readonly digest?: Digest | ((headers: Headers) => Digest);
  /** Replaces the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** Aborts the download; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Called as bytes arrive, with their number and the total (NaN if unknown). */
  readonly onProgress?: (received: number, size: number) => void;
  /** Called when a connection ended too early, before the rest is requested. */
  readonly onBrokenOff?: (reason: string) => void;
  /** Milliseconds over which the speed is measured; default 30,000. */
  readonly patience?: number;
}

/** Bytes per millisecond below which a download ends. */
const SLOWEST = 1;

const PATIENCE = 30_000;

/** Redirects that are followed, one after the other. */
const MOST_REDIRECTS = 5;

const REDIRECT: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** A server that cannot be reached, refuses, stalls or closes the connection. */
export class DownloadError extends MissingError {
  /**
   * An error that names the URL and the remedy.
   *
   * @param reason Why the download failed.
   */
  constructor(url: string, readonly reason: string, options?: ErrorOptions) {
    super(
      `${url} cannot be downloaded: ${reason}`,
      "check the network, a proxy (HTTPS_PROXY) or a mirror, and run it again",
      options,
    );
  }
}

/** A connection that ended too early: the rest can be requested. */
class BrokenOff extends DownloadError {}

/**
 * Downloads `url` into `path`, continuing an earlier download.
 *
 * Bytes are written as they arrive, so that a killed process loses nothing. When the connection ends too
 * early, the rest is requested, as long as each response brings some of it.
 *
 * @throws {DownloadError} If the server does not answer, refuses, stalls or is slower than 1 kB/s.
 * @throws {DamagedData} If it sends a file of another length or digest.
 * @throws {MissingError} If `path` cannot be written.
 */
export async function download(
  url: string,
  path: string,
  options: DownloadOptions = {},
): Promise<void> {
  using file = await onDisk(path, () => Deno.open(path, { create: true, append: true }));
  await new Download(url, path, file, options).run();
}

class Download {
  #size: number;
  #received = 0;
  /** Bytes received when the speed was last checked. */
  #checked = 0;
  #digest: Digest | undefined;
  /** Aborts the current request. */
  #controller = new AbortController();

  constructor(
    readonly url: string,
    readonly path: string,
    readonly file: Deno.FsFile,
    readonly options: DownloadOptions,
  ) {
    this.#size = options.size ?? NaN;
    if (typeof options.digest === "object") this.#digest = options.digest;
  }

  async run(): Promise<void> {
    this.#received = this.#checked = (await this.file.stat()).size;
    if (this.#received !== this.#size) await this.#receiveAll();
    if (this.#received < this.#size || this.#received > this.#size) {
      const found = this.#received > this.#size ? `more than ${this.#size}` : this.#received;
      throw new DamagedData(`it has ${found} bytes and not ${this.#size}`);
    }
    if (this.#digest !== undefined) await this.#checkDigest(this.#digest);
  }

  async #receiveAll(): Promise<void> {
    const { patience = PATIENCE, onBrokenOff } = this.options;
    const watch = setInterval(() => this.#checkSpeed(patience), patience);
    try {
      for (let before = this.#received;;) {
        try {
          return await this.#receive();
        } catch (error) {
          if (!(error instanceof BrokenOff) || this.#received <= before) throw error;
          onBrokenOff?.(error.reason);
          before = this.#received;
        }
      }
    } finally {
      clearInterval(watch);
    }
  }

  #checkSpeed(patience: number): void {
    const arrived = this.#received - this.#checked;
    this.#checked = this.#received;
    if (arrived >= SLOWEST * patience) return;
    const seconds = patience / 1000;
    this.#controller.abort(
      arrived === 0
        ? new BrokenOff(this.url, `no answer for ${seconds} s`)
        : new DownloadError(this.url, `only ${arrived} bytes in ${seconds} s`),
    );
  }

  /** Requests what is missing, and writes what the server sends. */
  async #receive(): Promise<void> {
    const { signal, onProgress } = this.options;
    if (this.#received > this.#size) await this.#restart();
    this.#controller = new AbortController();
    const signals = [this.#controller.signal, ...(signal ? [signal] : [])];
    const start = this.#received;
    const pieces = (await this.#request(start, AbortSignal.any(signals)))[Symbol.asyncIterator]();
    for (;;) {
      const { done, value } = await pieces.next().catch((cause) => this.#fail(cause));
      if (done) return;
      await onDisk(this.path, () => writeAll(this.file, value));
      this.#received += value.length;
      if (this.#received > this.#size) return void await pieces.return?.().catch(() => {});
      onProgress?.(this.#received, this.#size);
    }
  }

  async #request(start: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    // Without the first, some servers compress the body again, and the lengths are wrong.
    const headers = {
      "accept-encoding": "identity",
      ...(start > 0 && { range: `bytes=${start}-` }),
    };
    const response = await this.#follow({ signal, headers, redirect: "manual" });
    const body = response.body ?? ReadableStream.from<Uint8Array<ArrayBuffer>>([]);
    try {
      this.#read(response, start);
    } catch (error) {
      body.cancel().catch(() => {});
      throw error;
    }
    if (start > 0 && response.status === 200) await this.#restart();
    return body;
  }

  /** Sends the request to where the server redirects it; never from HTTPS to HTTP, nor to a local file. */
  async #follow(init: Parameters<Fetch>[1]): Promise<Response> {
    let url = this.url;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const response = await (this.options.fetch ?? fetch)(url, init)
        .catch((cause) => this.#fail(cause));
      const location = response.headers.get("location");
      if (!REDIRECT.has(response.status) || location === null) return response;
      response.body?.cancel().catch(() => {});
      const next = URL.parse(location, url);
      const allowed = url.startsWith("https:") ? ["https:"] : ["https:", "http:"];
      if (next === null || !allowed.includes(next.protocol)) {
        throw new DownloadError(this.url, `the server redirects from ${url} to ${location}`);
      }
      url = next.href;
    }
    throw new DownloadError(this.url, `the server redirects more than ${MOST_REDIRECTS} times`);
  }

  /** Checks status, range and length of a response, and reads what its headers say about the file. */
  #read({ status, headers }: Response, start: number): void {
    const range = headers.get("content-range") ?? "";
    const continues = status === 206 && range.startsWith(`bytes ${start}-`);
    if (status !== 200 && !continues) {
      throw new DownloadError(this.url, `the server answers ${status}${range && ` with ${range}`}`);
    }
    const { digest } = this.options;
    if (typeof digest === "function") this.#digest = digest(headers);
    const length = headers.get("content-length");
    if (length === null) return;
    const already = continues ? start : 0;
    if (Number.isNaN(this.#size)) this.#size = already + Number(length);
    if (already + Number(length) === this.#size) return;
    throw new DownloadError(
      this.url,
      `the server sends ${length} bytes, not ${this.#size - already}`,
    );
  }

  async #restart(): Promise<void> {
    await onDisk(this.path, () => this.file.truncate());
    this.#received = this.#checked = 0;
  }

  /** Throws what a failed request means: an abort, the speed limit, or the network. */
  #fail(cause: Error): never {
    this.options.signal?.throwIfAborted();
    if (cause instanceof DownloadError) throw cause;
    // The message of `fetch` says only that it failed; its cause says why.
    const why = cause.cause instanceof Error ? ` (${cause.cause.message})` : "";
    throw new BrokenOff(this.url, cause.message + why, { cause });
  }

  async #checkDigest({ algorithm, base64 }: Digest): Promise<void> {
    const hash = createHash(algorithm);
    using file = await Deno.open(this.path);
    for await (const piece of file.readable) hash.update(piece);
    const found = hash.digest("base64");
    if (found === base64) return;
    throw new DamagedData(`it has the ${algorithm} digest ${found} and not ${base64}`);
  }
}

async function writeAll(file: Deno.FsFile, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
}

const MEGABYTE = 1e6;

/** Reports the progress of a download at every tenth. */
export function tellProgress(
  file: string,
  tell: (line: string) => void,
): (received: number, size: number) => void {
  let told = -1;
  return (received, size) => {
    const tenths = Math.floor(10 * received / size);
    if (tenths === told || Number.isNaN(tenths)) return;
    told = tenths;
    const megabytes = [received, size].map((bytes) => (bytes / MEGABYTE).toFixed(1));
    tell(`Downloading ${file}: ${megabytes.join(" of ")} MB`);
  };
}

/**
 * Writes to `path`.
 *
 * @throws {MissingError} If a full disk or missing permissions prevent it.
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
