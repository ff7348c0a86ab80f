/**
 * Finds the parts of a data set: in a folder of the user, in Normbench's cache, or on the network.
 *
 * The user's folder is read and never changed. In the cache, a damaged file is renamed and downloaded
 * again.
 */
import { join } from "node:path";
import { DamagedData, MissingError } from "../../norms/basics/errors.ts";
import { cacheDir } from "../run/machine.ts";
import { onDisk } from "../run/download.ts";
import { downloadIntoCache, type Mirrored, setAside } from "./cached_download.ts";
import { checkDigest, type DatasetFile, fileBytes, type Part, unreadable } from "./dataset_file.ts";
import { type DatasetSource, UnavailableError } from "./dataset_source.ts";

export interface Download<P extends Part> extends Mirrored {
  readonly file: DatasetFile<P>;
}

/** A data set, and the files in which its parts may lie. */
export interface Dataset<P extends Part> {
  readonly title: string;
  /** Folder that holds its files, below whichever folder holds data sets. */
  readonly folder: string;
  /** Files in which its parts may lie, the quickest to read first. */
  readonly files: readonly DatasetFile<P>[];
  /** Files to download if there are none, the best first. */
  readonly downloads: readonly Download<P>[];
}

/** Takes what it needs out of a part; throws {@linkcode DamagedData}. */
export type Decode<P extends Part, T> = (bytes: Uint8Array, part: P) => T;

type OnDamage<P extends Part> = (
  path: string,
  damage: DamagedData,
  file: DatasetFile<P>,
) => Promise<void>;

async function openIfThere(path: string): Promise<Deno.FsFile | undefined> {
  try {
    // Asked before opening, since opening a pipe that nothing is written to waits forever.
    return (await Deno.stat(path)).isFile ? await Deno.open(path) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw unreadable(path, error);
  }
}

class PartFinder<P extends Part, T> {
  readonly #missing: Set<P>;
  readonly #found = new Map<P, T>();

  constructor(
    private readonly dataset: Dataset<P>,
    wanted: readonly P[],
    private readonly decode: Decode<P, T>,
    private readonly source: DatasetSource,
  ) {
    this.#missing = new Set(wanted);
  }

