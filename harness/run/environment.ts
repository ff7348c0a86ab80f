/**
 * What the header record and `deno task doctor` say about the machine.
 *
 * Nothing here asks for a permission or fails without one; what cannot be read is unknown.
 *
 * @module
 */
import configuration from "../../deno.json" with { type: "json" };
import { MissingError } from "../../norms/basics/errors.ts";
import * as tf from "../../norms/basics/tf.ts";
import { type BackendDescription, type Environment, type HeaderRecord, SCHEMA } from "./record.ts";
import { importSystemModule } from "./runtime.ts";

/** Version of Normbench. */
export const VERSION = configuration.version;

interface Runtime {
  readonly version: { readonly deno: string; readonly v8: string };
  readonly build: { readonly os: string; readonly arch: string };
}

/** Describes this machine and this checkout. */
export async function environment(): Promise<Environment> {
  const { Deno: runtime } = globalThis as { Deno?: Runtime };
  return {
    normbench: VERSION,
    ...await machine(),
    versions: {
      ...(runtime === undefined ? {} : { deno: runtime.version.deno, v8: runtime.version.v8 }),
      tfjs: tf.version.tfjs,
    },
    platform: runtime === undefined
      ? navigator.userAgent
      : `${runtime.build.os} ${runtime.build.arch}`,
    cores: navigator.hardwareConcurrency,
  };
}

/** What only the operating system knows; unknown in a browser, and without permissions. */
async function machine(): Promise<Pick<Environment, "commit" | "cpu">> {
  try {
    const path = "harness/run/machine.ts";
    const module = await importSystemModule<typeof import("./machine.ts")>(path);
    return { commit: await module.commit(), cpu: await module.processorModel() };
  } catch (error) {
    if (error instanceof MissingError) return { commit: null, cpu: "unknown" };
    throw error;
  }
}

/** The header of a run: this machine, the backends of the run, and its options. */
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
