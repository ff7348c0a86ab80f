import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../norms/basics/errors.ts";
import { missingBackend, parityHeader, parityRecord } from "../parity/report/records_testing.ts";
import { KINDS, mergeRecords, type NormbenchRecord } from "../tasks.ts";
import { formatRecord, SCHEMA } from "./record.ts";
import { parseRecords, siteOf, splitRuns } from "./runs.ts";

const RECORDS: readonly NormbenchRecord[] = [parityHeader(), missingBackend(), parityRecord()];
const TEXT = RECORDS.map((record) => `${formatRecord(record)}\n`).join("");

const parse = (text: string) => parseRecords(text, KINDS, "run.jsonl");

/** Expects an error that names the file and says `includes`. */
function assertRefused(text: string, includes: string): void {
  const { message } = assertThrows(() => parse(text), UsageError, includes);
  assertEquals(message.startsWith("run.jsonl"), true, message);
}

/** The line of a changed record. */
function changedLine(change: (record: Record<string, unknown>) => void): string {
  const record = JSON.parse(formatRecord(RECORDS[2]!));
  change(record);
  return `${JSON.stringify(record)}\n`;
}

Deno.test("NaN and the infinities are written as text and read back as numbers", () => {
  const given = parityRecord({ error: NaN, budget: Infinity });
  const options = { clip: [-Infinity, Infinity], name: "wide" };
  const record = { ...given, kappa: -Infinity, case: { ...given.case, options } };
  const text = [parityHeader(), record].map((each) => `${formatRecord(each)}\n`).join("");
  assertEquals(/:null|NaN[^"]/.test(text), false);
  assertEquals(parse(text).records, [parityHeader(), record]);
});

Deno.test("an optional field stays absent", () => {
  const [, , record] = parse(TEXT).records;
  assertEquals(record?.kind === "parity" && "offset" in record.case, false);
});

Deno.test("an empty file is refused", () => {
  assertRefused("", "has no complete record");
  assertRefused("\n \n", "has no complete record");
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
      delete (record as any).quantities[1].answer.maxUlp;
    }),
    'line 4: field "quantities.1.answer.maxUlp" is missing',
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

Deno.test("an unfinished last line is set apart", () => {
  const { records, unfinished } = parse(TEXT + TEXT.slice(0, 40));
  assertEquals(records, [...RECORDS]);
  assertEquals(unfinished, TEXT.slice(0, 40));
  assertEquals(parse(TEXT.trimEnd()).unfinished, "");
});

Deno.test("a broken line that ends with a line break is damage, not the end of a killed run", () => {
  assertRefused(`${TEXT}${TEXT.slice(0, 40)}\n`, "line 4: not JSON");
});

Deno.test("a file that is cut off within its only line has no record", () => {
  assertRefused(TEXT.slice(0, 40), "has no complete record");
});

Deno.test("splitRuns divides records at their headers", () => {
  const header = parityHeader();
  const missing = missingBackend();
  const comparison = parityRecord();
  assertEquals(splitRuns([header, missing, comparison, header]), [
    { header, missing: [missing], results: [comparison] },
    { header, missing: [], results: [] },
  ]);
});

Deno.test("splitRuns refuses records without a header", () => {
  assertThrows(() => splitRuns([parityRecord()]), TypeError, "is a parity record");
});

Deno.test("siteOf distinguishes machines, backends and devices", () => {
  const here = parityHeader();
  const there = parityHeader({ cpu: "Other CPU" });
  assertEquals(siteOf(here, "cpu"), siteOf(parityHeader(), "cpu"));
  assertNotEquals(siteOf(here, "cpu"), siteOf(here, "wasm"));
  assertNotEquals(siteOf(here, "cpu"), siteOf(there, "cpu"));
  const devices = ["first", "second"].map((device) => ({
    ...here,
    backends: [{ name: "webgpu", version: "", device, notes: [] }],
  }));
  assertEquals(new Set(devices.map((header) => siteOf(header, "webgpu"))).size, 2);
});

Deno.test("mergeRecords keeps the last of a comparison that was repeated at the same site", () => {
  const header = parityHeader();
  const [first, other] = [parityRecord(), parityRecord({ id: "layer/other" })];
  const again = parityRecord({ error: 0.9 });
  assertEquals(mergeRecords([header, first, other], [header, again]), [
    header,
    other,
    header,
    again,
  ]);
});

Deno.test("mergeRecords drops a run without remaining records, and keeps one that was empty", () => {
  const header = parityHeader();
  const comparison = parityRecord();
  const repeated = mergeRecords([header, parityRecord()], [header, comparison]);
  assertEquals(repeated, [header, comparison]);
  assertEquals(mergeRecords([header], [header, comparison]), [header, header, comparison]);
});

Deno.test("mergeRecords keeps the results of different machines and references", () => {
  const here = parityHeader();
  const there = parityHeader({ cpu: "Other CPU" });
  const comparison = parityRecord();
  const golden = parityRecord({ contender: "keras", role: "reference" });
  const records = [here, comparison, golden, there, comparison];
  assertEquals(mergeRecords(records), records);
});

Deno.test("mergeRecords drops a missing backend that another run of the machine has", () => {
  const without = parityHeader({ backends: ["cpu"] });
  const missing = missingBackend("wasm");
  const comparison = parityRecord();
  const later = parityHeader({ backends: ["wasm"] });
  const elsewhere = parityHeader({ backends: ["wasm"], cpu: "Other CPU" });
  assertEquals(mergeRecords([without, missing, comparison], [later]), [without, comparison, later]);
  assertEquals(mergeRecords([without, missing], [elsewhere]), [without, missing, elsewhere]);
});
