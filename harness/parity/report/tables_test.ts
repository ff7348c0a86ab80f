import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  AWKWARD_ERROR,
  missingBackend,
  parityHeader,
  parityRecord,
  referenceRun,
} from "./records_testing.ts";
import { terminalSummary } from "./tables.ts";

Deno.test("terminalSummary shows norm by backend, findings, what is missing, and the verdict", () => {
  assertEquals(
    terminalSummary([
      parityHeader(),
      missingBackend(),
      parityRecord({ id: "layer/axis-2-1", referenced: 3.1e5 }),
      parityRecord({ norm: "batch", backend: "wasm", custom: 12 }),
    ]),
    `norm   backend  worst / budget  comparisons  custom wrong  both off  reference wrong  reference cannot  agree
layer  cpu                0.40            1             ·         ·                1                 ·      ·
batch  wasm                 12            1             1         ·                ·                 ·      ·

custom wrong: composed batch/plain: y off by 12 budgets (dx 6.0), on wasm
reference wrong: tf.layers layer/axis-2-1: y off by 3.1e5 budgets (dx 1.6e5), on cpu

missing: backend tensorflow: no binding was found
  remedy: deno task setup

Outside the error budget in 1 of 2 comparisons: batch (composed).
The run is not complete: one thing it needs is missing.
tf.layers is itself wrong in 1 of 2 comparisons.
`,
  );
});

Deno.test("terminalSummary keeps an error on its line", () => {
  const output = terminalSummary([
    parityHeader(),
    parityRecord({ referenced: AWKWARD_ERROR.repeat(3) }),
  ]);
  const line = output.split("\n").find((each) => each.startsWith("reference cannot:")) ?? "";
  assertStringIncludes(line, "Cannot read properties of <undefined>");
  assertStringIncludes(line, "…, on cpu");
});

Deno.test("terminalSummary of an empty run says that nothing was compared", () => {
  assertEquals(terminalSummary([parityHeader()]), "Nothing was compared.\n");
});

Deno.test("terminalSummary has a finding once, not once a comparison", () => {
  const run = referenceRun();
  const lines = terminalSummary(run).split("\n").filter((line) =>
    line.startsWith("reference wrong")
  );
  const wrong = run.filter((record) => record.kind === "parity").flatMap((record) =>
    record.quantities.filter(({ verdict }) => verdict === "reference wrong")
      .map(() => `${record.reference} ${record.case.id}`)
  );
  assertEquals(lines.length, new Set(wrong).size);
  assertEquals(lines.filter((line) => line.includes(" layer/axis-2-1:")).length, 1);
});
