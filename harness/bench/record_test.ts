import { assertEquals, assertThrows } from "@std/assert";
import { checkRecord, formatRecord } from "../run/record.ts";
import { mergeRecords } from "../tasks.ts";
import { BENCH_KINDS } from "./record.ts";
import { changeRecord, referenceRun } from "./records_testing.ts";

const parseRecord = (value: unknown) => checkRecord(value, BENCH_KINDS);

const RUN = [...referenceRun(), changeRecord(1.2)];

Deno.test("records of benchmarks are read as they were written", () => {
  for (const record of RUN) assertEquals(parseRecord(JSON.parse(formatRecord(record))), record);
});

Deno.test("a benchmark with a wrong field is refused by the name of that field", () => {
  const record = RUN.find(({ kind }) => kind === "bench")!;
  assertThrows(() => parseRecord({ ...record, cache: "warm" }), TypeError, "cache");
  assertThrows(() => parseRecord({ ...record, contenders: [{}] }), TypeError, "contenders.0.name");
});

Deno.test("a repeated run replaces what it repeats, and every group remains", () => {
  const run = mergeRecords(RUN);
  const groups = (records: typeof run) => records.filter(({ kind }) => kind === "bench");
  assertEquals(mergeRecords(structuredClone(run), run), run);
  assertEquals(groups(run), RUN.filter(({ kind }) => kind === "bench"));
});
