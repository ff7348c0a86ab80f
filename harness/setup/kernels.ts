/**
 * Compiling Normbench's own operations for native TensorFlow, of which the implementation `fused` of
 * the norms consists there.
 *
 * They are a library of their own beside the binding, and need no headers of TensorFlow: a change of
 * their sources costs a few seconds of compilation, and no download.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { MissingError } from "../../norms/basics/errors.ts";
import { findCompiler } from "./binding.ts";
import type { SetupContext } from "./context.ts";

/** The library, in the folder of the native backend. */
export const KERNELS_LIBRARY = "normbench_kernels.so";

/** Where the sources are. */
const SOURCES = new URL("../../norms/fused/tensorflow/kernels/", import.meta.url);

/** Paths of the sources, in the same order everywhere. */
async function sourcePaths(): Promise<string[]> {
  const dir = fileURLToPath(SOURCES);
  const names = await Array.fromAsync(Deno.readDir(dir), ({ name }) => name);
  return names.sort().map((name) => join(dir, name));
}

/**
 * SHA-256 of the sources in hexadecimal, by which a library of other sources is told apart; undefined
 * where they may not be read, or do not lie on a disk.
 */
export async function kernelSourcesDigest(): Promise<string | undefined> {
  if (SOURCES.protocol !== "file:") return undefined;
  const { state } = await Deno.permissions.query({ name: "read", path: SOURCES });
  if (state !== "granted") return undefined;
  const hash = createHash("sha256");
  for (const path of await sourcePaths()) {
    hash.update(`${basename(path)}\0`).update(await Deno.readFile(path));
  }
  return hash.digest("hex");
}

/**
 * Compiles the library into the folder `dir`.
 *
 * @param libraries Those of TensorFlow, relative to `dir` unless they lie elsewhere.
 * @throws {MissingError} Where there is no compiler, or it fails.
 */
async function compile(
  dir: string,
  libraries: readonly string[],
  context: SetupContext,
): Promise<void> {
  if (!context.platform.startsWith("linux")) {
    throw new MissingError(
      `they are for Linux, and this is ${context.platform}`,
      "take another implementation of the norms, such as analytic",
    );
  }
  const compiler = await findCompiler(context);
  context.tell(`Compiling the fused kernels with ${compiler} …`);
  const sources = (await sourcePaths()).filter((path) => path.endsWith(".cc"));
  const unfinished = join(dir, `${KERNELS_LIBRARY}.new`);
  const { code, stderr } = await context.run(compiler, [
    "-std=c++17",
    // Loops that say so are vectorized, also where that changes the order of a sum.
    ...["-O3", "-fopenmp-simd", "-fno-math-errno"],
    ...["-fPIC", "-shared", "-pthread"],
    ...sources,
    ...libraries.flatMap((path) => [
      `-L${dirname(resolve(dir, path))}`,
      `-l:${basename(path)}`,
      `-Wl,-rpath,${isAbsolute(path) ? dirname(path) : join("$ORIGIN", dirname(path))}`,
    ]),
    "-o",
    unfinished,
  ]);
  if (code !== 0) {
    throw new MissingError(
      `${compiler} cannot compile them:\n${stderr.split("\n").slice(0, 20).join("\n")}`,
      "it needs C++17; a newer one may do: name it in CXX",
    );
  }
  // In one step: a program may be running with the former one.
  await Deno.rename(unfinished, join(dir, KERNELS_LIBRARY));
}

/**
 * Compiles the kernels, or says why that is not possible: everything else works without them.
 *
 * @returns The digest of their sources; undefined where they are not there.
 */
export async function buildKernels(
  dir: string,
  libraries: readonly string[],
  context: SetupContext,
): Promise<string | undefined> {
  try {
    await compile(dir, libraries, context);
    return await kernelSourcesDigest();
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    context.tell(`  no fused kernels: ${error.message}\n  remedy: ${error.remedy}`);
    return undefined;
  }
}
