/**
 * What the tests of the setup share.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import type { SetupContext } from "./context.ts";
import { type Manifest, MANIFEST_SCHEMA } from "../backend/tensorflow/manifest.ts";

/** A manifest as good as any. */
export function anyManifest(): Manifest {
  return {
    schema: MANIFEST_SCHEMA,
    source: "pip",
    origin: "tensorflow-cpu 2.21.0 from pip",
    gpu: false,
    package: "@tensorflow/tfjs-node",
    packageVersion: "4.22.0",
    files: [],
    runtime: { threads: null, logLevel: 2, memoryGrowth: true },
  };
}

/** Runs a test in a folder of its own, and removes it. */
export async function inTempDir(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Writes files that hold nothing but their own names. */
export async function writeFiles(root: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await Deno.mkdir(dirname(join(root, path)), { recursive: true });
    await Deno.writeTextFile(join(root, path), path);
  }
}

/** A context in which nothing answers, but for what `parts` puts in place. */
export function fakeContext(parts: Partial<SetupContext>): SetupContext {
  return {
    run: (program) => Promise.resolve({ code: 127, stdout: "", stderr: `${program}: not found` }),
    download: (url) => Promise.reject(new MissingError(`${url} cannot be reached`, "try again")),
    tell: () => {},
    env: () => undefined,
    freeBytes: () => Promise.resolve(Infinity),
    platform: "linux x86_64",
    ...parts,
  };
}