  async find(): Promise<ReadonlyMap<P, T>> {
    const { dataDir, env = Deno.env.get } = this.source;
    const refuse: OnDamage<P> = (...damaged) => this.#refuse(...damaged);
    if (dataDir !== undefined) {
      await this.#inFolder(dataDir, refuse);
      if (this.#missing.size === 0) return this.#found;
      throw this.#unavailable(
        `neither ${join(dataDir, this.dataset.folder)} nor ${dataDir} has what is needed`,
      );
    }
    const shared = env("NORMBENCH_DATA");
    if (shared) await this.#inFolder(shared, refuse);
    if (this.#missing.size > 0) await this.#inCacheOrNetwork(cacheDir(env));
    return this.#found;
  }

  async #inCacheOrNetwork(cache: string | undefined): Promise<void> {
    if (cache === undefined) {
      throw this.#unavailable("there is no folder to keep it in: HOME is not set");
    }
    const folder = join(cache, "datasets");
    const replace: OnDamage<P> = (path, damage) => setAside(path, damage, this.source);
    await this.#inFolder(folder, replace);
    if (this.#missing.size === 0) return;
    using _lock = await this.#lock(folder);
    await this.#inFolder(folder, replace); // Another process may have downloaded it meanwhile.
    for (const part of this.#missing) {
      await this.#download(part, join(folder, this.dataset.folder));
    }
  }

  /** Looks into the data set's own folder below `base`, and into `base` itself. */
  async #inFolder(base: string, onDamage: OnDamage<P>): Promise<void> {
    for (const folder of [join(base, this.dataset.folder), base]) {
      for (const file of this.dataset.files) {
        if (!file.parts.some((part) => this.#missing.has(part))) continue;
        const path = join(folder, file.path);
        const opened = await openIfThere(path);
        if (opened === undefined) continue;
        try {
          await this.#read(file, path, opened);
        } catch (error) {
          if (!(error instanceof DamagedData)) throw error;
          await onDamage(path, error, file);
        }
      }
    }
  }

  /** Takes what is missing out of a file, and checks all of it: the next run may need the rest. */
  async #read(file: DatasetFile<P>, path: string, opened: Deno.FsFile): Promise<void> {
    const absent = new Set(file.parts);
    for await (const [part, bytes] of file.contents(fileBytes(path, opened))) {
      const value = this.#missing.has(part) ? this.decode(bytes, part) : undefined;
      // The digest comes last, because the other checks say more about the damage.
      checkDigest(part, bytes);
      absent.delete(part);
      if (this.#missing.delete(part)) this.#found.set(part, value as T);
    }
    if (absent.size === 0) return;
    throw new DamagedData(`it lacks ${[...absent].map(({ name }) => name).join(", ")}`);
  }

  #refuse(path: string, damage: DamagedData, { parts }: DatasetFile<P>): Promise<never> {
    throw new MissingError(
      `${path} is not the file of ${this.dataset.title}: ${damage.message}`,
      `put what ${this.#urlOf(parts)} has in its place, or let Normbench download it: ` +
        "leave out --data-dir and NORMBENCH_DATA",
      { cause: damage },
    );
  }

  /** One download at a time: the shards of a sweep may all begin with an empty cache. */
  async #lock(folder: string): Promise<Deno.FsFile> {
    const path = join(folder, `${this.dataset.folder}.lock`);
    await onDisk(path, () => Deno.mkdir(folder, { recursive: true }));
    const file = await onDisk(path, () => Deno.open(path, { create: true, write: true }));
    if (!await file.tryLock(true)) {
      this.source.onEvent?.({ kind: "waiting", dataset: this.dataset.title });
      await file.lock(true);
    }
    return file;
  }

  async #download(part: P, folder: string): Promise<void> {
    const reasons: string[] = [];
    for (const { file, ...mirrored } of this.dataset.downloads) {
      if (!file.parts.includes(part)) continue;
      const verify = async (path: string) => this.#read(file, path, await Deno.open(path));
      const path = join(folder, file.path);
      reasons.push(...await downloadIntoCache(file.path, mirrored, path, verify, this.source));
      if (!this.#missing.has(part)) return;
    }
    throw this.#unavailable(`no server delivers what is needed:\n  ${reasons.join("\n  ")}`);
  }

  #unavailable(why: string): UnavailableError {
    const missing = [...this.#missing];
    return new UnavailableError(
      `${missing.map(({ name }) => name).join(", ")} of ${this.dataset.title} ${
        missing.length === 1 ? "is" : "are"
      } missing: ${why}`,
      `put ${this.#urlOf(missing)} into a folder, and name that with --data-dir or NORMBENCH_DATA`,
    );
  }

  #urlOf(parts: readonly P[]): string {
    const { downloads } = this.dataset;
    const download = downloads.find(({ file }) => file.parts.some((part) => parts.includes(part)));
    return download!.urls[0]; // Every part is in one of them.
  }
}

/**
 * Finds, checks and decodes parts of a data set.
 *
 * If `dataDir` is given, only that is searched; otherwise the folder that `NORMBENCH_DATA` names,
 * Normbench's cache, and the servers in order. Downloads go into the cache.
 *
 * @returns What `decode` makes of each part.
 * @throws {UnavailableError} If a part is not found and cannot be downloaded.
 * @throws {MissingError} If the user's folder holds a damaged one, or the cache cannot be written.
 */
export function loadParts<P extends Part, T>(
  dataset: Dataset<P>,
  wanted: readonly P[],
  decode: Decode<P, T>,
  source: DatasetSource = {},
): Promise<ReadonlyMap<P, T>> {
  return new PartFinder(dataset, wanted, decode, source).find();
}
