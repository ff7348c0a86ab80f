/**
 * What Deno, Node.js and browsers do differently.
 *
 * The core runs in all of them. What reads files, the environment or the processor is in modules of its own,
 * which are imported only in Deno, at addresses that bundlers do not follow.
 *
 * @module
 */
import { MissingError } from "../../norms/basics/errors.ts";

/** The part of Deno that says what can be read. */
interface Deno {
  readonly permissions: {
    query(descriptor: { name: "read"; path: URL }): Promise<{ readonly state: string }>;
  };
}

/** Where the files of Normbench are, and how to import its system modules, by path. */
interface Installation {
  readonly root: URL;
  readonly modules: Readonly<Record<string, () => Promise<unknown>>>;
}

let installation: Installation = { root: new URL("../../", import.meta.url), modules: {} };

/** Tells a program that was bundled where its files are, and which system modules it includes. */
export function setInstallation(bundled: Installation): void {
  installation = bundled;
}

/**
 * The address of a file of Normbench that is not a module.
 *
 * @param path From the root of the repository, such as `harness/bench/peers.py`.
 */
export function fileAddress(path: string): URL {
  return new URL(path, installation.root);
}

/**
 * Imports a module that needs an operating system; prompts for nothing.
 *
 * Deno asks for read permission here, because it cannot see such an import before the program starts.
 *
 * @typeParam Module Type of the module, `typeof import("./module.ts")`.
 * @param path From the root of the repository, such as `harness/run/machine.ts`.
 * @throws {MissingError} Where Deno does not run, or may not read the module.
 */
export async function importSystemModule<Module>(path: string): Promise<Module> {
  const { Deno: runtime } = globalThis as { Deno?: Deno };
  if (runtime === undefined) {
    throw new MissingError("it needs an operating system", "run it under Deno");
  }
  const bundled = installation.modules[path];
  if (bundled !== undefined) return await bundled() as Module;
  const url = fileAddress(path);
  if (url.protocol === "file:") {
    const { state } = await runtime.permissions.query({ name: "read", path: url });
    if (state !== "granted") {
      throw new MissingError(`${url.pathname} may not be read`, "allow it with --allow-read");
    }
  }
  return await import(url.href);
}
