/**
 * The options that choose backends; apart from the choice itself, which browsers make, too.
 *
 * @module
 */
import { type Option, text } from "../run/options.ts";
import { BACKEND_NAMES } from "./registry.ts";

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
