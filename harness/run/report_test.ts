import { assertEquals } from "@std/assert";
import { parityHeader, parityRecord } from "../parity/report/records_testing.ts";
import { splitRuns } from "./runs.ts";
import { locate } from "./report.ts";

const here = parityHeader();
const there = parityHeader({ cpu: "Other CPU" });

Deno.test("locate names a site by its backend, and numbers what several machines have", () => {
  const [cpu, wasm] = ["cpu", "wasm"].map((backend) => parityRecord({ backend }));
  const labels = (...records: Parameters<typeof splitRuns>[0]) =>
    locate(splitRuns(records), "parity").map(({ site }) => site.label);
  assertEquals(labels(here, cpu!, wasm!), ["cpu", "wasm"]);
  assertEquals(labels(here, cpu!, wasm!, there, cpu!), ["cpu 1", "wasm", "cpu 2"]);
});

Deno.test("locate gives two runs of one machine the same site", () => {
  const [first, second] = locate(
    splitRuns([here, parityRecord(), here, parityRecord()]),
    "parity",
  );
  assertEquals(first?.site === second?.site, true);
});

Deno.test("locate accepts a backend that its header does not describe", () => {
  const [comparison] = locate(splitRuns([here, parityRecord({ backend: "webgl" })]), "parity");
  assertEquals(comparison?.site.backend.version, "unknown");
});
