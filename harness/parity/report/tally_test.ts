import { assertEquals } from "@std/assert";
import { sampleComparison, sampleHeader } from "../samples_testing.ts";
import { splitRuns } from "../../run/runs.ts";
import { locate } from "../../run/report_sections.ts";
import { largest, tally } from "./tally.ts";

const here = sampleHeader();

Deno.test("tally finds the worst errors and counts verdicts, the gravest first", () => {
  const records = [
    sampleComparison({ custom: 0.2, referenced: 9 }),
    sampleComparison({ custom: 0.7, referenced: "no" }),
    sampleComparison({ custom: 3, referenced: 0.1 }),
  ];
  const { custom, reference, counts, verdict } = tally(
    locate(splitRuns([here, ...records]), "parity"),
  );
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
  const never = locate(splitRuns([here, sampleComparison({ referenced: "no" })]), "parity");
  assertEquals(tally(never).reference, null);
  assertEquals(largest([1, NaN, 2]), Infinity);
  assertEquals(largest([]), null);
});
