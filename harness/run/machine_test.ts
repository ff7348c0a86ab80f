import { assert, assertEquals, assertMatch } from "@std/assert";
import { cacheDir, commit, processorModel } from "./machine.ts";
import { inTemporaryFolder } from "./task_testing.ts";

Deno.test("the commit names a checkout, whether it has changes, and is null without one", () =>
  inTemporaryFolder(async (folder) => {
    const git = async (...args: string[]) => {
      const settings = ["-c", "user.name=Test", "-c", "user.email=test@example.org"];
      const { success } = await new Deno.Command("git", {
        args: [...settings, "-C", folder, ...args],
        stdout: "null",
        stderr: "null",
      }).output();
      assert(success, `git ${args}`);
    };
    assertEquals(await commit(folder), null, "no checkout");
    await git("init");
    assertEquals(await commit(folder), null, "no commit");
    await git("commit", "--allow-empty", "-m", "first");
    assertMatch((await commit(folder))!, /^[0-9a-f]{40}$/);
    await Deno.writeTextFile(`${folder}/new.txt`, "");
    assertMatch((await commit(folder))!, /^[0-9a-f]{40}-dirty$/);
  }));

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

const from = (variables: Record<string, string>) => (name: string) => variables[name];

Deno.test("the cache folder is where the platform has it", () => {
  const home = from({ HOME: "/home/ada" });
  assertEquals(cacheDir(home, "linux"), "/home/ada/.cache/normbench");
  assertEquals(cacheDir(home, "darwin"), "/home/ada/Library/Caches/normbench");
  assertEquals(cacheDir(from({ LOCALAPPDATA: "/data" }), "windows"), "/data/normbench");
});

Deno.test("XDG_CACHE_HOME comes first, unless it is empty", () => {
  const both = { HOME: "/home/ada", XDG_CACHE_HOME: "/big" };
  assertEquals(cacheDir(from(both), "linux"), "/big/normbench");
  assertEquals(
    cacheDir(from({ ...both, XDG_CACHE_HOME: "" }), "linux"),
    "/home/ada/.cache/normbench",
  );
});

Deno.test("without a home folder there is no cache folder", () => {
  assertEquals(cacheDir(from({}), "linux"), undefined);
});

Deno.test({
  name: "the cache folder is unknown without permission, and nothing asks for it",
  permissions: { env: false },
  fn: () => assertEquals(cacheDir(), undefined),
});
