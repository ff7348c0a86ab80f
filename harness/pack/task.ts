/**
 * The pack task: makes an archive for machines without a network.
 *
 * @module
 */
import { resolve } from "node:path";
import { UsageError } from "../../norms/basics/errors.ts";
import * as tf from "../../norms/basics/tf.ts";
import { tensorflowDir } from "../backend/tensorflow/manifest.ts";
import { printEvents } from "../data/dataset_source.ts";
import { VERSION } from "../run/environment.ts";
import { commit } from "../run/machine.ts";
import { flag, type Given, oneOf, text } from "../run/options.ts";
import { defineTask, ExitStatus } from "../run/task.ts";
import { type Compression, EXTENSIONS, hasXz, writeArchive } from "./archive.ts";
import {
  filesOfDataset,
  PACKED_DATASETS,
  platformOf,
  programFiles,
  tensorflowFiles,
} from "./contents.ts";
import { MANIFEST, manifestOf, type PackedFile } from "./manifest.ts";

const OPTIONS = {
  dataset: oneOf(
    ["none", ...PACKED_DATASETS],
    "the images to pack, from where training finds them",
    "none",
  ),
  dataDir: text(
    "DIR",
    "where the data are; if left out: NORMBENCH_DATA, the cache, then a download",
  ),
  tensorflow: flag("pack the native TensorFlow that deno task setup installed (several 100 MB)"),
  deno: text("PATH", "the Deno to pack, for another platform; if left out, the running one"),
  compress: oneOf(["auto", "xz", "gzip"], "the format; auto is xz if it is installed", "auto"),
  out: text("FILE", "the archive; normbench-VERSION-PLATFORM.tar.xz if left out"),
} as const;

/** The options of the task, as given. */
export type PackOptions = Given<typeof OPTIONS>;

/** `deno task pack`. */
export const PACK_TASK = defineTask({
  name: "pack",
  about:
    "Make an archive with Deno, the tasks and data, which runs on machines without a network: " +
    "doctor, parity, bench, train and report.",
  options: OPTIONS,
  notes: "Exit status: 0 if it was made, 2 for bad usage, 3 if something is missing.",
  async run(options) {
    const { path, compression } = await pack(options);
    const { size } = await Deno.stat(path);
    const unpack = `tar -x${compression === "xz" ? "J" : "z"}f`;
    console.log(`${path}: ${(size / 1e6).toFixed(1)} MB\nUnpack it with: ${unpack} ${path}`);
    return ExitStatus.ok;
  },
});

/** Makes a pack. */
export async function pack(
  options: PackOptions,
): Promise<{ readonly path: string; readonly compression: Compression }> {
  const deno = options.deno ?? Deno.execPath();
  const platform = platformOf(deno);
  if (options.tensorflow && platform !== `${Deno.build.os} ${Deno.build.arch}`) {
    throw new UsageError(`--tensorflow is for this machine, and ${deno} is for ${platform}.`);
  }
  const compression = await compressionOf(options);
  const tensorflow = options.tensorflow ? await tensorflowFiles(tensorflowDir()) : undefined;
  const data = await dataFiles(options);
  const files: PackedFile[] = sorted([
    ...await programFiles(),
    { path: "lib/deno", content: { source: deno }, isProgram: true },
    ...data,
    ...tensorflow?.files ?? [],
  ]);
  const manifest = await manifestOf({
    normbench: VERSION,
    commit: await commit(),
    platform,
    deno: options.deno === undefined ? Deno.version.deno : null,
    tfjs: tf.version.tfjs,
    tensorflow: tensorflow?.origin ?? null,
    dataset: options.dataset === "none" ? null : options.dataset,
  }, files);
  const text = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
  const folder = `normbench-${VERSION}-${platform.replace(" ", "-")}`;
  const path = resolve(options.out ?? `${folder}${EXTENSIONS[compression]}`);
  console.error(`Compressing ${files.length} files with ${compression} …`);
  await writeArchive(
    path,
    folder,
    [{ path: MANIFEST, content: text }, ...files],
    compression,
  );
  return { path, compression };
}

async function compressionOf({ compress }: PackOptions): Promise<Compression> {
  if (compress === "gzip" || await hasXz()) return compress === "gzip" ? "gzip" : "xz";
  if (compress === "xz") throw new UsageError("--compress xz needs the program xz. Install it.");
  console.error("There is no xz here: the archive is compressed with gzip, and is a third larger.");
  return "gzip";
}

async function dataFiles({ dataset, dataDir }: PackOptions): Promise<PackedFile[]> {
  if (dataset === "none") return [];
  const source = dataDir === undefined ? {} : { dataDir };
  return await filesOfDataset(dataset, { ...source, onEvent: printEvents() });
}

function sorted(files: readonly PackedFile[]): PackedFile[] {
  return files.toSorted((a, b) => a.path < b.path ? -1 : 1);
}
