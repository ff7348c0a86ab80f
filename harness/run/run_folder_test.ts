import { assertEquals, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { AWKWARD_ERROR, missingBackend, parityRecord } from "../parity/report/records_testing.ts";
import { KINDS, type NormbenchRecord } from "../tasks.ts";
import { exists } from "./machine.ts";
import { formatRecord, type HeaderRecord, type MissingRecord, SCHEMA } from "./record.ts";
import {
  checkRunOptions,
  openRun,
  readRecords as read,
  RECORDS_FILE,
  resumeOptions,
} from "./run_folder.ts";
import { inTemporaryFolder, writeRecords } from "./task_testing.ts";

const readRecords = (path: string, warn?: (message: string) => void) => read(path, KINDS, warn);

const HEADER: HeaderRecord = {
  kind: "header",
  schema: SCHEMA,
  task: "parity",
  environment: {
    normbench: "0",
    commit: null,
    versions: {},
    platform: "test",
    // The é takes two bytes: lengths are counted in bytes, not in characters.
    cpu: "tést",
    cores: 1,
  },
  backends: [],
  options: { seed: 0, norms: ["batch"] },
};

const MISSING = missingBackend();
const COMPARISON = parityRecord();
const RECORDS: readonly NormbenchRecord[] = [HEADER, MISSING, COMPARISON];
const TEXT = RECORDS.map((record) => `${formatRecord(record)}\n`).join("");

/** Opens a run, records something, and closes it. */
function openAndAppend(header: HeaderRecord, out: string, resume: boolean): void {
  using run = openRun(header, KINDS, { out, resume });
  run.append(COMPARISON);
}

const resume = (out: string) => openRun(HEADER, KINDS, { out, resume: true }, [MISSING]);

Deno.test("records come back as they were written, from a file and from its folder", () =>
  inTemporaryFolder((folder) => {
    const nested = join(folder, "results", "parity");
    const records = [...RECORDS, parityRecord({ id: "layer/next", error: AWKWARD_ERROR })];
    writeRecords(nested, records);
    assertEquals(readRecords(join(nested, RECORDS_FILE)), records);
    assertEquals(readRecords(nested), records);
  }));

Deno.test("archived records are read packed, from a file and from its folder", () =>
  inTemporaryFolder((folder) => {
    const path = join(folder, `${RECORDS_FILE}.gz`);
    Deno.writeFileSync(path, gzipSync(TEXT));
    assertEquals(readRecords(path), [...RECORDS]);
    assertEquals(readRecords(folder), [...RECORDS]);
    Deno.writeFileSync(path, gzipSync(TEXT).subarray(0, 40));
    assertThrows(() => readRecords(path), UsageError, "cannot be read");
  }));

Deno.test("records of any length are read line by line, with the number of a line that is wrong", () =>
  inTemporaryFolder((folder) => {
    const path = join(folder, RECORDS_FILE);
    // Longer than the pieces in which it is read, with characters of several bytes at every place.
    const about = "é☃".repeat(2 ** 18);
    const records = [HEADER, ...[0, 1, 2].map((id) => parityRecord({ id: `${id}`, about }))];
    writeRecords(folder, records);
    assertEquals(readRecords(path), records);
    Deno.writeTextFileSync(path, `${TEXT}{`, { append: true });
    Deno.writeTextFileSync(path, "}\n", { append: true });
    assertThrows(() => readRecords(path), UsageError, 'line 8: field "kind" is missing');
  }));

Deno.test("an endless line, and an archive that unpacks to gigabytes, are refused early", () =>
  inTemporaryFolder((folder) => {
    const path = join(folder, RECORDS_FILE);
    Deno.writeTextFileSync(path, TEXT);
    Deno.truncateSync(path, 10e9);
    assertThrows(() => readRecords(path), UsageError, "line 4 is longer than 16 MB");
    Deno.removeSync(path);
    const zeros = gzipSync(new Uint8Array(100e6), { level: 1 });
    const packed = join(folder, `${RECORDS_FILE}.gz`);
    for (let i = 0; i < 3; i++) Deno.writeFileSync(packed, zeros, { append: true });
    const before = Deno.memoryUsage().rss;
    assertThrows(() => readRecords(folder), UsageError, "it unpacks to more than 256 MB");
    assertLess(Deno.memoryUsage().rss - before, 1e9);
  }));

Deno.test("a missing file, and a folder without records, name the remedy", () =>
  inTemporaryFolder((folder) => {
    assertThrows(() => readRecords(folder), UsageError, "Give a records.jsonl");
    assertThrows(() => readRecords(join(folder, "none.jsonl")), UsageError, "cannot be read");
  }));

Deno.test("an unfinished last line is an error, or a warning where the caller takes it", () =>
  inTemporaryFolder((folder) => {
    Deno.writeTextFileSync(join(folder, RECORDS_FILE), TEXT + TEXT.slice(0, 40));
    assertThrows(() => readRecords(folder), UsageError, "ends in the middle of a record");
    const warnings: string[] = [];
    assertEquals(readRecords(folder, (warning) => warnings.push(warning)), [...RECORDS]);
    assertEquals(warnings.length, 1);
    assertStringIncludes(warnings[0]!, "omitted");
  }));

Deno.test("a run starts with its header, and every record is on the disk at once", () =>
  inTemporaryFolder((folder) => {
    using run = openRun(HEADER, KINDS, { out: join(folder, "deep", "run"), resume: false });
    assertEquals(readRecords(run.path), [HEADER]);
    run.append(MISSING);
    assertEquals(readRecords(run.path), [HEADER, MISSING]);
    assertEquals(run.records, [HEADER, MISSING]);
  }));

Deno.test("a folder with records is not written over", () =>
  inTemporaryFolder((folder) => {
    openAndAppend(HEADER, folder, false);
    const error = assertThrows(
      () => openRun(HEADER, KINDS, { out: folder, resume: false }),
      UsageError,
    );
    assertStringIncludes(error.message, "--resume");
    assertEquals(readRecords(folder), [HEADER, COMPARISON]);
  }));

Deno.test("a run of other options is not resumed, and the option is named", () =>
  inTemporaryFolder((folder) => {
    openRun(HEADER, KINDS, { out: folder, resume: false })[Symbol.dispose]();
    const other = { ...HEADER, options: { ...HEADER.options, seed: 1 } };
    const error = assertThrows(
      () => openRun(other, KINDS, { out: folder, resume: true }),
      UsageError,
    );
    assertStringIncludes(error.message, "holds a run with seed 0, not 1");
    const task = { ...HEADER, task: "bench" };
    assertThrows(
      () => openRun(task, KINDS, { out: folder, resume: true }),
      UsageError,
      "holds a run with task ",
    );
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

Deno.test("a disk that is full from the start is missing space, and later the run starts", () =>
  inTemporaryFolder((folder) => {
    const file = Deno.FsFile.prototype;
    const { writeSync } = file;
    file.writeSync = () => {
      throw Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
    };
    try {
      assertThrows(() => openAndAppend(HEADER, folder, false), MissingError, "no space left");
    } finally {
      file.writeSync = writeSync;
    }
    openAndAppend(HEADER, folder, true);
    assertEquals(readRecords(folder), [HEADER, COMPARISON]);
  }));

Deno.test("the options that resume a run are those that a shell takes", () => {
  assertEquals(resumeOptions("results/train-1"), "--out results/train-1 --resume");
  assertEquals(resumeOptions('it\'s "é"'), `--out 'it'\\''s "é"' --resume`);
});

Deno.test("a run that names no folder gets the next free one", () =>
  inTemporaryFolder((folder) => {
    const before = Deno.cwd();
    Deno.chdir(folder);
    try {
      const options = { out: undefined, resume: false };
      using first = openRun(HEADER, KINDS, options);
      using second = openRun(HEADER, KINDS, options);
      assertEquals(
        [first.path, second.path],
        ["parity-1", "parity-2"].map((name) => join("results", name)),
      );
    } finally {
      Deno.chdir(before);
    }
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

Deno.test("resuming removes an unfinished line and appends after it", () =>
  inTemporaryFolder((folder) => {
    const file = join(folder, RECORDS_FILE);
    Deno.writeTextFileSync(file, TEXT + TEXT.slice(0, 40));
    using run = resume(folder);
    assertEquals(run.records.length, 3);
    assertEquals(Deno.readTextFileSync(file), TEXT);
    run.append(parityRecord({ id: "layer/next" }));
    assertEquals(readRecords(folder).length, 4);
  }));

Deno.test("resuming ends a last line that only lacks its line break", () =>
  inTemporaryFolder((folder) => {
    Deno.writeTextFileSync(join(folder, RECORDS_FILE), TEXT.trimEnd());
    using run = resume(folder);
    run.append(parityRecord({ id: "layer/next" }));
    assertEquals(readRecords(folder).length, 4);
  }));

Deno.test("a run that was cut off before its header was whole starts anew", () =>
  inTemporaryFolder((folder) => {
    const file = join(folder, RECORDS_FILE);
    for (const rest of [undefined, "", TEXT.slice(0, 40), formatRecord(HEADER).slice(0, -1)]) {
      for (const resume of [true, false]) {
        if (rest !== undefined) Deno.writeTextFileSync(file, rest);
        openAndAppend(HEADER, folder, resume);
        assertEquals(readRecords(folder), [HEADER, COMPARISON]);
        Deno.removeSync(file);
      }
    }
  }));

Deno.test("a run knows what is recorded already", () =>
  inTemporaryFolder((folder) => {
    writeRecords(folder, RECORDS);
    using run = resume(folder);
    assertEquals(run.has(COMPARISON), true);
    assertEquals(run.has(parityRecord({ id: "layer/next" })), false);
    run.append(parityRecord({ id: "layer/next" }));
    assertEquals(run.has(parityRecord({ id: "layer/next" })), true);
    assertEquals(run.results.length, 2);
  }));

Deno.test("what was missing and is there now is no longer recorded as missing", () =>
  inTemporaryFolder((folder) => {
    const missing = [MISSING, { ...MISSING, name: "other" }];
    const open = (missing: MissingRecord[], resume: boolean) =>
      openRun(HEADER, KINDS, { out: folder, resume }, missing);
    {
      using run = open(missing, false);
      run.append(COMPARISON);
    }
    assertEquals(readRecords(folder), [HEADER, ...missing, COMPARISON]);
    for (const now of [missing, missing.slice(1), [], missing]) {
      using run = open(now, true);
      assertEquals(run.missing, now);
      assertEquals(readRecords(folder), [HEADER, ...now, COMPARISON]);
    }
    using run = open([], true);
    run.append(parityRecord({ id: "layer/next" }));
    assertEquals(readRecords(folder).length, 3);
  }));

const { environment } = HEADER;
const WASM = { name: "wasm", version: "4", device: "test", notes: ["SIMD, 1 thread"] };

for (
  const [other, message] of [
    [{ environment: { ...environment, normbench: "1" } }, 'normbench "0", not "1"'],
    [{ environment: { ...environment, commit: "abc" } }, 'commit null, not "abc"'],
    [{ environment: { ...environment, versions: { tfjs: "5" } } }, 'tfjs none, not "5"'],
    [{ environment: { ...environment, cpu: "fast" } }, 'cpu "tést", not "fast"'],
    [{ backends: [{ ...WASM, version: "5" }] }, 'version of wasm "4", not "5"'],
    [
      { backends: [{ ...WASM, notes: ["SIMD, 2 threads"] }] },
      'configuration of wasm ["SIMD, 1 thread"], not ["SIMD, 2 threads"]',
    ],
  ] as const
) {
  Deno.test(`a run is not resumed with ${message}`, () =>
    inTemporaryFolder((folder) => {
      const header = { ...HEADER, backends: [WASM] };
      openAndAppend(header, folder, false);
      assertThrows(() => openAndAppend({ ...header, ...other }, folder, true), UsageError, message);
      assertEquals(readRecords(folder), [header, COMPARISON]);
    }));
}

for (
  const [was, is, remedy] of [
    ["abc", "def", "Resume it on its commit (git switch --detach abc), or name another folder"],
    ["abc", "abc-dirty", "Files have changed since: put the changes away (git stash -u)"],
    ["abc-dirty", "abc", "It had changes that are in no commit"],
    [null, "abc", "Resume it with the same"],
  ] as const
) {
  Deno.test(`a run of commit ${was} says on ${is} how it is resumed`, () =>
    inTemporaryFolder((folder) => {
      const at = (commit: string | null) => ({
        ...HEADER,
        environment: { ...environment, commit },
      });
      openAndAppend(at(was), folder, false);
      assertThrows(() => openAndAppend(at(is), folder, true), UsageError, remedy);
    }));
}

Deno.test("a folder in which a run goes on is refused, and its owner named", () =>
  inTemporaryFolder((folder) => {
    using _run = openRun(HEADER, KINDS, { out: folder, resume: false });
    for (const resume of [true, false]) {
      const owner = `being written by process ${Deno.pid} on `;
      assertThrows(() => openAndAppend(HEADER, folder, resume), UsageError, owner);
    }
    assertEquals(readRecords(folder), [HEADER]);
  }));

Deno.test("the folder of a process that was killed is taken over", () =>
  inTemporaryFolder((folder) => {
    openAndAppend(HEADER, folder, false);
    const owner = join(folder, `${RECORDS_FILE}.owner`);
    assertEquals(exists(owner), false);
    Deno.writeTextFileSync(owner, '{"pid":7,"host":"far","since":"2026-01-01T00:00:00.000Z"}\n');
    const { error } = console;
    const told: string[] = [];
    console.error = (line: string) => told.push(line);
    try {
      using _run = resume(folder);
    } finally {
      console.error = error;
    }
    assertStringIncludes(told.join(), "left by process 7 on far since 2026-01-01");
  }));
