import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { sampleComparison, sampleHeader, sampleMissing } from "../parity/samples_testing.ts";
import { siteOf, splitRuns } from "./runs.ts";
import { mergeRecords } from "../tasks.ts";

Deno.test("splitRuns divides records at their headers", () => {
  const header = sampleHeader();
  const missing = sampleMissing();
  const comparison = sampleComparison();
  assertEquals(splitRuns([header, missing, comparison, header]), [
    { header, missing: [missing], results: [comparison] },
    { header, missing: [], results: [] },
  ]);
});

Deno.test("splitRuns refuses records without a header", () => {
  assertThrows(() => splitRuns([sampleComparison()]), TypeError, "begin with a parity record");
});

Deno.test("siteOf tells machines, backends and devices apart", () => {
  const here = sampleHeader();
  const there = sampleHeader({ cpu: "Other CPU" });
  assertEquals(siteOf(here, "cpu"), siteOf(sampleHeader(), "cpu"));
  assertNotEquals(siteOf(here, "cpu"), siteOf(here, "wasm"));
  assertNotEquals(siteOf(here, "cpu"), siteOf(there, "cpu"));
  const devices = ["first", "second"].map((device) => ({
    ...here,
    backends: [{ name: "webgpu", version: "", device, notes: [] }],
  }));
  assertEquals(new Set(devices.map((header) => siteOf(header, "webgpu"))).size, 2);
});

Deno.test("mergeRecords keeps the last of a comparison that was repeated at the same site", () => {
  const header = sampleHeader();
  const [first, other] = [sampleComparison(), sampleComparison({ id: "layer/other" })];
  const again = sampleComparison({ custom: 0.9 });
  assertEquals(mergeRecords([header, first, other], [header, again]), [
    header,
    other,
    header,
    again,
  ]);
});

Deno.test("mergeRecords drops a run of which nothing is left, and keeps one that was empty", () => {
  const header = sampleHeader();
  const comparison = sampleComparison();
  const repeated = mergeRecords([header, sampleComparison()], [header, comparison]);
  assertEquals(repeated, [header, comparison]);
  assertEquals(mergeRecords([header], [header, comparison]), [header, header, comparison]);
});

Deno.test("mergeRecords lets different machines and references stand side by side", () => {
  const here = sampleHeader();
  const there = sampleHeader({ cpu: "Other CPU" });
  const comparison = sampleComparison();
  const golden = sampleComparison({ reference: "keras" });
  const records = [here, comparison, golden, there, comparison];
  assertEquals(mergeRecords(records), records);
});

Deno.test("mergeRecords drops a missing backend that another run of the machine has", () => {
  const without = sampleHeader({ backends: ["cpu"] });
  const missing = sampleMissing("wasm");
  const comparison = sampleComparison();
  const later = sampleHeader({ backends: ["wasm"] });
  const elsewhere = sampleHeader({ backends: ["wasm"], cpu: "Other CPU" });
  assertEquals(mergeRecords([without, missing, comparison], [later]), [without, comparison, later]);
  assertEquals(mergeRecords([without, missing], [elsewhere]), [without, missing, elsewhere]);
});
