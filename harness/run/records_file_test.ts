import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { UsageError } from "../../norms/basics/errors.ts";
import { ExitStatus, exitStatus } from "./task.ts";
import { KINDS, type NormbenchRecord } from "../tasks.ts";
import { SCHEMA } from "./record.ts";
import { openRun, RECORDS_FILE } from "./run_folder.ts";
import { readRecords as read } from "./run_folder.ts";
import { writeRecords } from "./task_testing.ts";
import {
  sampleComparison,
  sampleHeader,
  sampleMissing,
  sampleRun,
} from "../parity/samples_testing.ts";

const RECORDS: readonly NormbenchRecord[] = [sampleHeader(), sampleMissing(), sampleComparison()];
const TEXT = RECORDS.map((record) => `${JSON.stringify(record)}\n`).join("");

const readRecords = (path: string, warn?: (message: string) => void) => read(path, KINDS, warn);

/** Runs `use` on a folder that is removed afterwards. */
function inFolder(use: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Expects a {@linkcode UsageError} that says `includes` when a file with `text` is read. */
function assertRefused(text: string, includes: string): void {
  inFolder((folder) => {
    const path = join(folder, RECORDS_FILE);
    Deno.writeTextFileSync(path, text);
    const error = assertThrows(() => readRecords(path), UsageError, includes);
    assertInstanceOf(error, UsageError);
    assertEquals(error.message.startsWith(path), true, error.message);
    assertEquals(exitStatus(error), ExitStatus.usage);
  });
}

/** A line whose record went through `change`. */
function changedLine(change: (record: Record<string, unknown>) => void): string {
  const record = JSON.parse(JSON.stringify(RECORDS[2]));
  change(record);
  return `${JSON.stringify(record)}\n`;
}

Deno.test("records come back as they were written, from a file and from its folder", () => {
  inFolder((folder) => {
    const nested = join(folder, "results", "parity");
    const records = sampleRun();
    writeRecords(nested, records);
    assertEquals(readRecords(join(nested, RECORDS_FILE)), records);
    assertEquals(readRecords(nested), records);
  });
});

Deno.test("archived records are read packed, from a file and from its folder", () => {
  inFolder((folder) => {
    const path = join(folder, `${RECORDS_FILE}.gz`);
    Deno.writeFileSync(path, gzipSync(TEXT));
    assertEquals(readRecords(path), [...RECORDS]);
    assertEquals(readRecords(folder), [...RECORDS]);
    Deno.writeFileSync(path, gzipSync(TEXT).subarray(0, 40));
    assertThrows(() => readRecords(path), UsageError, "cannot be read");
  });
});

Deno.test("NaN and the infinities are written as text and read back as numbers", () => {
  inFolder((folder) => {
    const header = sampleHeader();
    const given = sampleComparison({ custom: NaN, referenced: Infinity });
    const options = { clip: [-Infinity, Infinity], name: "wide" };
    const record = { ...given, kappa: -Infinity, case: { ...given.case, options } };
    writeRecords(folder, [header, record]);
    const text = Deno.readTextFileSync(join(folder, RECORDS_FILE));
    assertEquals(/:null|NaN[^"]/.test(text), false);
    assertEquals(readRecords(folder), [header, record]);
  });
});

Deno.test("an optional field stays absent", () => {
  inFolder((folder) => {
    Deno.writeTextFileSync(join(folder, RECORDS_FILE), TEXT);
    const [, , record] = readRecords(folder);
    assertEquals(record?.kind === "parity" && "offset" in record.case, false);
  });
});

Deno.test("a file that is not there, and a folder without records, name the remedy", () => {
  inFolder((folder) => {
    assertThrows(() => readRecords(folder), UsageError, "Give a records.jsonl");
    assertThrows(() => readRecords(join(folder, "none.jsonl")), UsageError, "cannot be read");
  });
});

Deno.test("an empty file is refused", () => {
  assertRefused("", "holds no complete record");
  assertRefused("\n \n", "holds no complete record");
});

Deno.test("a line that is not JSON is named by its number", () => {
  assertRefused(`${TEXT}\n{"kind":\n${TEXT}`, "line 5: not JSON");
  assertRefused("PK\u0003\u0004\n", "line 1: not JSON");
});

Deno.test("another schema version is refused", () => {
  assertRefused(
    TEXT + changedLine((record) => record.schema = SCHEMA + 1),
    `line 4: schema version ${SCHEMA + 1} is not the version ${SCHEMA}`,
  );
});

Deno.test("a missing field is named by its path", () => {
  const [header] = RECORDS;
  const { environment: _, ...bare } = header as unknown as Record<string, unknown>;
  assertRefused(`${JSON.stringify(bare)}\n`, 'line 1: field "environment" is missing');
  assertRefused(
    TEXT + changedLine((record) => {
      // deno-lint-ignore no-explicit-any
      delete (record as any).quantities[1].custom.maxUlp;
    }),
    'line 4: field "quantities.1.custom.maxUlp" is missing',
  );
  assertRefused(TEXT + changedLine((record) => delete record.schema), '"schema" is missing');
});

Deno.test("a field of the wrong type is named by its path", () => {
  assertRefused(
    TEXT + changedLine((record) => record.ratio = "large"),
    'field "ratio" is wrong: expected a number',
  );
  assertRefused(
    TEXT + changedLine((record) => record.verdict = "fine"),
    'field "verdict" is wrong',
  );
  assertRefused(TEXT + changedLine((record) => record.kind = "guess"), 'field "kind" is wrong');
  assertRefused(`${TEXT}[]\n`, "line 4:");
  assertRefused(`${TEXT}null\n`, "line 4: not a record");
});

Deno.test("a file without a header is refused", () => {
  assertRefused(`${JSON.stringify(RECORDS[2])}\n`, "does not start with a header record");
});

Deno.test("an unfinished last line is an error, or a warning to who asks for it", () => {
  const cut = TEXT + TEXT.slice(0, 40);
  assertRefused(cut, "ends in the middle of a record");
  inFolder((folder) => {
    Deno.writeTextFileSync(join(folder, RECORDS_FILE), cut);
    const warnings: string[] = [];
    assertEquals(readRecords(folder, (warning) => warnings.push(warning)), [...RECORDS]);
    assertEquals(warnings.length, 1);
    assertEquals(warnings[0]?.includes("left out"), true);
  });
});

Deno.test("a broken line that is ended is damage, not the end of a killed run", () => {
  inFolder((folder) => {
    Deno.writeTextFileSync(join(folder, RECORDS_FILE), `${TEXT}${TEXT.slice(0, 40)}\n`);
    assertThrows(() => readRecords(folder, () => {}), UsageError, "line 4: not JSON");
  });
});

Deno.test("a file that is cut within its only line holds no record", () => {
  assertRefused(TEXT.slice(0, 40), "holds no complete record");
});

const [HEADER] = RECORDS as [ReturnType<typeof sampleHeader>];
const resume = (out: string) => openRun(HEADER, KINDS, { out, resume: true });

Deno.test("resuming cuts an unfinished line off and appends after it", () => {
  inFolder((folder) => {
    // The é takes two bytes: the cut is counted in bytes, not in characters.
    const accented = TEXT.replaceAll("Xeon", "Xéon");
    const file = join(folder, RECORDS_FILE);
    Deno.writeTextFileSync(file, accented + TEXT.slice(0, 40));
    const run = resume(folder);
    assertEquals(run.records.length, 3);
    assertEquals(Deno.readTextFileSync(file), accented);
    run.append(sampleComparison({ id: "layer/next" }));
    assertEquals(readRecords(folder).length, 4);
  });
});

Deno.test("resuming ends a last line that only lacks its line break", () => {
  inFolder((folder) => {
    Deno.writeTextFileSync(join(folder, RECORDS_FILE), TEXT.trimEnd());
    resume(folder).append(sampleComparison({ id: "layer/next" }));
    assertEquals(readRecords(folder).length, 4);
  });
});

Deno.test("resuming what is not there is refused", () => {
  inFolder((folder) => assertThrows(() => resume(folder), UsageError, "cannot be read"));
});

Deno.test("a run knows what is recorded already", () => {
  inFolder((folder) => {
    writeRecords(folder, RECORDS);
    const run = resume(folder);
    assertEquals(run.has(sampleComparison()), true);
    assertEquals(run.has(sampleComparison({ id: "layer/next" })), false);
    run.append(sampleComparison({ id: "layer/next" }));
    assertEquals(run.has(sampleComparison({ id: "layer/next" })), true);
    assertEquals(run.results.length, 2);
    assertEquals(run.missing.length, 1);
  });
});
