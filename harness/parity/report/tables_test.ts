import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
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
  shape [32, 64] · axis=-1, epsilon=0.001 · input normal(0, 1) · 1 step · seed 7 · dx with upstream normal(0, 1)
wrong (reference): tf.layers layer/axis-2-1: y off by 3.1e5 budgets (dx 1.6e5), on cpu

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

Deno.test("terminalSummary keeps an error on its line", () => {
  const output = terminalSummary([
    parityHeader(),
    referenceRecord({ error: AWKWARD_ERROR.repeat(3) }),
  ]);
  const line = output.split("\n").find((each) => each.startsWith("cannot run (reference):")) ?? "";
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
  assertEquals(lines.includes("and 10 more, which are in the report"), true);
});
