/**
 * Compiling what runs on TensorFlow's libraries: the package's binding, two C++ files between Node-API
 * and TensorFlow's C interface; Normbench's own operations, which the implementation `fused` of the
 * norms calls; and the library that finds the context in which steps become graphs.
 *
 * The last two are libraries of their own and need no headers of TensorFlow: a change of their sources
 * costs a few seconds of compilation, and no download.
 *
 * @module
 */
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { MissingError } from "../../norms/basics/errors.ts";
import {
  bindingPath,
  CONTEXT_LIBRARY,
  contextSource,
  contextSourceDigest,
  KERNELS_LIBRARY,
  kernelSources,
  kernelSourcesDigest,
  packageDir,
} from "../backend/tensorflow/manifest.ts";
import { firstThatAnswers, type SetupContext } from "./context.ts";
import { fetchNpmPackage, NODE_API_HEADERS } from "./npm_package.ts";

/** The C++ compiler of this machine: `$CXX`, `g++`, `c++` or `clang++`. */
export async function findCompiler(context: SetupContext): Promise<string> {
  const named = context.env("CXX");
  const candidates = named ? [named] : ["g++", "c++", "clang++"];
  const compiler = await firstThatAnswers(candidates, ["--version"], context.run);
  if (compiler !== undefined) return compiler;
  throw new MissingError(
    `No C++ compiler: ${candidates.join(", ")} do not answer`,
    "install one (Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++) or name it in CXX",
  );
}

/**
 * Paths of Normbench's own C++ files: where they are, or copies in `folder` of those on a server.
 */
export function localSources(urls: readonly URL[], folder: string): Promise<string[]> {
  return Promise.all(urls.map(async (url) => {
    if (url.protocol === "file:") return fileURLToPath(url);
    const response = await fetch(url);
    const bytes = await response.bytes();
    if (!response.ok) {
      throw new MissingError(`${url} answers ${response.status}`, "run the setup from a clone");
    }
    const path = join(folder, basename(url.pathname));
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeFile(path, bytes);
    return path;
  }));
}

/** Compiles a library for Linux. The first lines of what the compiler says go into the error. */
async function compile(
  what: string,
  args: readonly string[],
  remedy: string,
  context: SetupContext,
): Promise<void> {
  const compiler = await findCompiler(context);
  context.tell(`Compiling ${what} with ${compiler} …`);
  const common = ["-std=c++17", "-fPIC", "-shared"];
  const { code, stderr } = await context.run(compiler, [...common, ...args]);
  if (code === 0) return;
  throw new MissingError(
    `${compiler} cannot compile ${what}:\n${stderr.split("\n").slice(0, 20).join("\n")}`,
    remedy,
  );
}

/** A libtensorflow that a binding can be compiled against: folder, file names to link with, headers. */
export interface Libraries {
  readonly dir: string;
  readonly names: readonly string[];
  readonly include: string;
}

/**
 * Compiles the binding of the package copy in `dir`.
 *
 * @param runPath Where the binding looks for the libraries when it is loaded.
 */
export async function buildBinding(
  dir: string,
  libraries: Libraries,
  runPath: string,
  context: SetupContext,
): Promise<void> {
  const headers = join(dir, "node-api-headers");
  await fetchNpmPackage(NODE_API_HEADERS, headers, context);
  await Deno.mkdir(dirname(bindingPath(dir)), { recursive: true });
  const [logLevel] = await localSources([new URL("./log_level.cc", import.meta.url)], headers);
  const args = [
    "-O2",
    "-DNAPI_VERSION=8", // the last that the package was published for
    `-I${join(headers, "include")}`,
    `-I${libraries.include}`,
    join(packageDir(dir), "binding", "tfjs_backend.cc"),
    join(packageDir(dir), "binding", "tfjs_binding.cc"),
    logLevel!,
    `-L${libraries.dir}`,
    // By their exact names: a wheel has no libtensorflow.so without a version to link with.
    ...libraries.names.map((name) => `-l:${name}`),
    // So that the binding finds its libraries without LD_LIBRARY_PATH.
    `-Wl,-rpath,${runPath}`,
    ...["-o", bindingPath(dir)],
  ];
  const remedy = "it needs C++17, and headers and libraries of one TensorFlow version";
  await compile("the binding", args, remedy, context);
  await Deno.remove(headers, { recursive: true });
}

