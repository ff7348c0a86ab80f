/**
 * Peers: the same computations in another framework, in a Python process of its own.
 *
 * @module
 */
import { MissingError } from "../../norms/basics/errors.ts";
import type { Job } from "./job.ts";
import type { Effort } from "./measure.ts";

/** The frameworks: what a user would pick instead. */
export const PEERS = ["pytorch", "keras"] as const;

/** Name of a framework. */
export type PeerName = typeof PEERS[number];

/** What to install for each. */
const PACKAGES: Readonly<Record<PeerName, string>> = {
  pytorch: "torch",
  keras: "keras tensorflow",
};

/** What a peer took. */
export interface PeerSamples {
  readonly name: string;
  /** Runs in a sample. */
  readonly batch: number;
  /** Seconds a run. */
  readonly samples: number[] | Error;
}

/** Another framework. */
export interface Peer {
  readonly name: PeerName;
  /** Its version, and on what it runs. */
  readonly version: string;
  /** Times a job for a while; `undefined` where the framework has nothing like it. */
  time(job: Job, effort: Effort): Promise<PeerSamples | undefined>;
  /** Ends its process. */
  close(): Promise<void>;
}

/** What the script answers, a line each. */
type Answer =
  | { readonly version: string }
  | { readonly missing: string }
  | { readonly batch: number; readonly samples: number[] }
  | { readonly unsupported: true }
  | { readonly error: string };

/**
 * Starts a peer.
 *
 * @throws {MissingError} if there is no such Python, or it does not have the framework.
 */
export async function startPeer(name: PeerName, python: string): Promise<Peer> {
  const process = await startPython(name, python);
  const ask = converse(process);
  const hello = await ask();
  if (hello === undefined || !("version" in hello)) {
    await end(process);
    const reason = hello !== undefined && "missing" in hello
      ? hello.missing
      : "it ended without an answer";
    throw new MissingError(
      `${python} does not have ${name}: ${reason}`,
      `run ${python} -m pip install ${PACKAGES[name]}, or name another Python with --python`,
    );
  }
  return {
    name,
    version: hello.version,
    async time(job, effort) {
      const answer = await ask(request(job, effort));
      if (answer !== undefined && "unsupported" in answer) return undefined;
      if (answer !== undefined && "samples" in answer) return { name, ...answer };
      const reason = answer !== undefined && "error" in answer ? answer.error : "it ended early";
      return { name, batch: 1, samples: new Error(reason) };
    },
    close: () => end(process),
  };
}

/** Closes what the process reads, upon which it ends. */
async function end(process: Deno.ChildProcess): Promise<void> {
  // One that has ended already cannot be closed, and need not be.
  await process.stdin.close().catch(() => {});
  await process.status;
}

async function startPython(name: PeerName, python: string): Promise<Deno.ChildProcess> {
  // As text, since this module may have come from a server.
  const program = await (await fetch(new URL("./peers.py", import.meta.url))).text();
  try {
    return new Deno.Command(python, {
      args: ["-u", "-c", program, name],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new MissingError(`there is no Python at ${python}`, "name another with --python", {
      cause,
    });
  }
}

/** Sends a question, if there is one, and reads one line; `undefined` where the process has ended. */
function converse(process: Deno.ChildProcess) {
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(splitLines())
    .getReader();
  const encoder = new TextEncoder();
  return async (question?: unknown): Promise<Answer | undefined> => {
    if (question !== undefined) {
      const writer = process.stdin.getWriter();
      // Nobody reads it any more where the process has ended; then there is no answer, either.
      await writer.write(encoder.encode(`${JSON.stringify(question)}\n`)).catch(() => {});
      writer.releaseLock();
    }
    const { value } = await lines.read();
    return value === undefined ? undefined : JSON.parse(value) as Answer;
  };
}

function splitLines(): TransformStream<string, string> {
  let rest = "";
  return new TransformStream({
    transform(chunk, controller) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      lines.forEach((line) => controller.enqueue(line));
    },
  });
}

/** What the script has to know of a job. */
function request(job: Job, { seconds, leastRounds }: Effort): unknown {
  const { norm, workload, network, shape, options } = job;
  return { norm: norm.name, workload, network, shape, options, seconds, leastRounds };
}
