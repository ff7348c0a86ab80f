import { assert, assertEquals, assertMatch } from "@std/assert";
import { environment } from "./environment.ts";
import { commit, processorModel } from "./machine.ts";

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

Deno.test("the commit tells a clean checkout from a changed one, and from none", async () => {
  const folder = await Deno.makeTempDir();
  const git = async (...args: string[]) => {
    const settings = ["-c", "user.name=Test", "-c", "user.email=test@example.org"];
    const { success } = await new Deno.Command("git", {
      args: [...settings, "-C", folder, ...args],
      stdout: "null",
      stderr: "null",
    }).output();
    assert(success, `git ${args}`);
  };
  try {
    assertEquals(await commit(folder), null, "no checkout");
    await git("init");
    assertEquals(await commit(folder), null, "no commit");
    await git("commit", "--allow-empty", "-m", "first");
    assertMatch((await commit(folder))!, /^[0-9a-f]{40}$/);
    await Deno.writeTextFile(`${folder}/new.txt`, "");
    assertMatch((await commit(folder))!, /^[0-9a-f]{40}-dirty$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a module that was loaded from the network has no commit", async () => {
  assertEquals(await commit(""), null);
});

Deno.test({
  name: "without permissions the commit and the processor are unknown, and nothing fails",
  permissions: { run: false, sys: false },
  fn: async () => {
    assertEquals(await commit("."), null);
    assertEquals(await processorModel(), "unknown");
  },
});

Deno.test({
  name: "without permission to read, the commit and the processor are unknown, and nothing fails",
  permissions: { read: false },
  fn: async () => {
    const { commit, cpu, versions } = await environment();
    assertEquals([commit, cpu, versions.deno], [null, "unknown", Deno.version.deno]);
  },
});
