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

/**
 * Waits for one turn of the event loop.
 *
 * Without it, work that never waits, as on backends that compute synchronously, blocks timers and Ctrl-C.
 */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
