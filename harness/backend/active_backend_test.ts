import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "../../norms/basics/tf.ts";
import { runProgram } from "../run/task_testing.ts";
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { assertHealthy, inspectBackends, selectBackends, useBackend } from "./active_backend.ts";
import { BACKEND_NAMES, type BackendName } from "./registry.ts";

Deno.test("every backend is inspected; those that fail say why and what to do", async () => {
  const statuses = await inspectBackends();
  assertEquals(statuses.map(({ name }) => name), [...BACKEND_NAMES]);
  for (const { name, works, version, device, reason, remedy } of statuses) {
    if (works) {
      assert(version !== "" && device !== "", name);
      assertEquals([reason, remedy], [undefined, undefined], name);
    } else {
      assert(Boolean(reason) && Boolean(remedy), name);
      console.log(`not here: ${name} (${reason})`);
    }
  }
  for (const name of ["cpu", "wasm", "wasm-stock"]) {
    assert(statuses.find((status) => status.name === name)!.works, name);
  }
});

Deno.test("inspecting and selecting leave the active backend active", async () => {
  const missing = () => tf.getKernel(tf.Conv2DBackpropFilter, "wasm") === undefined;
  for (const look of [inspectBackends, () => selectBackends("all"), () => selectBackends("cpu")]) {
    await useBackend("wasm");
    await look();
    assertEquals([tf.getBackend(), missing()], ["wasm", false]);
    await useBackend("wasm-stock");
    await look();
    assertEquals([tf.getBackend(), missing()], ["wasm", true]);
  }
});

Deno.test("inspecting brings back a backend that was activated by hand", async () => {
  await useBackend("cpu");
  await tf.setBackend("wasm");
  await inspectBackends();
  assertEquals(tf.getBackend(), "wasm");
});

Deno.test("a backend is activated by its name, with a status", async () => {
  const cpu = await useBackend("cpu");
  assertEquals([tf.getBackend(), cpu.name, cpu.works], ["cpu", "cpu", true]);
  const wasm = await useBackend("wasm");
  assertEquals([tf.getBackend(), wasm.name, wasm.version], ["wasm", "wasm", "4.22.0"]);
  assertStringIncludes(wasm.notes.join(), "repaired kernels: Conv2DBackpropFilter");
  const stock = await useBackend("wasm-stock");
  assertEquals([tf.getBackend(), stock.name], ["wasm", "wasm-stock"]);
  assertStringIncludes(stock.notes.join(), "stock kernels");
  await assertHealthy();
});

Deno.test("selecting gives the statuses asked for", async () => {
  assertEquals((await selectBackends("cpu,wasm")).map(({ name }) => name), ["cpu", "wasm"]);
  const all = (await selectBackends("all")).map(({ name }) => name);
  assert(all.includes("cpu") && all.includes("wasm") && !all.includes("wasm-stock"));
  const [auto, ...none] = await selectBackends("auto");
  assert(all.includes(auto!.name) && none.length === 0);
  await assertRejects(() => selectBackends("cuda"), UsageError);
});

Deno.test("calls side by side wait for one another", async () => {
  await useBackend("cpu");
  const alone = await inspectBackends();
  assertEquals(await Promise.all([inspectBackends(), inspectBackends()]), [alone, alone]);
  assertEquals(tf.getBackend(), "cpu");
  const [wasm, , selected] = await Promise.all([
    useBackend("wasm"),
    useBackend("wasm-stock"),
    selectBackends("cpu"),
    inspectBackends(),
    useBackend("cpu"),
  ]);
  assertEquals([wasm.name, selected.map(({ name }) => name)], ["wasm", ["cpu"]]);
  assertEquals(tf.getBackend(), "cpu");
});

Deno.test("a call that fails does not block the next", async () => {
  const failing = useBackend("cuda" as BackendName);
  const next = useBackend("cpu");
  await assertRejects(() => failing, MissingError);
  assertEquals((await next).works, true);
});

const USES_WASM_TWICE = `
import * as tf from "${new URL("../../norms/basics/tf.ts", import.meta.url)}";
import { inspectBackends, useBackend } from "${new URL("./active_backend.ts", import.meta.url)}";
const tries = [];
await useBackend("cpu");
for (let i = 0; i < 2; i++) {
  await useBackend("wasm").catch(({ name, message, remedy }) =>
    tries.push({ error: name, reason: message, remedy })
  );
}
await inspectBackends();
console.log(JSON.stringify({ tries, active: tf.getBackend() }));
`;

Deno.test({
  name: "where the wasm module may not be read, wasm is missing and the other backend stays",
  // In another process, since a module that was read once stays.
  fn: async () => {
    const { code, output, errors } = await runProgram(USES_WASM_TWICE);
    assertEquals(errors.replaceAll(/^error: XDG_RUNTIME_DIR.*\n/gm, ""), "");
    assertEquals(code, 0);
    const { tries, active } = JSON.parse(output);
    for (const { error, reason, remedy } of tries) {
      assertEquals(error, MissingError.name);
      assertStringIncludes(reason, "read access");
      assertStringIncludes(remedy, "--allow-read");
    }
    assertEquals(active, "cpu");
  },
});
