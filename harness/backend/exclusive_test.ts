import { assertEquals, assertRejects } from "@std/assert";
import * as tf from "../../norms/basics/tf.ts";
import { rememberBackend } from "./active_backend.ts";
import type { BackendName } from "./registry.ts";
import * as backend from "./active_backend.ts";
import { exclusively, inspectBackends, selectBackends, useBackend } from "./exclusive.ts";

Deno.test("exclusive work may take backends, which others wait for", async () => {
  const ran: string[] = [];
  const work = (name: BackendName) => async () => {
    await backend.useBackend(name);
    const taken = rememberBackend();
    for (let step = 0; step < 5; step++) await new Promise((resolve) => setTimeout(resolve));
    taken.assertActive();
    ran.push(tf.getBackend());
  };
  await Promise.all([
    exclusively(work("wasm")),
    useBackend("cpu"),
    exclusively(work("cpu")),
    inspectBackends(),
    exclusively(work("wasm")),
    selectBackends("cpu"),
    useBackend("cpu"),
  ]);
  assertEquals([...ran, tf.getBackend()], ["wasm", "cpu", "wasm", "cpu"]);
});

Deno.test("work that fails does not block the next", async () => {
  const failing = exclusively(() => Promise.reject(new TypeError("no")));
  const next = exclusively(() => Promise.resolve(1));
  await assertRejects(() => failing, TypeError, "no");
  assertEquals(await next, 1);
});

Deno.test("the repaired and the stock kernels of wasm are told apart", async () => {
  await useBackend("wasm");
  const repaired = rememberBackend();
  repaired.assertActive();
  await useBackend("wasm-stock");
  await assertRejects(
    () => Promise.try(repaired.assertActive),
    Error,
    "wasm was to compute, but wasm-stock is active",
  );
  await repaired.restore();
  repaired.assertActive();
});
