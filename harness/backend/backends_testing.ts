/**
 * Tests that run on backends.
 *
 * The names of these tests begin with their backend, so that `deno task test` can tell which backends
 * were left out.
 *
 * @module
 */
import * as tf from "../../norms/basics/tf.ts";
import { assertHealthy, inspectBackends, useBackend } from "./active_backend.ts";
import { type BackendName, BACKENDS } from "./registry.ts";

export type BackendTest = (backend: BackendName) => void | Promise<void>;

const STATUSES = await inspectBackends();

/** Registers a test on every backend that `all` includes. */
export function testOnEveryBackend(name: string, run: BackendTest): void {
  for (const backend of BACKENDS) {
    if (!backend.onlyWhenNamed) testOn(backend.name, name, run);
  }
}

/** Registers a test on one backend; where that does not work, the test counts as ignored. */
export function testOn(backend: BackendName, name: string, run: BackendTest): void {
  const { works } = STATUSES.find((status) => status.name === backend)!;
  Deno.test(`${backend}: ${name}`, { ignore: !works }, () => runOn(backend, run));
}

/** Runs a test on a backend, and disposes of the tensors that it leaves. */
export async function runOn(backend: BackendName, run: BackendTest): Promise<void> {
  await useBackend(backend);
  tf.engine().startScope();
  try {
    await run(backend);
  } finally {
    tf.engine().endScope();
    // Also after a failure: an error of the device belongs to this test, not to the next.
    await assertHealthy();
  }
}
