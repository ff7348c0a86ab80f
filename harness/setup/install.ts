/**
 * The setup itself: everything is built in a folder next to the final one, tried there, and moved into
 * place in one step. If it ends before that, the former state stays.
 *
 * @module
 */
import { dirname } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import type { TensorflowDescription } from "../backend/tensorflow/load.ts";
import {
  bindingPath,
  CONTEXT_LIBRARY,
  contextSourceDigest,
  describeFile,
  isSound,
  KERNELS_LIBRARY,
  kernelSourcesDigest,
  type Manifest,
  MANIFEST_SCHEMA,
  readManifest,
  type RuntimeOptions,
  writeManifest,
} from "../backend/tensorflow/manifest.ts";
import { exists } from "../run/machine.ts";
import { buildContext, buildKernels } from "./compile.ts";
import type { SetupContext } from "./context.ts";
import { type AcquireFrom, fromPath } from "./libraries.ts";
import { copyPackage, TFJS_NODE, TFJS_NODE_GPU } from "./npm_package.ts";
import { fromStock } from "./stock.ts";
import { fromPip } from "./wheel.ts";

/**
 * Where libtensorflow can be downloaded from, best first: the wheels of `pip` are recent and run on
 * recent graphics cards; the package's `stock` libraries are years older, but need neither Python nor a
 * compiler.
 */
export const SOURCES = ["pip", "stock"] as const;

export type Source = typeof SOURCES[number];

export type Device = "cpu" | "gpu";

export interface SetupRequest {
  /** Default: the GPU where an NVIDIA driver answers. */
  readonly device?: Device | undefined;
  /** Default: the first that works. */
  readonly source?: Source | undefined;
  /** Folder of an existing libtensorflow, instead of a source. */
  readonly tensorflow?: string | undefined;
  readonly python?: string | undefined;
  readonly runtime: RuntimeOptions;
}

/**
 * Sets up the native backend in `dir`, unless what is asked for is there already.
 *
 * @returns The manifest of what is in place.
 */
export async function install(
  request: SetupRequest,
  dir: string,
  context: SetupContext,
): Promise<Manifest> {
  await Deno.mkdir(dirname(dir), { recursive: true });
  using _lock = await lock(`${dir}.lock`, context);
  const unfinished = `${dir}.unfinished`;
  const former = `${dir}.former`;
  // What a run that was killed left behind; the former setup, if it had none in its place yet.
  if (exists(former) && !exists(dir)) await Deno.rename(former, dir);
  await removeAll([unfinished, former]);
  const gpu = await chooseDevice(request.device, context) === "gpu";
  const present = await soundSetup(dir, context);
  const serves = present?.gpu === gpu && request.tensorflow === undefined &&
    (request.source ?? present.source) === present.source;
  if (serves) return await renew(present, request.runtime, dir, context);
  try {
    const manifest = await buildFromFirstThatWorks(request, gpu, unfinished, context);
    if (exists(dir)) await Deno.rename(dir, former);
    await Deno.rename(unfinished, dir);
    return manifest;
  } finally {
    await removeAll([unfinished, former]);
  }
}

export async function chooseDevice(
  asked: Device | undefined,
  context: SetupContext,
): Promise<Device> {
  if (asked !== undefined) return asked;
  const { code, stdout } = await context.run("nvidia-smi", ["--list-gpus"]);
  return code === 0 && /^GPU \d+:/m.test(stdout) ? "gpu" : "cpu";
}

