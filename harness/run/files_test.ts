import { assertEquals } from "@std/assert";
import { cacheDir } from "./files.ts";

const from = (variables: Record<string, string>) => (name: string) => variables[name];

Deno.test("the cache lies where the platform keeps caches", () => {
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
  name: "the cache folder is looked for without asking for permission",
  permissions: { env: false },
  fn: () => assertEquals(cacheDir(), undefined),
});
