/**
 * What is in a pack.
 *
 * @module
 */
import { createRequire } from "node:module";
import { basename, isAbsolute, join, relative } from "node:path";
import configuration from "../../deno.json" with { type: "json" };
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import {
  contextSource,
  kernelSources,
  type Manifest as TensorflowManifest,
  packageDir,
  readManifest,
  sharedTfjsPath,
} from "../backend/tensorflow/manifest.ts";
import { CIFAR10 } from "../data/cifar10.ts";
import { type Dataset, loadParts } from "../data/dataset_folder.ts";
import type { DatasetSource } from "../data/dataset_source.ts";
import type { Part } from "../data/dataset_file.ts";
import { FASHION_MNIST } from "../data/fashion_mnist.ts";
import { fileAddress } from "../run/runtime.ts";
import { MODIFIED } from "./archive.ts";
import type { PackedFile } from "./manifest.ts";
import { PACKED_TASKS } from "./tasks.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** The path of a file of the checkout. */
function pathOf(path: string): string {
  const { protocol, pathname } = fileAddress(path);
  if (protocol === "file:") return decodeURIComponent(pathname);
  throw new MissingError("packs are made of files on a disk", "run deno task pack in a checkout");
}

/** The files that every pack has, except for Deno. */
export async function programFiles(): Promise<PackedFile[]> {
  const file = (path: string, source: string) => ({ path, content: { source } });
  const library = (path: string) => file(`lib/${path}`, pathOf(path));
  return [
    { ...file("normbench", pathOf("harness/pack/normbench.sh")), isProgram: true },
    file("README.txt", pathOf("harness/pack/README.txt")),
    file("LICENSE", pathOf("LICENSE")),
    { path: "lib/normbench.js", content: await bundle() },
    { path: "lib/deno.json", content: encode(configurationText()) },
    ...wasmFiles().map((source) => file(`lib/${basename(source)}`, source)),
    ...[...Deno.readDirSync(pathOf("fixtures/golden"))].map(({ name }) => name)
      .filter((name) => name.endsWith(".npz")).map((name) => library(`fixtures/golden/${name}`)),
    library("harness/bench/peers.py"),
  ];
}

