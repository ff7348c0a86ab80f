/**
 * Peers: the same computations in another framework, in a separate Python process.
 *
 * @module
 */
import { MissingError } from "../../norms/basics/errors.ts";
import { type Option, someOf } from "../run/options.ts";
import { fileAddress } from "../run/runtime.ts";
import { NORM_SETTINGS } from "../../models/norm_layer.ts";
import { type Job, type Network, NETWORKS } from "./jobs.ts";
import type { Effort, Taken } from "./measure.ts";

/** The frameworks by name: a new one takes a line here and a class in `peers.py`. */
const PEERS = {
  pytorch: { packages: "torch", aliases: [] },
  keras: { packages: "keras tensorflow", aliases: ["tensorflow"] },
} as const;

type PeerName = keyof typeof PEERS;

/** An option that takes names of frameworks, or their aliases; none unless it is given. */
export function peerOption(about: string): Option<PeerName[]> {
  const known = Object.keys(PEERS) as PeerName[];
  const named = someOf(known, about);
  const nameOf = (given: string) =>
    known.find((name) => (PEERS[name].aliases as readonly string[]).includes(given)) ?? given;
  return {
    takes: "NAMES",
    about: named.about,
    read: (values, option) => {
      const given = values.flatMap((value) => value.split(",")).map((value) => value.trim());
      return given.length === 0 ? [] : named.read(given.map(nameOf), option);
    },
  };
}

export interface PeerSamples {
  readonly name: string;
  /** Runs in a sample. */
  readonly batch: number;
  readonly samples: Taken;
}

export interface Peer {
  readonly name: PeerName;
  /** Its version, and what it runs on. */
  readonly version: string;
  /** Times a job; `undefined` where the framework has no equivalent. */
  time(job: Job, effort: Effort): Promise<PeerSamples | undefined>;
  close(): Promise<void>;
}

type Answer =
  | { readonly version: string }
  | { readonly missing: string }
  | { readonly batch: number; readonly samples: number[] }
  | { readonly unsupported: true }
  | { readonly error: string };

/**
 * Starts a peer.
 *
 * @throws {MissingError} if there is no such Python, or it lacks the framework.
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
      `run ${python} -m pip install ${PEERS[name].packages}, or name another Python with --python`,
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

/** Closes the standard input of the process, which ends it. */
async function end(process: Deno.ChildProcess): Promise<void> {
  // This fails where the process has already ended.
  await process.stdin.close().catch(() => {});
  await process.status;
}

async function startPython(name: PeerName, python: string): Promise<Deno.ChildProcess> {
  // Read here, since Python cannot read it where this module comes from a server.
  const program = await (await fetch(fileAddress("harness/bench/peers.py"))).text();
  try {
    return new Deno.Command(python, {
      args: ["-u", "-c", program, name],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new MissingError(`there is no Python at ${python}`, "name another one with --python", {
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
      // This fails where the process has ended; then there is no answer, either.
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

function request(job: Job, { seconds, leastRounds }: Effort): unknown {
  const { norm, workload, network, shape, options } = job;
  return {
    norm: norm.name,
    workload,
    shape,
    options,
    ...(network === undefined ? {} : networkOf(job, NETWORKS[network]!)),
    seconds,
    leastRounds,
  };
}

function networkOf({ norm, shape }: Job, { model: { architecture, hidden } }: Network) {
  return {
    architecture,
    hidden: hidden.map((units) => ({
      units,
      options: norm.networkOptions([...shape.slice(0, -1), units], NORM_SETTINGS),
    })),
  };
}
