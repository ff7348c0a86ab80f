/**
 * The native TensorFlow backend: the kernels of `@tensorflow/tfjs-node` over the libtensorflow that
 * `deno task setup` installed.
 *
 * The package's own entry point is not used: it brings a second copy of TensorFlow.js, installers and
 * file handlers. Only its backend class and its kernels are loaded, from the private copy in the cache,
 * and they are given the TensorFlow.js that the rest of Normbench runs on. So the backend is downloaded
 * only on request, and there is one engine, one registry, one tape.
 *
 * @module
 */
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import util from "node:util";
import * as tf from "../../../norms/basics/tf.ts";
import { MissingError, UsageError } from "../../../norms/basics/errors.ts";
import { count } from "../../../reports/format.ts";
import { provideGraphs } from "../../../models/graph/runtime.ts";
import { openCInterface } from "./c_interface.ts";
import { GraphFunctions } from "./graph_functions.ts";
import {
  bindingPath,
  CONTEXT_LIBRARY,
  contextSourceDigest,
  damagedFiles,
  KERNELS_LIBRARY,
  kernelSourcesDigest,
  type Manifest,
  packageDir,
  readManifest,
  type RuntimeOptions,
  SETUP_REMEDY,
  sharedTfjsPath,
  tensorflowDir,
} from "./manifest.ts";

export interface TensorflowDescription {
  /** Of libtensorflow. */
  version: string;
  /** The processor or graphics card that operations run on. */
  device: string;
  /** Where it came from, and what else results depend on. */
  notes: string[];
  /** Whether the norms have the implementation `fused` on it. */
  hasFusedKernels: boolean;
  /** Whether steps can be run as graphs on it. */
  hasGraphs: boolean;
}

/** The compiled binding, as far as Normbench uses it. */
interface Binding {
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
}

interface BackendModule {
  readonly NodeJSKernelBackend: new (binding: Binding, packageName: string) => tf.KernelBackend;
}

/**
 * Looks for the native backend that `deno task setup` installed and registers it with TensorFlow.js
 * under the name `tensorflow`; the caller still has to `tf.setBackend` it.
 *
 * Costs one look at the manifest where nothing is set up. Calling it again is harmless.
 *
 * @param dir The folder that the setup installed into.
 * @throws {MissingError} Where nothing is set up, a file is gone, a permission is lacking, or the
 * libraries do not load.
 */
export async function loadTensorflow(dir = tensorflowDir()): Promise<TensorflowDescription> {
  const manifest = withoutOldContext(
    withoutOldKernels(await readManifest(dir), await kernelSourcesDigest()),
    await contextSourceDigest(),
  );
  await refuseDamaged(dir, manifest);
  const variables = runtimeVariables(manifest.runtime);
  await requirePermissions(Object.keys(variables));
  setDefaults(variables);
  checkThreads();
  if (Deno.build.os === "linux") bindToOwnSymbols(dir, manifest);
  const binding = register(dir, manifest);
  return describe(manifest, binding);
}

/** Kernels of other sources may take other arguments: they count as not compiled. */
function withoutOldKernels(manifest: Manifest, digest: string | undefined): Manifest {
  const { kernels, files, ...rest } = manifest;
  if (kernels !== undefined && kernels === digest) return manifest;
  return { ...rest, files: files.filter(({ path }) => path !== KERNELS_LIBRARY) };
}

/** A library of another source counts as not compiled. */
function withoutOldContext(manifest: Manifest, digest: string | undefined): Manifest {
  const { context, files, ...rest } = manifest;
  if (context !== undefined && context === digest) return manifest;
  return { ...rest, files: files.filter(({ path }) => path !== CONTEXT_LIBRARY) };
}

async function refuseDamaged(dir: string, manifest: Manifest): Promise<void> {
  const [damaged] = await damagedFiles(dir, manifest);
  if (damaged === undefined) return;
  throw new MissingError(
    `The native TensorFlow backend is damaged: ${damaged.path} is gone or has changed`,
    SETUP_REMEDY,
  );
}

