/**
 * The package's own download: the libtensorflow and the compiled binding that it was published with.
 *
 * @module
 */
import { basename, join } from "node:path";
import { requireLinux, requireSpace, type SetupContext } from "./context.ts";
import type { AcquireFrom } from "./libraries.ts";
import { bindingPath, packageDir } from "../backend/tensorflow/manifest.ts";
import { TFJS_NODE } from "./npm_package.ts";

/** The libtensorflow that the package names in its installer. */
const VERSION = "2.9.1";

/** Disk space in bytes that the archives take while they are unpacked. */
const SPACE = { cpu: 1e9, gpu: 3e9 };

/** The source `stock`: needs no Python and no compiler; on GPUs it needs CUDA 11.2. */
export const fromStock: AcquireFrom = async (dir, gpu, context) => {
  requireLinux("The package's libraries", context);
  await requireSpace(dir, gpu ? SPACE.gpu : SPACE.cpu, context);
  const device = gpu ? "gpu" : "cpu";
  const deps = join(packageDir(dir), "deps");
  const libraries =
    `tensorflow/libtensorflow/libtensorflow-${device}-linux-x86_64-${VERSION}.tar.gz`;
  await fetchFromStorage(libraries, deps, 0, context);
  const binding = `tf-builds/pre-built-binary/napi-v8/${TFJS_NODE.version}/` +
    `${device.toUpperCase()}-linux-${TFJS_NODE.version}.tar.gz`;
  await fetchFromStorage(binding, join(bindingPath(dir), ".."), 1, context);
  await Deno.remove(join(deps, "include"), { recursive: true });
  return {
    origin: `libtensorflow ${VERSION}, the package's own download`,
    files: ["libtensorflow.so.2", "libtensorflow_framework.so.2"].map((name) =>
      join("package", "deps", "lib", name)
    ),
  };
};

/** Fetches one archive; `TFJS_NODE_CDN_STORAGE` names a mirror, as in the package's installer. */
async function fetchFromStorage(
  path: string,
  into: string,
  strip: number,
  context: SetupContext,
): Promise<void> {
  const storage = context.env("TFJS_NODE_CDN_STORAGE") || "https://storage.googleapis.com/";
  context.tell(`Downloading ${basename(path)} …`);
  const archive = `${into}.tar.gz`;
  await Deno.mkdir(into, { recursive: true });
  await context.download(new URL(path, storage).href, archive, null);
  await context.unpack(archive, into, strip);
  await Deno.remove(archive);
}
