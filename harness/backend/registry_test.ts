import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "node:path";
import * as tf from "../../norms/basics/tf.ts";
import { inTemporaryFolder, runProgram } from "../run/task_testing.ts";
import { testOn } from "./backends_testing.ts";
import { backendsOption } from "./option.ts";
import { BACKEND_NAMES, backendNamed, BACKENDS, completionOf, referencesOn } from "./registry.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

Deno.test("every backend has another name, and help texts list them", () => {
  assertEquals(new Set(BACKEND_NAMES).size, BACKENDS.length);
  for (const name of BACKEND_NAMES) {
    assertEquals(backendNamed(name).name, name);
    assertStringIncludes(backendsOption("auto").about, name);
  }
  assertThrows(
    () => backendNamed("cuda"),
    RangeError,
    'there is no backend "cuda": choose among cpu',
  );
});

Deno.test("a backend that computes in place has nothing to wait for, and no references", () => {
  assertEquals(completionOf("cpu")(), undefined);
  assertEquals(referencesOn("cpu", { name: "batch" }), {});
  assertEquals(Object.keys(referencesOn("tensorflow", { name: "batch" })), ["FusedBatchNormV3"]);
});

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
  testOn(backend, "computes before it returns: no wait is left", async () => {
    const { work, reading } = await timeline(backend);
    assertLess(reading, work, "a number of the result is there at once");
  });
}

testOn("webgpu", "queues: completion takes the time", async () => {
  const { waiting } = await timeline("webgpu");
  assertGreater(waiting, 0.1);
});

Deno.test("in a browser, backends that need an operating system say so, and the others work", () =>
  inTemporaryFolder(async (folder) => {
    const bundle = join(folder, "backends.js");
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["bundle", "--quiet", "--platform", "browser", "--output", bundle],
        join(import.meta.dirname!, "exclusive.ts"),
      ],
      cwd: ROOT,
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const text = await Deno.readTextFile(bundle);
    assertEquals(text.match(/\bDeno\.\w+|from "node:\w+"/g), null);
    const { code, output, errors } = await runProgram(
      `
      const print = console.log;
      Object.assign(globalThis, { window: globalThis, document: {} });
      delete globalThis.process;
      delete globalThis.Deno;
      const { inspectBackends } = await import("file://${bundle}");
      print(JSON.stringify(await inspectBackends()));
      `,
      "--allow-read",
    );
    assertEquals(code, 0, errors);
    const statuses: { name: string; works: boolean; reason?: string }[] = JSON.parse(output);
    const status = (name: string) => statuses.find((each) => each.name === name)!;
    assert(status("cpu").works);
    assertEquals(
      status("tensorflow").reason,
      "native TensorFlow is not available: it needs an operating system",
    );
  }));