async function requirePermissions(variables: readonly string[]): Promise<void> {
  const needed: readonly Deno.PermissionDescriptor[] = [
    { name: "ffi" },
    ...variables.map((variable) => ({ name: "env", variable }) as const),
  ];
  for (const descriptor of needed) {
    if ((await Deno.permissions.query(descriptor)).state === "granted") continue;
    const which = descriptor.name === "env" ? `=${variables.join()}` : "";
    throw new MissingError(
      `The native TensorFlow backend is set up, but needs the permission ${descriptor.name}`,
      `run Deno with --allow-${descriptor.name}${which}`,
    );
  }
}

function runtimeVariables(runtime: RuntimeOptions): Record<string, string> {
  const threads = String(runtime.threads);
  return {
    TF_CPP_MIN_LOG_LEVEL: String(runtime.logLevel),
    TF_FORCE_GPU_ALLOW_GROWTH: String(runtime.memoryGrowth),
    ...(runtime.threads !== null && {
      TF_NUM_INTRAOP_THREADS: threads,
      TF_NUM_INTEROP_THREADS: threads,
    }),
  };
}

/** TensorFlow reads its environment once, when it starts; what the user has set stays. */
function setDefaults(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (!Deno.env.has(name)) Deno.env.set(name, value);
  }
}

const INTRA_OP = "TF_NUM_INTRAOP_THREADS";
const INTER_OP = "TF_NUM_INTEROP_THREADS";

/** TensorFlow ends the process if a number of threads is invalid; 0 lets it choose. */
function checkThreads(): void {
  for (const name of [INTRA_OP, INTER_OP]) {
    const value = Deno.env.get(name) || "0";
    if (/^\d{1,4}$/.test(value)) continue;
    throw new UsageError(
      `${name} is ${value}, not a number of threads from 0 to 9999. Set another, or unset it.`,
    );
  }
}

/** The threads in an operation, on which results depend, and those between operations. */
function threadNotes(): string[] {
  const of = (name: string) => Number(Deno.env.get(name)) || navigator.hardwareConcurrency;
  const [intra, inter] = [of(INTRA_OP), of(INTER_OP)];
  const threads = count(intra, "thread");
  return [intra === inter ? threads : `${threads}, ${inter} between operations`];
}

/**
 * Loads the libraries so that they use their own symbols first. They contain LLVM; where another LLVM is
 * loaded already, as by software drivers of WebGPU, mixing both ends the process.
 */
function bindToOwnSymbols(dir: string, manifest: Manifest): void {
  const RTLD_NOW = 0x2;
  const RTLD_DEEPBIND = 0x8;
  const RTLD_GLOBAL = 0x100;
  const loader = Deno.dlopen("libdl.so.2", {
    dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
  });
  const libraries = manifest.files.map(({ path }) => resolve(dir, path))
    .filter((path) => path !== bindingPath(dir));
  for (const path of libraries) {
    // Only that of the context is there to be found before TensorFlow's own.
    const scope = path === resolve(dir, CONTEXT_LIBRARY) ? RTLD_GLOBAL : RTLD_DEEPBIND;
    loader.symbols.dlopen(new TextEncoder().encode(`${path}\0`), RTLD_NOW | scope);
  }
  loader.close();
}

function register(dir: string, manifest: Manifest): Binding {
  restoreIsNullOrUndefined();
  const require = createRequire(join(packageDir(dir), "package.json"));
  Object.assign(require(sharedTfjsPath(dir)), tf, { KernelBackend });
  const binding = loadBinding(require, bindingPath(dir));
  require("./dist/register_all_kernels.js");
  const { NodeJSKernelBackend } = require("./dist/nodejs_kernel_backend.js") as BackendModule;
  if (tf.findBackendFactory("tensorflow") === null) {
    const create = () => {
      const backend = new NodeJSKernelBackend(binding, manifest.package);
      provideGraphs(backend, graphsOf(dir, manifest, binding.isUsingGpuDevice()));
      return backend;
    };
    tf.registerBackend("tensorflow", create, 3);
  }
  return binding;
}

