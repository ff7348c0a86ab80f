import { assertEquals } from "@std/assert";
import type { ParityRecord } from "../record.ts";
import { parityHeader, parityRecord } from "./records_testing.ts";
import { splitRuns } from "../../run/runs.ts";
import { locate } from "../../run/report.ts";
import { largest, tally, writeHeadline } from "./tally.ts";

const here = parityHeader();

Deno.test("tally finds the worst errors and counts verdicts, the worst first", () => {
  const records = [
    parityRecord({ custom: 0.2, referenced: 9 }),
    parityRecord({ custom: 0.7, referenced: "no" }),
    parityRecord({ custom: 3, referenced: 0.1 }),
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
  const never = locate(splitRuns([here, parityRecord({ referenced: "no" })]), "parity");
  assertEquals(tally(never).reference, null);
  assertEquals(largest([1, NaN, 2]), Infinity);
  assertEquals(largest([]), null);
});

function headlineOf(records: readonly ParityRecord[], missing = 0) {
  return writeHeadline(tally(locate(splitRuns([here, ...records]), "parity")), missing);
}

Deno.test("a headline says that all is well", () => {
  assertEquals(headlineOf([parityRecord(), parityRecord({ id: "layer/b" })]), {
    tone: "passed",
    verdict: "Every custom norm is within its error budget in all 2 comparisons.",
    remarks: [],
  });
});

Deno.test("a headline blames the norms and implementations that are wrong", () => {
  const records = [
    parityRecord({ custom: 2 }),
    parityRecord({ custom: NaN, implementation: "analytic" }),
    parityRecord({ norm: "batch", custom: 2, referenced: 3 }),
    parityRecord({ norm: "rms" }),
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
    parityRecord({ referenced: 3 }),
    parityRecord({ referenced: "no" }),
    parityRecord({ reference: "keras" }),
  ];
  const { tone, remarks } = headlineOf(records);
  assertEquals(tone, "passed");
  assertEquals(remarks, ["tf.layers is itself wrong in 1 and cannot run 1 of 2 comparisons."]);
});

Deno.test("what is missing, or an empty run, is not a pass", () => {
  assertEquals(headlineOf([parityRecord()], 1).tone, "incomplete");
  assertEquals(headlineOf([parityRecord()], 2).remarks, [
    "The run is not complete: 2 things it needs are missing.",
  ]);
  assertEquals(headlineOf([parityRecord({ custom: 2 })], 1).tone, "failed");
  const empty = headlineOf([]);
  assertEquals([empty.tone, empty.verdict], ["incomplete", "Nothing was compared."]);
});
