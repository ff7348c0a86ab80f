/**
 * A file that one process at a time appends to.
 *
 * The system releases the lock when a process ends, however it ends. Beside the file lies the name of its
 * owner, for the message to others; it stays behind where a process was killed.
 *
 * @module
 */
import { UsageError } from "../../norms/basics/errors.ts";

/** Who writes to a file. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When it began, in UTC. */
  readonly since: string;
}

export class LockedFile implements Disposable {
  #file: Deno.FsFile;
  readonly #ownerPath: string;

  /**
   * Opens a file, which is made if needed.
   *
   * @throws {UsageError} naming the owner, if another process has it.
   */
  constructor(readonly path: string) {
    this.#ownerPath = `${path}.owner`;
    const former = readOwner(this.#ownerPath);
    const file = openLocked(path);
    if (file === undefined) {
      const who = former === undefined ? "another process" : describe(former);
      throw new UsageError(
        `${path} is being written by ${who}. Wait for it to end, stop it, or name another folder.`,
      );
    }
    this.#file = file;
    if (former !== undefined) {
      console.error(`${path} was left by ${describe(former)}, which has ended: taking it over.`);
    }
    const owner: Owner = { pid: Deno.pid, host: hostname(), since: new Date().toISOString() };
    Deno.writeTextFileSync(this.#ownerPath, `${JSON.stringify(owner)}\n`);
  }

  /** Writes text at the end, synchronously and whole. */
  append(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (let from = 0; from < bytes.length;) from += this.#file.writeSync(bytes.subarray(from));
  }

  truncate(bytes: number): void {
    this.#file.truncateSync(bytes);
  }

  /** Writes other text in place of all, in one step. */
  replace(text: string): void {
    const partial = `${this.path}.part`;
    Deno.writeTextFileSync(partial, text);
    Deno.renameSync(partial, this.path);
    const file = openLocked(this.path);
    if (file === undefined) {
      throw new UsageError(`${this.path} is being written by another process`);
    }
    this.#file.close();
    this.#file = file;
  }

  /** Releases the lock and closes the file. */
  [Symbol.dispose](): void {
    try {
      Deno.removeSync(this.#ownerPath);
    } catch {
      // Whoever removed the folder has removed it too.
    }
    this.#file.close();
  }
}

/** Opens a file and locks it; undefined if another process has it. */
function openLocked(path: string): Deno.FsFile | undefined {
  for (;;) {
    const file = Deno.openSync(path, { read: true, append: true, create: true });
    if (!lock(file, path)) {
      file.close();
      return undefined;
    }
    // Its last owner may have put another file in its place meanwhile.
    if (file.statSync().ino === Deno.statSync(path).ino) return file;
    file.close();
  }
}

/** Whether the lock is ours; yes where the disk has no locks. */
function lock(file: Deno.FsFile, path: string): boolean {
  try {
    return file.tryLockSync(true);
  } catch (error) {
    console.error(`${path} cannot be locked (${error}): do not start a second run in its folder.`);
    return true;
  }
}

function readOwner(path: string): Owner | undefined {
  try {
    const owner = JSON.parse(Deno.readTextFileSync(path));
    return typeof owner?.pid === "number" ? owner : undefined;
  } catch {
    return undefined; // None, not yet written, or damaged.
  }
}

function describe({ pid, host, since }: Owner): string {
  return `process ${pid} on ${host} since ${since}`;
}

function hostname(): string {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "hostname" });
  return state === "granted" ? Deno.hostname() : "a host without a name";
}
