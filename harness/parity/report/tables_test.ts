import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { SCHEMA } from "../../run/record.ts";
import type { Counterexample } from "../record.ts";
import {
  AWKWARD_ERROR,
  missingBackend,
  parityHeader,
  parityRecord,
  referenceRecord,
  referenceRun,
} from "./records_testing.ts";
import { terminalSummary } from "./tables.ts";

Deno.test("terminalSummary shows norm by backend, findings, what is missing, and the verdict", () => {
  assertEquals(
    terminalSummary([
      parityHeader(),
      missingBackend(),
      parityRecord({ id: "layer/axis-2-1" }),
      referenceRecord({ id: "layer/axis-2-1", error: 3.1e5 }),
      parityRecord({ norm: "batch", backend: "wasm", error: 12 }),
    ]),
    `norm   backend  worst / budget  checks  wrong  right  reference wrong
layer  cpu                0.40       1      ·      1                1
batch  wasm                 12       1      1      ·                ·

wrong: composed batch/plain: y off by 12 budgets (dx 6.0), on wasm
  shape [32, 64] · axis=-1, epsilon=0.001 · input normal(0, 1) · 1 step · seed 7
    · dx with upstream normal(0, 1)
wrong (reference): tf.layers layer/axis-2-1: y off by 3.1e5 budgets (dx 1.6e5),
    on cpu

wrong  further off than any order of operations in float32 explains
right  within the error that careful float32 arithmetic makes

missing: backend tensorflow: no binding was found
  remedy: deno task setup

Wrong in 1 of 2 checks: batch (composed).
The run is not complete: one thing it needs is missing.
Of the references, tf.layers is wrong in 1 of 1 check (wrong in layer: y, dx).
`,
  );
});

Deno.test("terminalSummary says first what is wrong and on which input, on lines of a terminal", () => {
  const ids = Array.from({ length: 12 }, (_, i) => `batch/a-case-with-a-long-name-${i}`);
  const example: Counterexample = {
    kind: "counterexample",
    schema: SCHEMA,
    ...{ backend: "cpu", norm: "batch", contender: "mine", found: ids[0]!, shape: [2, 1] },
    ...{ options: { training: true }, steps: 1, quantity: "y", verdict: "wrong" as const },
    inputs: { x0: { shape: [2, 1], values: [0, 1] } },
    got: [-0.7, 0.7],
    expected: { shape: [2, 1], values: [-1, 1] },
    budget: [1e-6, 1e-6],
    diagnosis: {
      suspects: [{ fault: "n - 1 for n", about: "of statistics", digits: 7.3, explains: ["y"] }],
      confirmed: 5,
      elements: "every element",
    },
  };
  const wrong = ids.map((id) => parityRecord({ norm: "batch", id, error: 12, contender: "mine" }));
  const others = [3.5, "no kernel for this shape ".repeat(9)].map((error, i) =>
    parityRecord({ norm: "batch", id: `batch/other-${i}`, error, contender: "mine" })
  );
  const lines = terminalSummary([parityHeader(), ...wrong, ...others, example]).split("\n");
  assertEquals(lines.slice(0, 7), [
    "Wrong or cannot run in 13 of 14 checks: batch (mine).",
    "",
    "Smallest input on which mine fails: shape [2, 1], training=true",
    "  Looks like: n - 1 for n (of statistics), judging by y. It agrees with that",
    "  fault to 7 digits, and does so in 5 other cases. Off: every element.",
    "  x = [[0], [1]]",
    "  y is [[-0.7], [0.7]]",
  ]);
  assertEquals(lines.filter((line) => line.startsWith("wrong: ")).length, 5);
  assertEquals(lines.includes("and 9 more in the report"), true);
  assertEquals(lines.filter((line) => line.length > 80), []);
});

Deno.test("terminalSummary keeps an error in its finding", () => {
  const output = terminalSummary([
    parityHeader(),
    referenceRecord({ error: AWKWARD_ERROR.repeat(3) }),
  ]);
  const start = output.indexOf("cannot run (reference):");
  const line = output.slice(start, output.indexOf("\n\n", start)).replace(/\n */g, " ");
  assertStringIncludes(line, "Cannot read properties of <undefined>");
  assertStringIncludes(line, "…, on cpu");
});

Deno.test("terminalSummary of an empty run says that nothing was checked", () => {
  assertEquals(terminalSummary([parityHeader()]), "Nothing was checked.\n");
});

Deno.test("terminalSummary has a finding once, not once a check", () => {
  const run = referenceRun();
  const lines = terminalSummary(run).split("\n").filter((line) =>
    line.startsWith("wrong (reference):")
  );
  assertGreater(lines.length, 5);
  assertEquals(new Set(lines).size, lines.length);
  assertEquals(lines.filter((line) => line.includes(" layer/axis-2-1:")).length, 1);
});

Deno.test("terminalSummary names a few cases, and counts the others", () => {
  const records = ["a", "b", "c", "d", "e"].map((id) => referenceRecord({ id, error: "no" }));
  assertStringIncludes(
    terminalSummary([parityHeader(), ...records]),
    "cannot run (reference): tf.layers a, b, c, and 2 more: no, on cpu",
  );
});

Deno.test("terminalSummary shows the worst findings, and counts the others", () => {
  const records = Array.from({ length: 50 }, (_, i) => referenceRecord({ id: `c${i}`, error: 20 }));
  const lines = terminalSummary([parityHeader(), ...records]).split("\n");
  assertEquals(lines.filter((line) => line.startsWith("wrong (reference):")).length, 40);
  assertEquals(lines.includes("and 10 more in the report"), true);
});
