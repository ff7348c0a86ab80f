import { assert, assertEquals, assertMatch } from "@std/assert";
import { environment } from "./environment.ts";

Deno.test("the environment names versions, platform and processor", async () => {
  const { normbench, versions, platform, cpu, cores } = await environment();
  assertMatch(normbench, /^\d+\.\d+\.\d+$/);
  assertEquals(versions.deno, Deno.version.deno);
  assertEquals(versions.v8, Deno.version.v8);
  assertEquals(versions.tfjs, "4.22.0");
  assertEquals(platform, `${Deno.build.os} ${Deno.build.arch}`);
  assert(cpu.length > 0);
  assert(cores >= 1);
});

Deno.test({
  name: "without permission to read, the commit and the processor are unknown, and nothing fails",
  permissions: { read: false },
  fn: async () => {
    const { commit, cpu, versions } = await environment();
    assertEquals([commit, cpu, versions.deno], [null, "unknown", Deno.version.deno]);
  },
});
