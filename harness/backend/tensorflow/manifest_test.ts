import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { MissingError } from "../../../norms/basics/errors.ts";
import {
  damagedFiles,
  describeFile,
  manifestPath,
  readManifest,
  tensorflowDir,
  writeManifest,
} from "./manifest.ts";
import { inTemporaryFolder } from "../../run/task_testing.ts";
import { anyManifest } from "./manifest_testing.ts";

Deno.test("a manifest is read as it was written", () =>
  inTemporaryFolder(async (dir) => {
    const manifest = anyManifest();
    await writeManifest(dir, manifest);
    assertEquals(await readManifest(dir), manifest);
  }));

Deno.test("no manifest means: not set up", () =>
  inTemporaryFolder(async (dir) => {
    const error = await assertRejects(() => readManifest(dir), MissingError, "is not set up");
    assertEquals(error.remedy, "run `deno task setup`");
  }));

Deno.test("a damaged manifest, and one of another version, are named", () =>
  inTemporaryFolder(async (dir) => {
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
  inTemporaryFolder(async (dir) => {
    await Deno.writeTextFile(join(dir, "good"), "1234");
    await Deno.writeTextFile(join(dir, "cut"), "12");
    const files = ["good", "cut", "gone"].map((path) => ({ path, size: 4, sha256: "" }));
    const damaged = await damagedFiles(dir, { ...anyManifest(), files });
    assertEquals(damaged.map(({ path }) => path), ["cut", "gone"]);
  }));

Deno.test("a file of the same size with other content is damaged, one that was only touched is not", () =>
  inTemporaryFolder(async (dir) => {
    const files = [];
    for (const name of ["good", "touched", "flipped"]) {
      await Deno.writeTextFile(join(dir, name), "1234");
      files.push(await describeFile(dir, name));
    }
    const later = new Date(Date.now() + 5000);
    await Deno.utime(join(dir, "touched"), later, later);
    await Deno.writeTextFile(join(dir, "flipped"), "1235");
    await Deno.utime(join(dir, "flipped"), later, later);
    const damaged = await damagedFiles(dir, { ...anyManifest(), files });
    assertEquals(damaged.map(({ path }) => path), ["flipped"]);
  }));
