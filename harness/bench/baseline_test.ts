import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import {
  bandwidthRecord,
  benchHeader,
  benchRecord,
  changeRecord,
  referenceRun,
} from "./records_testing.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import { checkRecord, formatRecord } from "../run/record.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { mergeRecords } from "../tasks.ts";
import { BENCH_KINDS } from "./record.ts";
import {
  agreement,
  checkBaselineName,
  checkComparable,
  checkOverlap,
  loadBaseline,
  saveBaseline,
} from "./baseline.ts";

Deno.test("a baseline is read as it was saved, without what it was compared with", () =>
  inTemporaryFolder((folder) => {
    const records = [benchHeader(), bandwidthRecord(), benchRecord(), changeRecord(1)];
    saveBaseline("main", records, folder);
    assertEquals(loadBaseline("main", folder), {
      name: "main",
      header: benchHeader(),
      records: [benchRecord()],
    });
  }));

Deno.test("an unknown baseline is refused with the names of those that exist", () =>
  inTemporaryFolder((folder) => {
    assertThrows(() => loadBaseline("main", folder), UsageError, "none yet");
    saveBaseline("other", [benchHeader(), benchRecord()], folder);
    assertThrows(() => loadBaseline("main", folder), UsageError, "Choose from other");
    assertThrows(() => loadBaseline("main", join(folder, "none")), UsageError, "none yet");
  }));

Deno.test("a name does not lead out of the folder", () => {
  for (const name of ["../main", "/tmp/x", "", ".hidden"]) {
    assertThrows(() => checkBaselineName(name), UsageError, "cannot be the name");
  }
  checkBaselineName("v0.1.0-rc_1");
});

Deno.test("a baseline of another processor, device or version is refused with what differs", () => {
  const baseline = { name: "main", header: benchHeader(), records: [] };
  checkComparable(baseline, benchHeader());
  assertThrows(
    () => checkComparable(baseline, benchHeader("Other CPU")),
    UsageError,
    `processor was ${benchHeader().environment.cpu}, now Other CPU`,
  );
  const now = benchHeader();
  const device = { ...now.backends[0]!, device: "another" };
  assertThrows(
    () => checkComparable(baseline, { ...now, backends: [device] }),
    UsageError,
    "device of tensorflow",
  );
  const gpu = { ...now.backends[0]!, name: "webgpu" };
  assertThrows(
    () => checkComparable(baseline, { ...now, backends: [gpu] }),
    UsageError,
    "not in it",
  );
  const versions = { ...now.environment.versions, tfjs: "5.0.0" };
  const newer = { ...now, environment: { ...now.environment, versions } };
  assertThrows(
    () => checkComparable(baseline, newer),
    UsageError,
    `tfjs was ${now.environment.versions["tfjs"]}, now 5.0.0`,
  );
});

Deno.test("another commit is what a baseline is for", () => {
  const now = benchHeader();
  const environment = { ...now.environment, commit: "fedcba", normbench: "9.9.9" };
  checkComparable({ name: "main", header: now, records: [] }, { ...now, environment });
});

Deno.test("a baseline with none of the jobs is refused", () => {
  const baseline = { name: "main", header: benchHeader(), records: [benchRecord()] };
  checkOverlap(baseline, [benchRecord({ norm: "batch" }), benchRecord()]);
  assertThrows(
    () => checkOverlap(baseline, [benchRecord({ norm: "batch" })]),
    UsageError,
    "has none of these norms and shapes",
  );
});

Deno.test("passes agree where nine of ten intervals overlap", () => {
  const pass = (differing: number) =>
    Array.from(
      { length: 10 },
      (_, i) => benchRecord({ shape: [i + 1, 8], composed: i < differing ? 2e-3 : 1e-3 }),
    );
  assertEquals(agreement(pass(0), pass(0)), { compared: 10, agreeing: 10, accepted: true });
  assertEquals(agreement(pass(0), pass(1)).accepted, true);
  assertEquals(agreement(pass(0), pass(2)), { compared: 10, agreeing: 8, accepted: false });
  assertEquals(agreement([], []).accepted, false);
});

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
