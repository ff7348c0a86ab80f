import { assertEquals, assertThrows } from "@std/assert";
import { sampleBenchRun, sampleChange } from "./samples_testing.ts";
import { formatRecord } from "../run/record.ts";
import { mergeRecords } from "../tasks.ts";
import { checkRecord } from "../run/record.ts";
import { BENCH_KINDS } from "./record.ts";

const parseRecord = (value: unknown) => checkRecord(value, BENCH_KINDS);

const RUN = [...sampleBenchRun(), sampleChange(1.2)];

Deno.test("records of benchmarks survive their way over a disk", () => {
  for (const record of RUN) assertEquals(parseRecord(JSON.parse(formatRecord(record))), record);
});

Deno.test("a benchmark with a field that is wrong is refused by the name of that field", () => {
  const record = RUN.find(({ kind }) => kind === "bench")!;
  assertThrows(() => parseRecord({ ...record, cache: "warm" }), TypeError, "cache");
  assertThrows(() => parseRecord({ ...record, contenders: [{}] }), TypeError, "contenders.0.name");
});

Deno.test("a repeated run replaces what it repeats, and every group stands on its own", () => {
  assertEquals(mergeRecords(structuredClone(RUN), RUN), RUN);
});
