/**
 * What only the system knows of a machine and a checkout; see `environment.ts`, which works without.
 *
 * @module
 */
import { cpus } from "node:os";

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
