import { assert, assertStringIncludes } from "@std/assert";
import { BINARY } from "./binary.ts";
import { compile, moduleOf } from "./build.ts";

Deno.test("binary.ts is what kernels.as compiles to: run build.ts after a change", async () => {
  const binary = await compile();
  assert(btoa(String.fromCharCode(...binary)) === BINARY);
});

Deno.test("a module that is written holds the binary", () => {
  assertStringIncludes(moduleOf(Uint8Array.of(0, 97, 115, 109)), '"AGFzbQ=="');
});
