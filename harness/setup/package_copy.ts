/**
 * The private copy of `@tensorflow/tfjs-node`: only its kernels and its backend class are used.
 *
 * @module
 */
import { join, relative } from "node:path";
import type { SetupContext } from "./context.ts";
import { packageDir, sharedTfjsPath } from "../backend/tensorflow/manifest.ts";
import { fetchNpmPackage, type NpmPackage } from "./npm_package.ts";

/** Downloads the package into the folder `dir` and prepares it for the loader. */
export async function copyPackage(
  npmPackage: NpmPackage,
  dir: string,
  context: SetupContext,
): Promise<void> {
  await fetchNpmPackage(npmPackage, packageDir(dir), context);
  await giveSharedTfjs(dir);
  await leaveOutSavedModels(dir);
}

/**
 * Points every module of the copy that asks for TensorFlow.js, or its core, at one empty module, which
 * the loader fills with Normbench's own. By its path: how Deno resolves the package's name depends on
 * where its modules are kept.
 */
async function giveSharedTfjs(dir: string): Promise<void> {
  const shared = sharedTfjsPath(dir);
  await Deno.writeTextFile(shared, '"use strict";\n// Filled by the loader.\n');
  const dist = join(packageDir(dir), "dist");
  for (const folder of [dist, join(dist, "kernels")]) {
    const path = relative(folder, shared);
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.endsWith(".js")) continue;
      const module = join(folder, name);
      const code = await Deno.readTextFile(module);
      await Deno.writeTextFile(
        module,
        code.replaceAll(/require\("@tensorflow\/tfjs(-core)?"\)/g, `require("${path}")`),
      );
    }
  }
}

/**
 * The package's protocol buffers serve saved models and TensorBoard, which Normbench does not use;
 * they need another package and define a global `proto`.
 */
async function leaveOutSavedModels(dir: string): Promise<void> {
  const messages = join(packageDir(dir), "dist", "proto", "api_pb.js");
  await Deno.writeTextFile(messages, '"use strict";\n// Left out: see package_copy.ts.\n');
}
