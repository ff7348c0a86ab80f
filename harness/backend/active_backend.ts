/**
 * The backends: which work here, which one to take, and taking it.
 *
 * tfjs has one active backend at a time, for the whole program; so calls of these functions wait for
 * one another. Work over several awaits must have it to itself, and takes its turn by `exclusive.ts`.
 *
 * @module
 */
import * as tf from "../../norms/basics/tf.ts";
import { messageOf, MissingError, UsageError } from "../../norms/basics/errors.ts";
import { absent, candidatesFor, choose, parseRequest } from "./choose.ts";
import { BACKEND_NAMES, type BackendName, backendNamed, type BackendStatus } from "./registry.ts";
import { startTfjsBackend } from "./start.ts";

/** The backend that was last taken, and its name in tfjs; undefined before the first. */
let active: { readonly name: BackendName; readonly tfjsName: string } | undefined;

/** Makes a queue: a function that runs a call after all calls before it, successful or not. */
export function oneByOne(): <T>(call: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (call) => {
    const result = last.then(call);
    last = result.catch(() => {});
    return result;
  };
}

const inTurn = oneByOne();

/**
 * Tries every backend, and leaves the active backend active.
 *
 * @throws {UsageError} If a variable that a backend reads is set wrong.
 */
export function inspectBackends(): Promise<BackendStatus[]> {
  return inTurn(() => inspect(BACKEND_NAMES));
}

/**
 * Finds the backends that a request asks for: `auto` is the fastest that works, `all` every one that
 * works (without `wasm-stock`), and names may be combined with commas. Leaves the active backend
 * active.
 *
 * @returns Those that the request asks for, and those that `all` would include if they worked.
 * @throws {UsageError} If a name is unknown.
 * @throws {MissingError} If a backend that is named does not work here.
 */
export async function findBackends(request: string) {
  const choices = parseRequest(request);
  const candidates = await inTurn(() => inspect(candidatesFor(choices)));
  return { chosen: choose(choices, candidates), absent: absent(choices, candidates) };
}

/** The backends that {@linkcode findBackends} chooses. */
export async function selectBackends(request: string): Promise<BackendStatus[]> {
  return (await findBackends(request)).chosen;
}

/**
 * Makes a backend the active one; if that fails, the one before stays active.
 *
 * @throws {MissingError} If it does not work here.
 */
export function useBackend(name: BackendName): Promise<BackendStatus> {
  return inTurn(() => take(name));
}

async function take(name: BackendName): Promise<BackendStatus> {
  const before = rememberBackend();
  try {
    return await activate(name);
  } catch (error) {
    await before.restore();
    throw asMissing(name, error);
  }
}

/**
 * Waits until the active backend has done all its work.
 *
 * On WebGPU an operation that fails does not throw, but gives zeros: call this before you use a
 * result.
 *
 * @throws {Error} If the backend reported an error since the last call.
 */
export function assertHealthy(): Promise<void> {
  return inTurn(async () => {
    if (active !== undefined) await backendNamed(active.name).complete?.();
  });
}

async function inspect(names: readonly BackendName[]): Promise<BackendStatus[]> {
  const before = rememberBackend();
  const candidates: BackendStatus[] = [];
  for (const name of names) candidates.push(await attempt(name));
  await before.restore();
  return candidates;
}

async function attempt(name: BackendName): Promise<BackendStatus> {
  try {
    return await activate(name);
  } catch (error) {
    // Such as a variable that is set wrong: another backend is not what the user wants.
    if (error instanceof UsageError) throw error;
    const { message: reason, remedy } = asMissing(name, error);
    return { name, works: false, version: "", device: "", notes: [], reason, remedy };
  }
}

async function activate(name: BackendName): Promise<BackendStatus> {
  const prepared = await backendNamed(name).prepare();
  active = { name, tfjsName: tf.getBackend() };
  return { name, works: true, ...prepared };
}

/** Remembers what is active, taken here or by `tf.setBackend`. */
export function rememberBackend() {
  const [tfjsName, taken] = [tf.getBackend(), takenBackend()];
  const isActive = () => tf.getBackend() === tfjsName && takenBackend()?.name === taken?.name;
  return {
    /** Makes it active again. */
    restore: async (): Promise<void> => {
      active = taken;
      if (taken !== undefined) await activate(taken.name);
      else await startTfjsBackend(tfjsName ?? "cpu");
    },
    isActive,
    /** @throws {Error} If another backend is active. */
    assertActive: (): void => {
      if (isActive()) return;
      const [chosen, now] = [taken?.name ?? tfjsName, takenBackend()?.name ?? tf.getBackend()];
      throw new Error(
        `${chosen} was to compute, but ${now} is active: do not call tf.setBackend while this runs`,
      );
    },
  };
}

function takenBackend(): typeof active {
  return active?.tfjsName === tf.getBackend() ? active : undefined;
}

function asMissing(name: BackendName, error: unknown): MissingError {
  if (error instanceof MissingError) return error;
  return new MissingError(messageOf(error), `choose another backend than ${name}`, {
    cause: error,
  });
}
