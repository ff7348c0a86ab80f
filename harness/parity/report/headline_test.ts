import { assertEquals } from "@std/assert";
import type { ParityRecord } from "../record.ts";
import { sampleComparison, sampleHeader } from "../samples_testing.ts";
import { splitRuns } from "../../run/runs.ts";
import { writeHeadline } from "./headline.ts";
import { locate } from "../../run/report_sections.ts";
import { tally } from "./tally.ts";

function headlineOf(records: readonly ParityRecord[], missing = 0) {
  return writeHeadline(tally(locate(splitRuns([sampleHeader(), ...records]), "parity")), missing);
}

Deno.test("a headline says that all is well", () => {
  assertEquals(headlineOf([sampleComparison(), sampleComparison({ id: "layer/b" })]), {
    tone: "passed",
    verdict: "Every custom norm is within its error budget in all 2 comparisons.",
    remarks: [],
  });
});

Deno.test("a headline blames the norms and implementations that are wrong", () => {
  const records = [
    sampleComparison({ custom: 2 }),
    sampleComparison({ custom: NaN, implementation: "analytic" }),
    sampleComparison({ norm: "batch", custom: 2, referenced: 3 }),
    sampleComparison({ norm: "rms" }),
  ];
  const { tone, verdict } = headlineOf(records);
  assertEquals(tone, "failed");
  assertEquals(
    verdict,
    "Outside the error budget in 3 of 4 comparisons: layer (composed, analytic), batch (composed).",
  );
});

Deno.test("a headline tells of references that are wrong or cannot run", () => {
  const records = [
    sampleComparison({ referenced: 3 }),
    sampleComparison({ referenced: "no" }),
    sampleComparison({ reference: "keras" }),
  ];
  const { tone, remarks } = headlineOf(records);
  assertEquals(tone, "passed");
  assertEquals(remarks, ["tf.layers is itself wrong in 1 and cannot run 1 of 2 comparisons."]);
});

Deno.test("what is missing, or an empty run, is not a pass", () => {
  assertEquals(headlineOf([sampleComparison()], 1).tone, "incomplete");
  assertEquals(headlineOf([sampleComparison()], 2).remarks, [
    "The run is not complete: 2 things it needs are missing.",
  ]);
  assertEquals(headlineOf([sampleComparison({ custom: 2 })], 1).tone, "failed");
  const empty = headlineOf([]);
  assertEquals([empty.tone, empty.verdict], ["incomplete", "Nothing was compared."]);
});
