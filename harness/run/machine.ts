/**
 * The machine, as only the operating system knows it: processor, checkout, files, cache folder.
 *
 * Nothing here asks for a permission, or fails without it.
 *
 * @module
 */
import { cpus } from "node:os";
import { join } from "node:path";

/** Model of the processor; `unknown` without `--allow-sys=cpus` or where the system does not name it. */
export async function processorModel(): Promise<string> {
  if (!await isGranted({ name: "sys", kind: "cpus" })) return "unknown";
  return cpus()[0]?.model.trim() || "unknown";
}

/**
 * Git commit of the checkout `folder`, with `-dirty` when it has changes.
 *
 * @returns `null` without `--allow-run=git`, without git, and outside a checkout.
 */
export async function commit(
  folder: string | undefined = import.meta.dirname,
): Promise<string | null> {
  if (!folder || !await isGranted({ name: "run", command: "git" })) return null;
  const head = await git(folder, "rev-parse", "HEAD");
  if (head === null) return null;
  return await git(folder, "status", "--porcelain") === "" ? head : `${head}-dirty`;
}

async function git(folder: string, ...args: string[]): Promise<string | null> {
  try {
    const command = new Deno.Command("git", {
      // A lock would stop what the user does with the repository meanwhile.
      args: ["--no-optional-locks", "-C", folder, ...args],
      stderr: "null",
    });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    return null; // Git is not installed.
  }
}

async function isGranted(permission: Deno.PermissionDescriptor): Promise<boolean> {
  return (await Deno.permissions.query(permission)).state === "granted";
}

/** Whether `path` is a file or folder that can be read. */
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
 * The folder for downloads and builds: `$XDG_CACHE_HOME/normbench`, or the equivalent of the platform.
 *
 * It is outside the checkout, so that all checkouts share it.
 *
 * @returns `undefined` without a home folder.
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

/** Never prompts: checking for a backend that was not set up must not ask the user. */
function readEnvIfAllowed(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
