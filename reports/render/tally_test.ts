import { assertEquals } from "@std/assert";
import { sampleComparison, sampleHeader } from "../../records/samples.ts";
import { splitRuns } from "../../records/runs.ts";
import { largest, locate, tally } from "./tally.ts";

const here = sampleHeader();
const there = sampleHeader({ cpu: "Other CPU" });

Deno.test("locate names a site by its backend, and numbers what several machines have", () => {
  const [cpu, wasm] = ["cpu", "wasm"].map((backend) => sampleComparison({ backend }));
  const labels = (...records: Parameters<typeof splitRuns>[0]) =>
    locate(splitRuns(records)).map(({ site }) => site.label);
  assertEquals(labels(here, cpu!, wasm!), ["cpu", "wasm"]);
  assertEquals(labels(here, cpu!, wasm!, there, cpu!), ["cpu 1", "wasm", "cpu 2"]);
});

Deno.test("locate gives two runs of one machine the same site", () => {
  const [first, second] = locate(splitRuns([here, sampleComparison(), here, sampleComparison()]));
  assertEquals(first?.site === second?.site, true);
});

Deno.test("locate makes do with a backend that its header does not describe", () => {
  const [comparison] = locate(splitRuns([here, sampleComparison({ backend: "webgl" })]));
  assertEquals(comparison?.site.backend.version, "unknown");
});

Deno.test("tally finds the worst errors and counts verdicts, the gravest first", () => {
  const records = [
    sampleComparison({ custom: 0.2, referenced: 9 }),
    sampleComparison({ custom: 0.7, referenced: "no" }),
    sampleComparison({ custom: 3, referenced: 0.1 }),
  ];
  const { custom, reference, counts, verdict } = tally(locate(splitRuns([here, ...records])));
  assertEquals([custom, reference, verdict], [3, 9, "custom wrong"]);
  assertEquals(counts, {
    "custom wrong": 1,
    "both off": 0,
    "reference wrong": 1,
    "reference cannot": 1,
    "agree": 0,
  });
});

Deno.test("a reference that never ran has no error, and NaN is the largest of all", () => {
  const never = locate(splitRuns([here, sampleComparison({ referenced: "no" })]));
  assertEquals(tally(never).reference, null);
  assertEquals(largest([1, NaN, 2]), Infinity);
  assertEquals(largest([]), null);
});
