/**
 * The option that chooses backends.
 *
 * @module
 */
import { type Option, text } from "../run/options.ts";
import { BACKEND_NAMES } from "./registry.ts";

/** `--backend`, which {@linkcode selectBackends} understands. */
export function backendOption(fallback: "auto" | "all"): Option<string> {
  return text(
    "NAMES",
    `auto (the fastest), all, or some of ${BACKEND_NAMES.join(", ")}, separated by commas`,
    fallback,
  );
}
