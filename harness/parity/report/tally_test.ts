import { assertEquals } from "@std/assert";
import type { ParityRecord } from "../record.ts";
import { parityHeader, parityRecord, referenceRecord } from "./records_testing.ts";
import { splitRuns } from "../../run/runs.ts";
import { locate } from "../../run/report.ts";
import { largest, tally, writeHeadline } from "./tally.ts";

const here = parityHeader();

Deno.test("tally finds the worst errors and counts verdicts, of custom norms and of references", () => {
  const records = [
    parityRecord({ error: 0.2 }),
    parityRecord({ error: 3, id: "b" }),
    parityRecord({ error: 20, id: "c" }),
    referenceRecord({ error: 9 }),
    referenceRecord({ error: "no", id: "b" }),
  ];
  const { custom, reference } = tally(locate(splitRuns([here, ...records]), "parity"));
  assertEquals([custom.ratio, custom.verdict], [20, "wrong"]);
  assertEquals([reference.ratio, reference.verdict], [9, "wrong"]);
  const counts = (of: typeof custom) =>
    Object.fromEntries(Object.entries(of.counts).filter(([, number]) => number > 0));
  assertEquals(counts(custom), { "wrong": 1, "loses digits": 1, "right": 1 });
  assertEquals(counts(reference), { "wrong": 1, "cannot run": 1 });
});

Deno.test("a reference that never ran has no error, and NaN is the largest of all", () => {
  const never = locate(splitRuns([here, referenceRecord({ error: "no" })]), "parity");
  assertEquals(tally(never).reference.ratio, null);
  assertEquals(tally(never).custom.verdict, null);
  assertEquals(largest([1, NaN, 2]), Infinity);
  assertEquals(largest([]), null);
});

function headlineOf(records: readonly ParityRecord[], missing = 0) {
  return writeHeadline(tally(locate(splitRuns([here, ...records]), "parity")), missing);
}

Deno.test("a headline says that all is well", () => {
  assertEquals(headlineOf([parityRecord(), parityRecord({ id: "layer/b" })]), {
    tone: "passed",
    verdict: "Every custom norm is right in all 2 checks.",
    remarks: [],
  });
});

Deno.test("a headline blames the norms and implementations that are wrong", () => {
  const records = [
    parityRecord({ error: 20 }),
    parityRecord({ error: NaN, contender: "analytic" }),
    parityRecord({ norm: "batch", error: "no kernel" }),
    parityRecord({ norm: "rms" }),
  ];
  const { tone, verdict } = headlineOf(records);
  assertEquals(tone, "failed");
  assertEquals(
    verdict,
    "Wrong or cannot run in 3 of 4 checks: layer (composed, analytic), batch (composed).",
  );
});

Deno.test("lost digits do not fail a run, and are counted", () => {
  const { tone, remarks } = headlineOf([parityRecord(), parityRecord({ id: "b", error: 2 })]);
  assertEquals(tone, "passed");
  assertEquals(remarks, ["Of 2 checks: right in 1, loses digits in 1."]);
});

Deno.test("a headline tells of references that are wrong or cannot run", () => {
  const records = [
    parityRecord(),
    referenceRecord({ error: 30 }),
    referenceRecord({ id: "b", error: "no" }),
    referenceRecord({ contender: "keras" }),
  ];
  const { tone, remarks } = headlineOf(records);
  assertEquals(tone, "passed");
  assertEquals(remarks, [
    "Of the references, tf.layers is wrong in 1 and cannot run in 1 of 2 checks (wrong in layer: y, dx).",
  ]);
});

Deno.test("a reference that is wrong in 16 bits alone is said to be so", () => {
  const wrong = referenceRecord({ contender: "pytorch", error: 30 });
  const stored = { ...wrong, case: { ...wrong.case, storage: "bfloat16" as const } };
  const right = referenceRecord({ contender: "pytorch", id: "b" });
  assertEquals(headlineOf([parityRecord(), stored, right]).remarks, [
    "Of the references, pytorch is wrong in 1 of 2 checks (wrong in layer: y, dx, stored as bfloat16).",
  ]);
});

Deno.test("what is missing, or an empty run, is not a pass", () => {
  assertEquals(headlineOf([parityRecord()], 1).tone, "incomplete");
  assertEquals(headlineOf([parityRecord()], 2).remarks, [
    "The run is not complete: 2 things it needs are missing.",
  ]);
  assertEquals(headlineOf([parityRecord({ error: 20 })], 1).tone, "failed");
  const empty = headlineOf([]);
  assertEquals([empty.tone, empty.verdict], ["incomplete", "Nothing was checked."]);
});
