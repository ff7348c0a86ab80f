/**
 * What the setup needs of the machine: programs, downloads, room on the disk. Tests replace it.
 *
 * In all of the setup, what the machine or the network lacks is a `MissingError` with the remedy.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { MissingError } from "../../norms/basics/errors.ts";
import type { Digest } from "../run/download.ts";
import { downloadArchive, unpack } from "./archive.ts";

export interface CommandResult {
  /** Exit status; 127 where there is no such program, 126 where it cannot be run. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one program to its end.
 *
 * `env` is set on top of the environment; with `show` the user sees what it prints, and not the caller.
 */
export type RunCommand = (
  program: string,
  args: readonly string[],
  options?: { readonly env?: Readonly<Record<string, string>>; readonly show?: boolean },
) => Promise<CommandResult>;

/**
 * Runs programs of this machine.
 *
 * @param signal Kills the program that is running and makes its caller throw.
 */
export function commandRunner(signal: AbortSignal): RunCommand {
  return async (program, args, { env = {}, show = false } = {}) => {
    const output = show ? "inherit" : "piped";
    let child: Deno.ChildProcess;
    try {
      child = new Deno.Command(program, {
        args: [...args],
        env: { ...env },
        stdin: "null",
        stdout: output,
        stderr: output,
        signal,
      }).spawn();
    } catch (error) {
      const failed = (code: number, why: string) => ({
        code,
        stdout: "",
        stderr: `${program}: ${why}`,
      });
      if (error instanceof Deno.errors.NotFound) return failed(127, "not found");
      // A folder, for instance.
      if (error instanceof Deno.errors.PermissionDenied) {
        return failed(126, "not a program that may be run");
      }
      throw error;
    }
    const [{ code }, stdout, stderr] = await Promise.all([
      child.status,
      show ? "" : new Response(child.stdout).text(),
      show ? "" : new Response(child.stderr).text(),
    ]);
    signal.throwIfAborted();
    return { code, stdout: stdout.trim(), stderr: stderr.trim() };
  };
}

export async function firstThatAnswers(
  programs: readonly string[],
  args: readonly string[],
  run: RunCommand,
): Promise<string | undefined> {
  for (const program of programs) {
    if ((await run(program, args)).code === 0) return program;
  }
  return undefined;
}

export interface SetupContext {
  readonly run: RunCommand;
  /** Downloads a file and checks it; see {@linkcode downloadArchive}. */
  readonly download: (url: string, path: string, digest: Digest | null) => Promise<void>;
  /** Unpacks a `.tar.gz` into a folder; see {@linkcode unpack}. */
  readonly unpack: (archive: string, into: string, strip: number) => Promise<void>;
  readonly tell: (line: string) => void;
  /** Waits a moment. */
  readonly pause: () => Promise<void>;
  readonly env: (name: string) => string | undefined;
  /** Free space in bytes where `path` lies. */
  readonly freeBytes: (path: string) => Promise<number>;
  /** Operating system and architecture, such as `linux x86_64`. */
  readonly platform: string;
}

/**
 * The outside world as it is.
 *
 * @param signal Ends what is running.
 */
export function realContext(signal: AbortSignal): SetupContext {
  const tell = (line: string) => console.error(line);
  return {
    run: commandRunner(signal),
    download: (url, path, digest) => downloadArchive(url, path, digest, tell, { signal }),
    unpack: (archive, into, strip) => unpack(archive, into, strip, signal),
    tell,
    pause: () => setTimeout(200, undefined, { signal }),
    env: (name) => Deno.env.get(name),
    freeBytes: async (path) => {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    },
    platform: `${Deno.build.os} ${Deno.build.arch}`,
  };
}

/** Makes sure that `bytes` are free where `dir` lies. */
export async function requireSpace(
  dir: string,
  bytes: number,
  context: SetupContext,
): Promise<void> {
  const free = await context.freeBytes(dir);
  if (free >= bytes) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new MissingError(
    `${dir} has ${gigabytes(free)} free, and the setup needs ${gigabytes(bytes)}`,
    "make room, or set XDG_CACHE_HOME to a folder on another disk, for Normbench's tasks too",
  );
}

/** Makes sure that `what` was built for this machine. */
export function requireLinux(what: string, { platform }: SetupContext): void {
  if (platform === "linux x86_64") return;
  throw new MissingError(
    `${what} are chosen for linux x86_64, and this is ${platform}`,
    "name a libtensorflow of this machine: deno task setup --tensorflow PATH",
  );
}
