/**
 * Reaching modules that need an operating system.
 *
 * The core also runs in browsers and under Node.js. What reads files, the environment or the processor
 * is a module of its own, imported only under Deno, at an address that bundlers do not follow.
 *
 * @module
 */
import { MissingError } from "../../norms/basics/errors.ts";

/** The part of Deno that says what may be read. */
interface Deno {
  readonly permissions: {
    query(descriptor: { name: "read"; path: URL }): Promise<{ readonly state: string }>;
  };
}

/**
 * Imports the module at `url`, given as `new URL("./module.ts", import.meta.url)`; prompts for nothing.
 *
 * Deno asks for read permission here, because it cannot see such an import before the program starts.
 *
 * @typeParam Module Type of the module, `typeof import("./module.ts")`.
 * @throws {MissingError} Where Deno does not run, or may not read the module.
 */
export async function importSystemModule<Module>(url: URL): Promise<Module> {
  const { Deno: runtime } = globalThis as { Deno?: Deno };
  if (runtime === undefined) {
    throw new MissingError("it needs an operating system", "run it under Deno");
  }
  if (url.protocol === "file:") {
    const { state } = await runtime.permissions.query({ name: "read", path: url });
    if (state !== "granted") {
      throw new MissingError(`${url.pathname} may not be read`, "allow it with --allow-read");
    }
  }
  return await import(url.href);
}
