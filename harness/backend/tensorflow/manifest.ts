/**
 * The manifest of `deno task setup`: what it installed, where, and from where.
 *
 * It is written last and in one step, so a manifest that can be read means a finished setup.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { MissingError } from "../../../norms/basics/errors.ts";
import { VERSION } from "../../run/environment.ts";
import { cacheDir } from "../../run/machine.ts";
import { fileAddress } from "../../run/runtime.ts";

/** Raised when the manifest or what the setup installs changes; other versions are set up again. */
export const MANIFEST_SCHEMA = 1;

/** What to do about a missing or unusable native backend. */
export const SETUP_REMEDY = "run `deno task setup`";

export interface InstalledFile {
  /** Path, relative to the folder of the manifest unless the file lies elsewhere. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** In milliseconds since 1970. */
  readonly modified?: number;
}

/** How TensorFlow's runtime is to be started; a variable that the user has set wins over it. */
export interface RuntimeOptions {
  /** Threads within an operation and between operations; `null` leaves both to TensorFlow. */
  readonly threads: number | null;
  /** `TF_CPP_MIN_LOG_LEVEL`: 0 everything, 1 warnings, 2 errors, 3 fatal errors only. */
  readonly logLevel: number;
  /** Whether GPU memory is taken as needed, and not all at once. */
  readonly memoryGrowth: boolean;
}

export interface Manifest {
  readonly schema: typeof MANIFEST_SCHEMA;
  /** `pip`, `stock` or `path`. */
  readonly source: string;
  /** Where the libraries came from, for people. */
  readonly origin: string;
  /** Whether the libraries were chosen for a GPU. */
  readonly gpu: boolean;
  /** The npm package whose binding was built. */
  readonly package: string;
  readonly packageVersion: string;
  readonly files: readonly InstalledFile[];
  /** Digest of the sources of Normbench's own kernels; left out where they are not compiled. */
  readonly kernels?: string;
  /** Digest of the source of the context's library; left out where it is not compiled. */
  readonly context?: string;
  readonly runtime: RuntimeOptions;
}

/** The folder of the native backend in the cache. */
export function tensorflowDir(cache: string | undefined = cacheDir()): string {
  if (cache === undefined) {
    throw new MissingError(
      "The cache folder of the native TensorFlow backend is unknown: neither XDG_CACHE_HOME nor HOME can be read",
      "set one of them, and allow it with --allow-env",
    );
  }
  return join(cache, "tensorflow");
}

export function manifestPath(dir: string): string {
  return join(dir, "manifest.json");
}

/** Reads the manifest in `dir`. */
export async function readManifest(dir: string): Promise<Manifest> {
  const path = manifestPath(dir);
  const { state } = await Deno.permissions.query({ name: "read", path });
  if (state !== "granted") {
    throw new MissingError(
      `The native TensorFlow backend cannot be looked for: ${path} may not be read`,
      `allow it with --allow-read=${dir}`,
    );
  }
  let manifest: Manifest | null;
  try {
    manifest = JSON.parse(await Deno.readTextFile(path));
  } catch (cause) {
    const isThere = !(cause instanceof Deno.errors.NotFound);
    if (isThere && !(cause instanceof SyntaxError)) throw cause;
    const message = isThere
      ? `The manifest ${path} is damaged`
      : "The native TensorFlow backend is not set up";
    throw new MissingError(message, SETUP_REMEDY, { cause });
  }
  if (manifest?.schema === MANIFEST_SCHEMA) return manifest;
  throw new MissingError(`The manifest ${path} is of another version of Normbench`, SETUP_REMEDY);
}

/** Writes the manifest in one step: readers see the old one or the new one. */
export async function writeManifest(dir: string, manifest: Manifest): Promise<void> {
  const path = manifestPath(dir);
  const unfinished = `${path}.new`;
  await Deno.writeTextFile(unfinished, JSON.stringify(manifest, null, 2) + "\n");
  await Deno.rename(unfinished, path);
}

/** The private copy of the package in the native backend's folder. */
export function packageDir(dir: string): string {
  return join(dir, "package");
}

/** The module in that copy which the loader fills with the running TensorFlow.js. */
export function sharedTfjsPath(dir: string): string {
  return join(packageDir(dir), "shared_tfjs.js");
}

/** The compiled binding, where the package's own loader would look for it too. */
export function bindingPath(dir: string): string {
  return join(packageDir(dir), "lib", "napi-v8", "tfjs_binding.node");
}

/** Describes the file at `path`, relative to `dir` or absolute. */
export async function describeFile(dir: string, path: string): Promise<InstalledFile> {
  using file = await Deno.open(resolve(dir, path));
  const { mtime } = await file.stat();
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of file.readable) {
    hash.update(chunk);
    size += chunk.byteLength;
  }
  const modified = mtime === null ? {} : { modified: mtime.getTime() };
  return { path, size, sha256: hash.digest("hex"), ...modified };
}

/** Whether a file has the content that was installed. */
export async function isSound(dir: string, file: InstalledFile): Promise<boolean> {
  const now = await describeFile(dir, file.path).catch(() => undefined);
  return now?.size === file.size && now.sha256 === file.sha256;
}

/**
 * Installed files that are gone or changed.
 *
 * The libraries have hundreds of megabytes, so the content of a file is compared only if its time of
 * modification is another; manifests before that was recorded have sizes alone.
 */
export async function damagedFiles(dir: string, manifest: Manifest): Promise<InstalledFile[]> {
  const damaged: InstalledFile[] = [];
  for (const file of manifest.files) {
    const now = await Deno.stat(resolve(dir, file.path)).catch(() => undefined);
    const isUntouched = now?.size === file.size &&
      (file.modified === undefined || file.modified === now.mtime?.getTime());
    if (!isUntouched && (now?.size !== file.size || !await isSound(dir, file))) damaged.push(file);
  }
  return damaged;
}

/** The library of Normbench's own kernels, in the folder of the native backend. */
export const KERNELS_LIBRARY = "normbench_kernels.so";

const KERNEL_SOURCES = [
  "channels.cc",
  "operation.h",
  "parallel.cc",
  "parallel.h",
  "rows.cc",
  "statistics.h",
  "tensorflow_c.h",
];

/** Addresses of the sources of the kernels. */
export function kernelSources(): URL[] {
  return KERNEL_SOURCES.map((name) => fileAddress(`norms/fused/tensorflow/kernels/${name}`));
}

/**
 * What tells a library of other sources: their SHA-256 in hexadecimal, or the version of Normbench where
 * it was loaded from a server; undefined where they may not be read.
 */
export function kernelSourcesDigest(): Promise<string | undefined> {
  return digestOf(kernelSources());
}

/** The library that has TensorFlow's eager context, without which there are no graphs. */
export const CONTEXT_LIBRARY = "normbench_context.so";

/** The address of its source. */
export function contextSource(): URL {
  return fileAddress("harness/backend/tensorflow/context.cc");
}

/** What tells a library of another source, as for the kernels. */
export function contextSourceDigest(): Promise<string | undefined> {
  return digestOf([contextSource()]);
}

async function digestOf(sources: readonly URL[]): Promise<string | undefined> {
  const hash = createHash("sha256");
  for (const source of sources) {
    if (source.protocol !== "file:") return `normbench ${VERSION}`;
    const path = fileURLToPath(source);
    const { state } = await Deno.permissions.query({ name: "read", path });
    if (state !== "granted") return undefined;
    hash.update(`${basename(path)}\0`).update(await Deno.readFile(path));
  }
  return hash.digest("hex");
}
