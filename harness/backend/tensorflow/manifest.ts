/**
 * The manifest that `deno task setup` leaves behind: what it installed, where, and from where.
 *
 * It is written last and in one step, so a manifest that can be read means a finished setup.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { MissingError } from "../../../norms/basics/errors.ts";
import { cacheDir } from "../../run/cache_dir.ts";

/**
 * The version of the manifest and of what the setup installs, raised when either changes; a manifest of
 * any other is as good as none.
 */
export const MANIFEST_SCHEMA = 1;

/** What a missing or unusable native backend is answered with. */
export const SETUP_REMEDY = "run `deno task setup`";

/** A file that the setup installed. */
export interface InstalledFile {
  /** Path, relative to the folder of the manifest unless the file lies elsewhere. */
  readonly path: string;
  /** Size in bytes. */
  readonly size: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
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

/** What `deno task setup` installed. */
export interface Manifest {
  readonly schema: typeof MANIFEST_SCHEMA;
  /** `pip`, `stock` or `path`. */
  readonly source: string;
  /** Where the libraries came from, in words for people. */
  readonly origin: string;
  /** Whether the libraries were chosen for a GPU. */
  readonly gpu: boolean;
  /** The npm package whose binding was built, and its version. */
  readonly package: string;
  readonly packageVersion: string;
  /** The binding and the libraries. */
  readonly files: readonly InstalledFile[];
  /** Digest of the sources of Normbench's own kernels; left out where they are not compiled. */
  readonly kernels?: string;
  readonly runtime: RuntimeOptions;
}

/**
 * The folder of the native backend in the cache.
 *
 * @throws {MissingError} Where no home folder is known, or may be asked for.
 */
export function tensorflowDir(cache: string | undefined = cacheDir()): string {
  if (cache === undefined) {
    throw new MissingError(
      "The cache folder of the native TensorFlow backend is unknown: neither XDG_CACHE_HOME nor HOME can be read",
      "set one of them, and allow it with --allow-env",
    );
  }
  return join(cache, "tensorflow");
}

/** Path of the manifest in the native backend's folder. */
export function manifestPath(dir: string): string {
  return join(dir, "manifest.json");
}

/**
 * Reads the manifest in `dir`.
 *
 * @throws {MissingError} Where there is none, it may not be read, or it is not one of this version.
 */
export async function readManifest(dir: string): Promise<Manifest> {
  const path = manifestPath(dir);
  const { state } = await Deno.permissions.query({ name: "read", path });
  if (state !== "granted") {
    throw new MissingError(
      `The native TensorFlow backend cannot be looked for: ${path} may not be read`,
      `allow it with --allow-read=${dir}`,
    );
  }
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new MissingError("The native TensorFlow backend is not set up", SETUP_REMEDY, { cause });
  }
  return parseManifest(text, path);
}

function parseManifest(text: string, path: string): Manifest {
  let manifest: Manifest | null;
  try {
    manifest = JSON.parse(text);
  } catch (cause) {
    throw new MissingError(`The manifest ${path} is damaged`, SETUP_REMEDY, { cause });
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

/**
 * Installed files that are gone or changed, compared by size alone: that costs nothing, and is
 * enough to name a damaged setup instead of crashing in it.
 */
export async function damagedFiles(dir: string, manifest: Manifest): Promise<InstalledFile[]> {
  const damaged: InstalledFile[] = [];
  for (const file of manifest.files) {
    const size = await Deno.stat(resolve(dir, file.path)).then((info) => info.size, () => -1);
    if (size !== file.size) damaged.push(file);
  }
  return damaged;
}
