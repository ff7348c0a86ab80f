/**
 * What the tests of single backends share.
 *
 * @module
 */
import * as tf from "../../norms/tf.ts";
import { type BackendName, inspectBackends, useBackend } from "./backend.ts";

/** Registers a test. */
export type RegisterTest = (name: string, run: () => void | Promise<void>) => void;

/**
 * Registers tests on one backend; where it does not work here, they say so and count as ignored.
 *
 * Tensors that a test makes are disposed of when it ends.
 */
export async function testsOn(backend: BackendName): Promise<RegisterTest> {
  const statuses = await inspectBackends();
  const { works, reason } = statuses.find(({ name }) => name === backend)!;
  if (!works) console.warn(`the tests on ${backend} do not run: ${reason}`);
  return (name, run) =>
    Deno.test(`${backend}: ${name}`, { ignore: !works }, async () => {
      await useBackend(backend);
      tf.engine().startScope();
      try {
        await run();
      } finally {
        tf.engine().endScope();
      }
    });
}
