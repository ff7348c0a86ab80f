/**
 * Where libtensorflow comes from: what every source provides, and the source that is a folder of the
 * user's.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import { buildBinding, type Libraries } from "./compile.ts";
import type { SetupContext } from "./context.ts";

export interface Acquired {
  /** Where the libraries came from, for people. */
  readonly origin: string;
  /** The libraries, relative to the folder that is being built unless they lie elsewhere. */
  readonly files: readonly string[];
}

/** Puts the libraries into the folder `dir`, and the binding into the copy of the package in it. */
export type AcquireFrom = (
  dir: string,
  gpu: boolean,
  context: SetupContext,
) => Promise<Acquired>;

/** What the library of the C interface is called in a wheel, and in the archive for C. */
const MAIN_LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow.so.2"];
const FRAMEWORK = "libtensorflow_framework.so.2";
const HEADER = join("tensorflow", "c", "eager", "c_api.h");

/**
 * Finds the libraries and headers in `root`: an unpacked archive of libtensorflow, Python's
 * `site-packages`, or the folder `tensorflow` in it.
 */
export async function findLibraries(root: string): Promise<Libraries> {
  for (const base of [root, join(root, "tensorflow")]) {
    for (const dir of [base, join(base, "lib")]) {
      for (const main of MAIN_LIBRARIES) {
        const include = join(base, "include");
        const needed = [join(dir, main), join(dir, FRAMEWORK), join(include, HEADER)];
        const isFile = (path: string) => Deno.stat(path).then((info) => info.isFile, () => false);
        const found = await Promise.all(needed.map(isFile));
        if (found.every(Boolean)) return { dir, names: [main, FRAMEWORK], include };
      }
    }
  }
  throw new MissingError(
    `${root} does not hold TensorFlow: no ${MAIN_LIBRARIES.join(" or ")} with ${FRAMEWORK} and ` +
      `the header ${HEADER} in a folder "include"`,
    "name the folder of an unpacked libtensorflow, or Python's site-packages/tensorflow",
  );
}

/** The source `path`: the folder of an unpacked libtensorflow, or of TensorFlow for Python. */
export function fromPath(path: string): AcquireFrom {
  return async (dir, _gpu, context) => {
    const libraries = await findLibraries(resolve(path));
    await buildBinding(dir, libraries, libraries.dir, context);
    return {
      origin: `libtensorflow in ${libraries.dir}`,
      files: libraries.names.map((name) => join(libraries.dir, name)),
    };
  };
}
