/** Refuses what memory cannot hold, before a backend allocates it. */
import { type BackendName, backendNamed } from "./registry.ts";

/** What is about to be allocated. */
interface Demand {
  /** What it is, as the error names it. */
  readonly what: string;
  readonly bytes: number;
  /** What to choose instead. */
  readonly remedy: string;
}

/**
 * Refuses what does not fit.
 *
 * @param available Bytes of the machine that are free.
 * @throws {RangeError} naming what it needs.
 */
export function checkMemory(
  { what, bytes, remedy }: Demand,
  backend: BackendName,
  available: number = availableBytes(),
): void {
  const limit = Math.min(available, backendNamed(backend).addressableBytes ?? Infinity);
  if (bytes <= limit) return;
  throw new RangeError(
    `${what} does not fit in memory: it needs about ${gibibytes(bytes)}, and ${
      gibibytes(limit)
    } are available. ${remedy}`,
  );
}

/** The part of Deno that knows the machine's memory. */
interface Deno {
  readonly permissions: {
    querySync(descriptor: { name: "sys"; kind: "systemMemoryInfo" }): { readonly state: string };
  };
  systemMemoryInfo(): { readonly available: number };
}

/** Bytes that no machine of today has free for one process, where the machine cannot be asked. */
const UNKNOWN = 2 ** 40;

function availableBytes(): number {
  const { Deno: runtime } = globalThis as { Deno?: Deno };
  const state = runtime?.permissions.querySync({ name: "sys", kind: "systemMemoryInfo" }).state;
  return state === "granted" ? runtime!.systemMemoryInfo().available : UNKNOWN;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
