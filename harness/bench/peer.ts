/**
 * Peers: the same computations in another framework, in a separate Python process.
 *
 * @module
 */
import { messageOf, MissingError } from "../../norms/basics/errors.ts";
import { type Option, someOf } from "../run/options.ts";
import { fileAddress } from "../run/runtime.ts";
import { chosenNorm, hasBeta, NORM_SETTINGS } from "../../models/norm_layer.ts";
import { failedTiming } from "./contender.ts";
import { isStep, type Job, NETWORKS, normNameOf, type StepJob } from "./jobs.ts";
import type { Ready } from "./measure.ts";
import type { FailedTiming } from "./record.ts";

/** How a framework does it, as `peers.py` understands it; each is a contender. */
type Variants = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

/**
 * The frameworks by name: a new one takes a record here and a class in `peers.py`. A variant that a
 * framework has no use for in a job is left out.
 */
const PEERS = {
  pytorch: {
    packages: "torch",
    aliases: [],
    variants: { "pytorch": {}, "pytorch channels-last": { channelsLast: true } },
  },
  keras: {
    packages: "keras tensorflow",
    aliases: ["tensorflow"],
    variants: { "keras": {}, "keras XLA": { xla: true } },
  },
} as const satisfies Readonly<
  Record<string, { packages: string; aliases: readonly string[]; variants: Variants }>
>;

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

/** The contenders of a framework in a job; none where it has no equivalent. */
export interface Prepared {
  readonly ready: readonly Ready[];
  readonly failed: readonly FailedTiming[];
}

export interface Peer {
  readonly name: PeerName;
  /** Its version, and what it runs on. */
  readonly version: string;
  /** Builds and warms up what the framework has for a job, in place of what it had for the last. */
  prepare(job: Job): Promise<Prepared>;
  close(): Promise<void>;
}

type Answer =
  | { readonly version: string }
  | { readonly missing: string }
  | { readonly batch: number }
  | { readonly seconds: number }
  | { readonly unsupported: true }
  | { readonly error: string };

/** Milliseconds that a Python may take to import its framework. */
const PATIENCE = 300_000;

/**
 * Starts a peer.
 *
 * @param patience Milliseconds until a program that says nothing is killed.
 * @throws {MissingError} if there is no such Python, or it lacks the framework.
 */
export async function startPeer(
  name: PeerName,
  python: string,
  patience = PATIENCE,
): Promise<Peer> {
  const process = await startPython(name, python);
  const ask = converse(process);
  const silent = setTimeout(() => process.kill("SIGKILL"), patience);
  const hello = await ask();
  clearTimeout(silent);
  if (hello === undefined || !("version" in hello)) {
    await end(process);
    const reason = hello !== undefined && "missing" in hello
      ? hello.missing
      : hello !== undefined && "error" in hello
      ? hello.error
      : "it ended without an answer";
    throw new MissingError(
      `${python} does not have ${name}: ${reason}`,
      `run ${python} -m pip install ${PEERS[name].packages}, or name another Python with --python`,
    );
  }
  return {
    name,
    version: hello.version,
    async prepare(job) {
      const ready: Ready[] = [];
      const failed: FailedTiming[] = [];
      await ask({ forget: true });
      for (const [variant, choices] of Object.entries(PEERS[name].variants)) {
        const answer = await ask({ variant, prepare: { ...request(job), ...choices } });
        if (answer !== undefined && "unsupported" in answer) continue;
        const contender = { name: variant, role: "peer" } as const;
        if (answer === undefined || !("batch" in answer)) {
          failed.push(failedTiming(contender, failureIn(answer)));
          continue;
        }
        const sample = async (turn: number) => {
          const answer = await ask({ variant, turn });
          if (answer !== undefined && "seconds" in answer) return answer.seconds;
          throw failureIn(answer);
        };
        ready.push({ ...contender, batch: answer.batch, sample });
      }
      return { ready, failed };
    },
    close: () => end(process),
  };
}

function failureIn(answer: Answer | undefined): Error {
  return new Error(answer !== undefined && "error" in answer ? answer.error : "it ended early");
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
    const reason = cause instanceof Deno.errors.NotFound
      ? `there is no Python at ${python}`
      : `${python} cannot be run: ${messageOf(cause)}`;
    throw new MissingError(reason, "name another one with --python", { cause });
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
    return value === undefined ? undefined : answerIn(value);
  };
}

function answerIn(line: string): Answer {
  try {
    return JSON.parse(line);
  } catch {
    return { error: `it answered ${JSON.stringify(line.slice(0, 80))}` };
  }
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

function request(job: Job): Readonly<Record<string, unknown>> {
  const { workload, shape } = job;
  const common = { norm: normNameOf(job), workload, shape };
  return isStep(job) ? { ...common, ...networkOf(job) } : { ...common, options: job.options };
}

/** The hidden layers, with the options and biases that ours have. */
function networkOf({ norm: choice, network, shape }: StepJob) {
  const { architecture, hidden } = NETWORKS[network]!.model;
  const norm = chosenNorm(choice)?.norm;
  return {
    architecture,
    hidden: hidden.map((units) => ({
      units,
      bias: !hasBeta(choice),
      options: norm?.networkOptions([...shape.slice(0, -1), units], NORM_SETTINGS) ?? {},
    })),
  };
}