/** What makes functions of graphs, or why nothing does. */
function graphsOf(dir: string, { files }: Manifest, onGpu: boolean): GraphFunctions | string {
  if (onGpu) return "graphs were tried on processors only";
  const paths = files.map(({ path }) => resolve(dir, path));
  const ours = paths.find((path) => path === resolve(dir, CONTEXT_LIBRARY));
  const main = paths.find((path) => /^libtensorflow(_cc)?\.so/.test(basename(path)));
  if (ours === undefined || main === undefined) return `graphs are not set up: ${SETUP_REMEDY}`;
  const { NormbenchContext } = Deno.dlopen(ours, {
    NormbenchContext: { parameters: [], result: "pointer" },
  }).symbols;
  const context = NormbenchContext();
  if (context === null) return "the binding was loaded before the library for graphs";
  return new GraphFunctions(openCInterface(main), context);
}

/**
 * The package's kernels call `util.isNullOrUndefined`, which Node.js removed; Deno does not
 * have it either, and without it the first operation throws.
 */
function restoreIsNullOrUndefined(): void {
  const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
}

/** The base class as a function: the package is ES5, which cannot extend the classes of a bundled tfjs. */
function KernelBackend(this: tf.KernelBackend): tf.KernelBackend {
  return Reflect.construct(tf.KernelBackend, [], this.constructor);
}
KernelBackend.prototype = tf.KernelBackend.prototype;

function loadBinding(require: NodeJS.Require, path: string): Binding {
  try {
    return require(path) as Binding;
  } catch (cause) {
    throw new MissingError(
      `The native TensorFlow backend does not load: ${(cause as Error).message}`,
      `${SETUP_REMEDY} again; it says what this machine lacks`,
      { cause },
    );
  }
}

function describe(manifest: Manifest, binding: Binding): TensorflowDescription {
  const onGpu = binding.isUsingGpuDevice();
  const notes = [`${manifest.package} ${manifest.packageVersion}`, manifest.origin];
  notes.push(...threadNotes());
  if (!onGpu) notes.push(`no GPU: ${whyNoGpu(manifest.gpu)}`);
  const hasFusedKernels = manifest.kernels !== undefined && !onGpu;
  const hasGraphs = manifest.context !== undefined && !onGpu;
  const whyNot = onGpu ? "they are for processors" : SETUP_REMEDY;
  notes.push(hasGraphs ? "steps as graphs" : `no steps as graphs: ${whyNot}`);
  notes.push(hasFusedKernels ? "fused kernels" : `no fused kernels: ${whyNot}`);
  const device = onGpu ? gpuNames()[0] ?? "GPU" : "CPU";
  return { version: binding.TF_Version, device, notes, hasFusedKernels, hasGraphs };
}

const DRIVER = "/proc/driver/nvidia";

/** Model names of the graphics cards that the NVIDIA driver knows; empty where there is no driver. */
export function gpuNames(driver: string = DRIVER): string[] {
  const names: string[] = [];
  try {
    for (const card of Deno.readDirSync(`${driver}/gpus`)) {
      const text = Deno.readTextFileSync(`${driver}/gpus/${card.name}/information`);
      names.push(/^Model:\s*(.+)$/m.exec(text)?.[1] ?? "unnamed");
    }
  } catch {
    // No driver, or not allowed to look: no card can be named.
  }
  return names;
}

export function whyNoGpu(chosenForGpu: boolean, driver: string = DRIVER): string {
  const cards = gpuNames(driver);
  if (cards.length === 0) return "no NVIDIA driver answers";
  if (!chosenForGpu) return `${cards[0]} is there, but the setup is for CPU; deno task setup --gpu`;
  return `TensorFlow did not start CUDA on ${cards[0]}; TF_CPP_MIN_LOG_LEVEL=0 shows its reasons`;
}
