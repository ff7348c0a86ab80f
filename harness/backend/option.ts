/**
 * The options that choose backends; apart from the choice itself, which browsers make, too.
 *
 * @module
 */
import { type Option, text } from "../run/options.ts";
import { candidatesFor, parseRequest } from "./choose.ts";
import { BACKEND_NAMES, backendNamed } from "./registry.ts";

const NAMES = BACKEND_NAMES.join(", ");

/** `--backend` of tasks that run on several, which {@linkcode selectBackends} understands. */
export function backendsOption(fallback: "auto" | "all" | "cpu"): Option<string> {
  const about = `auto (the fastest), all, or some of ${NAMES}, separated by commas`;
  return text("NAMES", about, fallback);
}

/** `--backend` of tasks that run on one. */
export function backendOption(): Option<string> {
  return text("NAME", `auto (the fastest), or one of ${NAMES}`, "auto");
}

/** The permissions that a task does without on these backends, and with data from a folder that is named. */
export function unneeded(
  { backend, dataDir }: { readonly backend: string; readonly dataDir?: string | undefined },
): Deno.PermissionDescriptor["name"][] {
  const isNative = candidatesFor(parseRequest(backend)).some((name) => backendNamed(name).isNative);
  return [
    ...(isNative ? [] : ["ffi"] as const),
    ...(dataDir === undefined ? [] : ["net"] as const),
  ];
}
