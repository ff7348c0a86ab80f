/**
 * A libtensorflow that is there already, named by the user; it is used where it lies.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { buildBinding } from "./binding.ts";
import { findLibraries } from "./libraries.ts";
import type { AcquireFrom } from "./source.ts";

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
