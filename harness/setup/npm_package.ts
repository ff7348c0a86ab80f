/**
 * The npm packages whose files the setup uses, without their dependencies and install scripts.
 *
 * Of `@tensorflow/tfjs-node` only the kernels and the backend class are used, from a private copy.
 *
 * @module
 */
import { join, relative } from "node:path";
import { packageDir, sharedTfjsPath } from "../backend/tensorflow/manifest.ts";
import type { SetupContext } from "./context.ts";

/** One version of a package, and the digest that the registry publishes for it. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** In base 64. */
  readonly sha512: string;
}

/** The binding and its kernels, for libraries that run on the processor. */
export const TFJS_NODE: NpmPackage = {
  name: "@tensorflow/tfjs-node",
  version: "4.22.0",
  sha512:
    "uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==",
};

/** The same for libraries that run on a graphics card. */
export const TFJS_NODE_GPU: NpmPackage = {
  name: "@tensorflow/tfjs-node-gpu",
  version: "4.22.0",
  sha512:
    "p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==",
};

export const NODE_API_HEADERS: NpmPackage = {
  name: "node-api-headers",
  version: "1.9.0",
  sha512:
    "2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==",
};

/** Downloads a package from the npm registry (`NPM_CONFIG_REGISTRY`) and unpacks it into `dir`. */
export async function fetchNpmPackage(
  { name, version, sha512 }: NpmPackage,
  dir: string,
  context: SetupContext,
): Promise<void> {
  const registry = (context.env("NPM_CONFIG_REGISTRY") || "https://registry.npmjs.org")
    .replace(/\/+$/, "");
  const archive = `${dir}.tgz`;
  const url = `${registry}/${name}/-/${name.split("/").at(-1)}-${version}.tgz`;
  await context.download(url, archive, { algorithm: "sha512", base64: sha512 });
  await context.unpack(archive, dir, 1);
  await Deno.remove(archive);
}

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
  await Deno.writeTextFile(messages, '"use strict";\n// Left out: see npm_package.ts.\n');
}
