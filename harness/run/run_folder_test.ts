import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { inTemporaryFolder } from "./task_testing.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import type { HeaderRecord, MissingRecord } from "./record.ts";
import { SCHEMA } from "./record.ts";
import { readRecords as read } from "./run_folder.ts";
import { RECORDS_FILE } from "./run_folder.ts";
import { checkRunOptions, openRun } from "./run_folder.ts";
import { KINDS } from "../tasks.ts";

const readRecords = (path: string) => read(path, KINDS);

const HEADER: HeaderRecord = {
  kind: "header",
  schema: SCHEMA,
  task: "parity",
  environment: {
    normbench: "0",
    commit: null,
    versions: {},
    platform: "test",
    cpu: "test",
    cores: 1,
  },
  backends: [],
  options: { seed: 0, norms: ["batch"] },
};

const MISSING: MissingRecord = {
  kind: "missing",
  schema: SCHEMA,
  what: "data",
  name: "images",
  reason: "gone",
  remedy: "look for them",
};

Deno.test("a run starts with its header, and every record is on the disk at once", () =>
  inTemporaryFolder(async (folder) => {
    const run = openRun(HEADER, KINDS, { out: join(folder, "deep", "run"), resume: false });
    assertEquals(readRecords(run.path), [HEADER]);
    run.append(MISSING);
    assertEquals(readRecords(run.path), [HEADER, MISSING]);
    assertEquals(run.records, [HEADER, MISSING]);
    await Promise.resolve();
  }));

Deno.test("a folder with records is not written over", () =>
  inTemporaryFolder(async (folder) => {
    openRun(HEADER, KINDS, { out: folder, resume: false }).append(MISSING);
    const error = assertThrows(
      () => openRun(HEADER, KINDS, { out: folder, resume: false }),
      UsageError,
    );
    assertStringIncludes(error.message, "--resume");
    assertEquals(readRecords(folder), [HEADER, MISSING]);
    await Promise.resolve();
  }));

Deno.test("a resumed run goes on after its last complete record", () =>
  inTemporaryFolder(async (folder) => {
    openRun(HEADER, KINDS, { out: folder, resume: false });
    await Deno.writeTextFile(join(folder, RECORDS_FILE), '{"kind":"par', { append: true });
    const run = openRun(HEADER, KINDS, { out: folder, resume: true });
    run.append(MISSING);
    assertEquals(readRecords(folder), [HEADER, MISSING]);
  }));

Deno.test("a run of other options is not resumed, and the option is named", () =>
  inTemporaryFolder(async (folder) => {
    openRun(HEADER, KINDS, { out: folder, resume: false });
    const other = { ...HEADER, options: { ...HEADER.options, seed: 1 } };
    const error = assertThrows(
      () => openRun(other, KINDS, { out: folder, resume: true }),
      UsageError,
    );
    assertStringIncludes(error.message, "another seed (0, now 1)");
    const task = { ...HEADER, task: "bench" };
    assertThrows(
      () => openRun(task, KINDS, { out: folder, resume: true }),
      UsageError,
      "another task",
    );
    await Promise.resolve();
  }));

Deno.test("a folder that cannot be written is a wrong call", () =>
  inTemporaryFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    assertThrows(
      () => openRun(HEADER, KINDS, { out: join(file, "run"), resume: false }),
      UsageError,
      "cannot be written",
    );
  }));

Deno.test("a run that names no folder gets the next free one", () =>
  inTemporaryFolder(async (folder) => {
    const before = Deno.cwd();
    Deno.chdir(folder);
    try {
      const options = { out: undefined, resume: false };
      assertEquals(openRun(HEADER, KINDS, options).path, join("results", "parity-1"));
      assertEquals(openRun(HEADER, KINDS, options).path, join("results", "parity-2"));
    } finally {
      Deno.chdir(before);
    }
    await Promise.resolve();
  }));

Deno.test("--resume needs the folder of a run", () => {
  assertThrows(
    () => checkRunOptions({ out: undefined, resume: true }),
    UsageError,
    "--resume needs",
  );
  checkRunOptions({ out: "x", resume: true });
  checkRunOptions({ out: undefined, resume: false });
});
