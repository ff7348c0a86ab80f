import { assertEquals, assertRejects } from "@std/assert";
import * as tf from "../../norms/basics/tf.ts";
import { startTfjsBackend } from "./start.ts";

Deno.test("starting a backend prints nothing, and gives the console back", async () => {
  const { warn, error } = console;
  const lines: unknown[][] = [];
  const record = (...line: unknown[]) => void lines.push(line);
  Object.assign(console, { warn: record, error: record });
  try {
    await startTfjsBackend("cpu"); // which advertises tfjs-node when it is first used
    assertEquals([console.warn, console.error], [record, record]);
  } finally {
    Object.assign(console, { warn, error });
  }
  assertEquals(lines, []);
});

Deno.test("a backend that does not start is an error that says why", async () => {
  tf.registerBackend("broken", () => Promise.reject(new Error("no such device")));
  await assertRejects(() => startTfjsBackend("broken"), Error, "no such device");
  tf.removeBackend("broken");
  await startTfjsBackend("cpu");
});
