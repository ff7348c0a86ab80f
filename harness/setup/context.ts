/**
 * What the steps of the setup need from the outside world; tests put their own in place.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { commandRunner, type RunCommand } from "./command.ts";
import { type Digest, download } from "./download.ts";

/** The outside world of a setup. */
export interface SetupContext {
  /** Runs another program. */
  readonly run: RunCommand;
  /** Downloads a file and checks it; see {@linkcode download}. */
  readonly download: (url: string, path: string, digest: Digest | null) => Promise<void>;
  /** Tells the user what is being done. */
  readonly tell: (line: string) => void;
  /** Environment variables. */
  readonly env: (name: string) => string | undefined;
  /** Free space in bytes where `path` lies. */
  readonly freeBytes: (path: string) => Promise<number>;
  /** Operating system and architecture, such as `linux x86_64`. */
  readonly platform: string;
}

/**
 * The outside world as it is.
 *
 * @param signal Ends whatever is under way.
 */
export function realContext(signal: AbortSignal): SetupContext {
  const tell = (line: string) => console.error(line);
  const request = (url: string) => fetch(url, { signal });
  return {
    run: commandRunner(signal),
    download: (url, path, digest) => download(url, path, digest, request, tell),
    tell,
    env: (name) => Deno.env.get(name),
    freeBytes: async (path) => {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    },
    platform: `${Deno.build.os} ${Deno.build.arch}`,
  };
}