/** One setup at a time: two would build in the same folder. */
async function lock(path: string, context: SetupContext): Promise<Deno.FsFile> {
  const file = await Deno.open(path, { create: true, write: true });
  if (await file.tryLock(true)) return file;
  context.tell("Waiting for another setup to end …");
  try {
    // Not by file.lock(), which cannot be interrupted.
    do await context.pause(); while (!await file.tryLock(true));
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await Deno.remove(path, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

/** The manifest of a setup whose files all have the content they were installed with. */
async function soundSetup(dir: string, context: SetupContext): Promise<Manifest | undefined> {
  const manifest = await readManifest(dir).catch((error) => {
    if (!(error instanceof MissingError)) throw error;
  });
  for (const file of manifest?.files ?? []) {
    if (await isSound(dir, file)) continue;
    context.tell(`${file.path} is gone or damaged: setting up again`);
    return undefined;
  }
  return manifest ?? undefined;
}

/** Stores new options of the runtime, and compiles our own libraries if their sources have changed. */
async function renew(
  present: Manifest,
  runtime: RuntimeOptions,
  dir: string,
  context: SetupContext,
): Promise<Manifest> {
  const upToDate = present.kernels === await kernelSourcesDigest() &&
    present.context === await contextSourceDigest();
  const manifest = upToDate
    ? present
    : await withContext(await withKernels(present, dir, context), dir, context);
  await writeManifest(dir, { ...manifest, runtime });
  if (!upToDate) await prove(dir, context);
  return { ...manifest, runtime };
}

/** Compiles the kernels against the libraries of a setup, and lists them in its manifest. */
async function withKernels(
  { kernels: _, ...manifest }: Manifest,
  dir: string,
  context: SetupContext,
): Promise<Manifest> {
  const files = manifest.files.filter(({ path }) => path !== KERNELS_LIBRARY);
  const own = [bindingPath("."), CONTEXT_LIBRARY];
  const libraries = files.map(({ path }) => path).filter((path) => !own.includes(path));
  const kernels = await buildKernels(dir, libraries, context);
  if (kernels === undefined) return { ...manifest, files };
  return { ...manifest, files: [...files, await describeFile(dir, KERNELS_LIBRARY)], kernels };
}

/** Compiles the library of the context, and lists it in the manifest of a setup. */
async function withContext(
  { context: _, ...manifest }: Manifest,
  dir: string,
  context: SetupContext,
): Promise<Manifest> {
  const files = manifest.files.filter(({ path }) => path !== CONTEXT_LIBRARY);
  const digest = await buildContext(dir, context);
  if (digest === undefined) return { ...manifest, files };
  const library = await describeFile(dir, CONTEXT_LIBRARY);
  return { ...manifest, files: [...files, library], context: digest };
}

async function buildFromFirstThatWorks(
  request: SetupRequest,
  gpu: boolean,
  dir: string,
  context: SetupContext,
): Promise<Manifest> {
  const failures: string[] = [];
  for (const [source, acquire] of sources(request)) {
    context.tell(`Setting up TensorFlow for ${gpu ? "GPU" : "CPU"} from ${source} …`);
    try {
      await removeAll([dir]);
      await Deno.mkdir(dir);
      return await build(source, acquire, request, gpu, dir, context);
    } catch (error) {
      if (!(error instanceof MissingError)) throw error;
      context.tell(`  ${source} does not work here: ${error.message}`);
      failures.push(`${source}: ${error.message}\n  remedy: ${error.remedy}`);
    }
  }
  throw new MissingError(
    `The native TensorFlow backend cannot be set up.\n${failures.join("\n")}`,
    "one of the remedies above" + (gpu ? ", or the processor instead: deno task setup --cpu" : "") +
      "; everything else in Normbench works without it, on wasm",
  );
}

function sources(request: SetupRequest): readonly (readonly [string, AcquireFrom])[] {
  if (request.tensorflow !== undefined) return [["path", fromPath(request.tensorflow)]];
  const all = { pip: fromPip(request.python), stock: fromStock };
  const wanted = request.source === undefined ? SOURCES : [request.source];
  return wanted.map((source) => [source, all[source]]);
}

async function build(
  source: string,
  acquire: AcquireFrom,
  request: SetupRequest,
  gpu: boolean,
  dir: string,
  context: SetupContext,
): Promise<Manifest> {
  const npmPackage = gpu ? TFJS_NODE_GPU : TFJS_NODE;
  context.tell(`Downloading ${npmPackage.name} ${npmPackage.version} …`);
  await copyPackage(npmPackage, dir, context);
  const { origin, files } = await acquire(dir, gpu, context);
  const paths = [bindingPath("."), ...files];
  const acquired: Manifest = {
    schema: MANIFEST_SCHEMA,
    source,
    origin,
    gpu,
    package: npmPackage.name,
    packageVersion: npmPackage.version,
    files: await Promise.all(paths.map((path) => describeFile(dir, path))),
    runtime: request.runtime,
  };
  const manifest = await withContext(
    await withKernels(acquired, dir, context),
    dir,
    context,
  );
  await writeManifest(dir, manifest);
  await prove(dir, context);
  return manifest;
}

/** Loads what was built and computes with it once, in another process. */
async function prove(dir: string, context: SetupContext): Promise<void> {
  context.tell("Trying it …");
  const verify = new URL("./verify.ts", import.meta.url).href;
  const options = ["--quiet", "--no-prompt", "--allow-read", "--allow-env", "--allow-ffi"];
  const { code, stdout, stderr } = await context.run(
    Deno.execPath(),
    ["run", ...options, verify, dir],
  );
  if (code === 0) {
    const { version, device, notes } = JSON.parse(stdout) as TensorflowDescription;
    context.tell(`  TensorFlow ${version} works on ${device} (${notes.join("; ")})`);
    return;
  }
  throw new MissingError(
    `the libraries do not work on this machine (status ${code}): ${stderr}`,
    "another source, or a libtensorflow built for this machine: deno task setup --tensorflow PATH",
  );
}
