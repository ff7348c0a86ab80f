/**
 * Paths on this machine.
 *
 * @module
 */
import { join } from "node:path";

/** Whether there is a file or a folder that may be looked at. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Reads one environment variable; `undefined` where it is unset. */
export type ReadEnv = (name: string) => string | undefined;

/**
 * Where Normbench keeps what it downloads or builds for this machine: `$XDG_CACHE_HOME/normbench`, or
 * what the platform uses in its place.
 *
 * It is outside the checkout, so that every checkout shares it and deleting one loses nothing.
 *
 * @returns `undefined` where no home folder is known.
 */
export function cacheDir(
  env: ReadEnv = readEnvIfAllowed,
  os: typeof Deno.build.os = Deno.build.os,
): string | undefined {
  const base = env("XDG_CACHE_HOME") || platformCache(env, os);
  return base ? join(base, "normbench") : undefined;
}

function platformCache(env: ReadEnv, os: typeof Deno.build.os): string | undefined {
  if (os === "windows") return env("LOCALAPPDATA");
  const home = env("HOME");
  if (!home) return undefined;
  return os === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
}

/** Never asks the user: looking for a backend that was never set up must not raise a prompt. */
function readEnvIfAllowed(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