/**
 * Compiles the library of the kernels into the folder `dir`.
 *
 * @param libraries Those of TensorFlow, relative to `dir` unless they lie elsewhere.
 */
async function compileKernels(
  dir: string,
  libraries: readonly string[],
  context: SetupContext,
): Promise<void> {
  if (!context.platform.startsWith("linux")) {
    throw new MissingError(
      `they are for Linux, and this is ${context.platform}`,
      "use another implementation of the norms, such as analytic",
    );
  }
  const copies = join(dir, "kernel-sources");
  const sources = await localSources(kernelSources(), copies);
  const unfinished = join(dir, `${KERNELS_LIBRARY}.new`);
  const args = [
    // Vectorizes loops marked for it, even if that changes the order of a sum.
    ...["-O3", "-fopenmp-simd", "-fno-math-errno", "-pthread"],
    ...sources.filter((path) => path.endsWith(".cc")),
    ...libraries.flatMap((path) => [
      `-L${dirname(resolve(dir, path))}`,
      `-l:${basename(path)}`,
      `-Wl,-rpath,${isAbsolute(path) ? dirname(path) : join("$ORIGIN", dirname(path))}`,
    ]),
    ...["-o", unfinished],
  ];
  const remedy = "it needs C++17; name a newer compiler in CXX";
  await compile("the fused kernels", args, remedy, context);
  // Only sources from a server were copied.
  await Deno.remove(copies, { recursive: true }).catch(() => {});
  // In one step: a running program may use the former library.
  await Deno.rename(unfinished, join(dir, KERNELS_LIBRARY));
}

/** Compiles the library of the context into the folder `dir`: see its source. */
async function compileContext(dir: string, context: SetupContext): Promise<void> {
  if (!context.platform.startsWith("linux")) {
    throw new MissingError(
      `the library is for Linux, and this is ${context.platform}`,
      "run steps eagerly",
    );
  }
  const copies = join(dir, "context-source");
  const sources = await localSources([contextSource()], copies);
  const unfinished = join(dir, `${CONTEXT_LIBRARY}.new`);
  const args = ["-O2", ...sources, "-ldl", "-o", unfinished];
  await compile("the library for graphs", args, "name another compiler in CXX", context);
  await Deno.remove(copies, { recursive: true }).catch(() => {});
  await Deno.rename(unfinished, join(dir, CONTEXT_LIBRARY));
}

/**
 * Compiles the library without which steps are not run as graphs, or says why that is not possible.
 *
 * @returns The digest of its source; undefined if it could not be compiled.
 */
export function buildContext(
  dir: string,
  context: SetupContext,
): Promise<string | undefined> {
  return ifPossible("graphs", context, async () => {
    await compileContext(dir, context);
    return await contextSourceDigest();
  });
}

/**
 * Compiles the kernels, or says why that is not possible: everything else works without them.
 *
 * @returns The digest of their sources; undefined if they could not be compiled.
 */
export function buildKernels(
  dir: string,
  libraries: readonly string[],
  context: SetupContext,
): Promise<string | undefined> {
  return ifPossible("fused kernels", context, async () => {
    await compileKernels(dir, libraries, context);
    return await kernelSourcesDigest();
  });
}

/** What `build` gives; undefined, and told to the user, where something that it needs is missing. */
async function ifPossible(
  what: string,
  context: SetupContext,
  build: () => Promise<string | undefined>,
): Promise<string | undefined> {
  try {
    return await build();
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    context.tell(`  no ${what}: ${error.message}\n  remedy: ${error.remedy}`);
    return undefined;
  }
}