/** Bundles the tasks and their npm packages into one file. */
async function bundle(): Promise<Uint8Array> {
  const folder = await Deno.makeTempDir();
  try {
    const output = join(folder, "normbench.js");
    const { success, stderr } = await new Deno.Command("deno", {
      args: [
        ...["bundle", "--quiet", "--platform", "deno", "--output", output],
        // mitata imports it under Bun only.
        ...["--external=bun:jsc", pathOf("harness/pack/packed.ts")],
      ],
      cwd: pathOf(""),
    }).output();
    if (!success) throw new Error(`deno bundle failed: ${new TextDecoder().decode(stderr)}`);
    return await Deno.readFile(output);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The permission sets of the tasks, by which `normbench.sh` runs them. */
function configurationText(): string {
  const sets = Object.entries(configuration.permissions)
    .filter(([name]) => PACKED_TASKS.some((task) => task.name === name));
  const text = JSON.stringify(
    { lock: false, nodeModulesDir: "none", permissions: Object.fromEntries(sets) },
    null,
    2,
  );
  return `${text}\n`;
}

/** The wasm files of tfjs; threads are not available in Deno. */
function wasmFiles(): string[] {
  const { resolve } = createRequire(import.meta.url);
  return ["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm"]
    .map((name) => resolve(`@tensorflow/tfjs-backend-wasm/dist/${name}`));
}

/** First bytes of programs, and the architectures that they name behind them. */
const FORMATS = [
  { os: "linux", magic: 0x464c457f, at: 18, architectures: { 62: "x86_64", 183: "aarch64" } },
  { os: "darwin", magic: 0xfeedfacf, at: 4, architectures: { 7: "x86_64", 12: "aarch64" } },
] as const;

/**
 * The platform that a program runs on, such as `linux x86_64`.
 *
 * @throws {UsageError} If it is a script, or a program for another system.
 */
export function platformOf(program: string): string {
  const start = new DataView(new ArrayBuffer(20));
  try {
    using file = Deno.openSync(program);
    file.readSync(new Uint8Array(start.buffer));
  } catch (cause) {
    throw new UsageError(`${program} cannot be read: ${(cause as Error).message}`, { cause });
  }
  for (const { os, magic, at, architectures } of FORMATS) {
    if (start.getUint32(0, true) !== magic) continue;
    const architecture = (architectures as Record<number, string>)[start.getUint16(at, true)];
    if (architecture !== undefined) return `${os} ${architecture}`;
  }
  throw new UsageError(
    `${program} is not a Deno for Linux or macOS. From npm, the program itself is in ` +
      "node_modules/@deno/<platform>/deno.",
  );
}

/** Data sets that can be packed, and how a file is named that holds one part of them as it is. */
const DATASETS = {
  "fashion-mnist": (source: DatasetSource) => datasetFiles(FASHION_MNIST, "", source),
  "cifar-10": (source: DatasetSource) => datasetFiles(CIFAR10, ".bin", source),
} as const;

/** Names of the data sets that can be packed. */
export const PACKED_DATASETS = Object.keys(DATASETS) as (keyof typeof DATASETS)[];

/** The files of the data set of that name. */
export function filesOfDataset(
  name: keyof typeof DATASETS,
  source: DatasetSource,
): Promise<PackedFile[]> {
  return DATASETS[name](source);
}

/**
 * The files of a data set; unpacked, since the archive is compressed.
 *
 * @param extension End of the name of a file that holds one part as it is.
 */
export async function datasetFiles<P extends Part>(
  dataset: Dataset<P>,
  extension: string,
  source: DatasetSource,
): Promise<PackedFile[]> {
  const parts = new Set(dataset.files.flatMap(({ parts }) => parts));
  const found = await loadParts(dataset, [...parts], (bytes) => bytes, source);
  return [...found].map(([{ name }, content]) => ({
    path: `datasets/${dataset.folder}/${name}${extension}`,
    content,
  }));
}

/**
 * The native TensorFlow that `deno task setup` keeps in `dir`, and what it is.
 *
 * @throws {MissingError} If there is none, or its libraries lie elsewhere on this machine.
 */
export async function tensorflowFiles(
  dir: string,
): Promise<{ readonly origin: string; readonly files: PackedFile[] }> {
  const manifest = await readManifest(dir);
  const absolute = manifest.files.find(({ path }) => isAbsolute(path));
  if (absolute !== undefined) {
    throw new MissingError(
      `The native TensorFlow of this machine uses ${absolute.path}, which is not in its folder`,
      "run `deno task setup --from pip`",
    );
  }
  const at = "cache/normbench/tensorflow";
  const paths = new Set([
    ...manifest.files.map(({ path }) => join(dir, path)),
    ...filesIn(join(dir, "nvidia")),
    ...filesIn(join(packageDir(dir), "dist")),
    join(packageDir(dir), "package.json"),
    sharedTfjsPath(dir),
  ]);
  return {
    origin: manifest.origin,
    files: [
      { path: `${at}/manifest.json`, content: encode(unpackedManifest(manifest)) },
      ...[...paths].map((source) => ({
        path: `${at}/${relative(dir, source)}`,
        content: { source },
      })),
      // What was compiled counts only where its sources are the same.
      ...[...kernelSources(), contextSource()].map(({ href }) => {
        const path = href.slice(fileAddress("").href.length);
        return { path: `lib/${path}`, content: { source: pathOf(path) } };
      }),
    ],
  };
}

/** Times as the archive gives them, so that no digest of large libraries is computed at every start. */
function unpackedManifest(manifest: TensorflowManifest): string {
  const files = manifest.files.map((file) => ({ ...file, modified: MODIFIED.getTime() }));
  return `${JSON.stringify({ ...manifest, files }, null, 2)}\n`;
}

/** All files in a folder; none where there is no such folder. */
function filesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
      isDirectory ? filesIn(join(folder, name)) : [join(folder, name)]
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
