/**
 * The machine, as only the operating system knows it: processor, checkout, files, cache folder.
 *
 * Nothing here asks for a permission, or fails without it.
 *
 * @module
 */
import { cpus } from "node:os";
import { join } from "node:path";

/** Model of the processor; `unknown` without `--allow-sys=cpus` or where the system does not tell. */
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
    const command = new Deno.Command("git", { args: ["-C", folder, ...args], stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    return null; // There is no git to run.
  }
}

async function isGranted(permission: Deno.PermissionDescriptor): Promise<boolean> {
  return (await Deno.permissions.query(permission)).state === "granted";
}

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
