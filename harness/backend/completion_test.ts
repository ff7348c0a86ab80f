import { assertGreater, assertLess } from "@std/assert";
import * as tf from "../../norms/basics/tf.ts";
import { testOn } from "./backends_testing.ts";
import { completionOf } from "./registry.ts";

/** Seconds until work is enqueued, until it is complete, and until a number of it is read. */
async function timeline(backend: "wasm" | "tensorflow" | "webgpu" | "cpu") {
  const complete = completionOf(backend);
  const x = tf.ones([512, 512]);
  const work = () => tf.tidy(() => tf.matMul(tf.matMul(x, x), x));
  // Compiles what is compiled.
  work().dispose();
  await complete();
  const start = performance.now();
  const y = work();
  const enqueued = performance.now();
  await complete();
  const completed = performance.now();
  const number = tf.slice(y, [0, 0], [1, 1]);
  await number.data();
  const read = performance.now();
  tf.dispose([x, y, number]);
  return { work: completed - start, waiting: completed - enqueued, reading: read - completed };
}

for (const backend of ["cpu", "wasm", "tensorflow"] as const) {
  testOn(backend, "computes before it returns: nothing is left to be waited for", async () => {
    const { work, reading } = await timeline(backend);
    assertLess(reading, work, "a number of the result is there at once");
  });
}

testOn("webgpu", "queues: the completion is where the time goes", async () => {
  const { waiting } = await timeline("webgpu");
  assertGreater(waiting, 0.1);
});
