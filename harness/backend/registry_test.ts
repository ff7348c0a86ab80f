import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { inTemporaryFolder, runProgram } from "../run/task_testing.ts";
import {
  BACKEND_CHOICES,
  BACKEND_NAMES,
  backendNamed,
  BACKENDS,
  completionOf,
  referencesOn,
} from "./registry.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

Deno.test("backends have names of their own, and help texts list them", () => {
  assertEquals(new Set(BACKEND_NAMES).size, BACKENDS.length);
  for (const name of BACKEND_NAMES) {
    assertEquals(backendNamed(name).name, name);
    assertStringIncludes(BACKEND_CHOICES, name);
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
