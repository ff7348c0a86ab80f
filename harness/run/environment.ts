/**
 * Where a run is made: what the header record and `deno task doctor` say about the machine.
 *
 * Nothing here asks for a permission or fails without one; what may not be looked at is unknown.
 *
 * @module
 */
import { cpus } from "node:os";
import configuration from "../../deno.json" with { type: "json" };
import * as tf from "../../norms/basics/tf.ts";
import { type BackendDescription, type Environment, type HeaderRecord, SCHEMA } from "./record.ts";

/** Version of Normbench. */
export const VERSION = configuration.version;

/** Describes this machine and this checkout. */
export async function environment(): Promise<Environment> {
  return {
    normbench: VERSION,
    commit: await commit(),
    versions: { deno: Deno.version.deno, v8: Deno.version.v8, tfjs: tf.version.tfjs },
    platform: `${Deno.build.os} ${Deno.build.arch}`,
    cpu: await processorModel(),
    cores: navigator.hardwareConcurrency,
  };
}

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

/** The first record of a run: this machine, the backends that take part and the options of the run. */
export async function runHeader(
  task: string,
  backends: readonly BackendDescription[],
  options: HeaderRecord["options"],
): Promise<HeaderRecord> {
  return {
    kind: "header",
    schema: SCHEMA,
    task,
    environment: await environment(),
    backends: backends.map(({ name, version, device, notes }) => ({
      name,
      version,
      device,
      notes,
    })),
    options: { ...options, backends: backends.map(({ name }) => name) },
  };
}
