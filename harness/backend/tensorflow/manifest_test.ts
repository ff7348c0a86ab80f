import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { MissingError } from "../../../norms/basics/errors.ts";
import {
  damagedFiles,
  manifestPath,
  readManifest,
  tensorflowDir,
  writeManifest,
} from "./manifest.ts";
import { anyManifest, inTempDir } from "../../setup/testing.ts";

Deno.test("a manifest is read as it was written", () =>
  inTempDir(async (dir) => {
    const manifest = anyManifest();
    await writeManifest(dir, manifest);
    assertEquals(await readManifest(dir), manifest);
  }));

Deno.test("no manifest means: not set up", () =>
  inTempDir(async (dir) => {
    const error = await assertRejects(() => readManifest(dir), MissingError, "is not set up");
    assertEquals(error.remedy, "run `deno task setup`");
  }));

Deno.test("a damaged manifest, and one of another version, are named", () =>
  inTempDir(async (dir) => {
    await Deno.writeTextFile(manifestPath(dir), '{"schema": 1, "sou');
    await assertRejects(() => readManifest(dir), MissingError, "is damaged");
    await Deno.writeTextFile(manifestPath(dir), '{"schema": 0}');
    await assertRejects(() => readManifest(dir), MissingError, "another version");
    await Deno.writeTextFile(manifestPath(dir), "null");
    await assertRejects(() => readManifest(dir), MissingError, "another version");
  }));

Deno.test({
  name: "a manifest that may not be read raises no prompt",
  permissions: { read: false },
  fn: async () => {
    const error = await assertRejects(() => readManifest("/anywhere"), MissingError);
    assertStringIncludes(error.remedy, "--allow-read=/anywhere");
  },
});

Deno.test({
  name: "an unknown cache folder is named",
  permissions: { env: false },
  fn: () => {
    assertThrows(() => tensorflowDir(), MissingError, "XDG_CACHE_HOME");
    assertEquals(tensorflowDir("cache"), join("cache", "tensorflow"));
  },
});

Deno.test("files that are gone or of another size are damaged", () =>
  inTempDir(async (dir) => {
    await Deno.writeTextFile(join(dir, "good"), "1234");
    await Deno.writeTextFile(join(dir, "cut"), "12");
    const files = ["good", "cut", "gone"].map((path) => ({ path, size: 4, sha256: "" }));
    const damaged = await damagedFiles(dir, { ...anyManifest(), files });
    assertEquals(damaged.map(({ path }) => path), ["cut", "gone"]);
  }));
