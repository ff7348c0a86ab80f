import { assertEquals, assertThrows } from "@std/assert";
import { missingBackend, parityHeader, parityRecord, referenceRun } from "./records_testing.ts";
import { modelParity } from "./model.ts";

Deno.test("the model of a run has a cell for each norm and backend", () => {
  const { cells, norms, sites, missing } = modelParity([
    ...referenceRun(),
    missingBackend("webgl"),
  ]);
  // Seven norms on four backends, and the kernels of wasm.
  assertEquals([cells.length, norms.length, sites.length, missing.length], [29, 8, 4, 1]);
  assertEquals(sites.map(({ label }) => label), ["cpu", "wasm", "tensorflow", "webgpu"]);
  const checks = cells.map((cell) => cell.custom.checks.length);
  assertEquals([Math.min(...checks), Math.max(...checks)], [35, 471]);
});

Deno.test("cases lose the name of their norm, and have distinct anchors", () => {
  const { norms } = modelParity([
    parityHeader(),
    parityRecord(),
    parityRecord({ id: "other" }),
  ]);
  const cases = norms.flatMap((norm) => norm.cases);
  assertEquals(cases.map(({ label }) => label), ["plain", "other"]);
  assertEquals(cases.map(({ anchor }) => anchor), ["layer/plain", "layer-2"]);
});

Deno.test("norms that users named have distinct file names", () => {
  const names = ["My norm!", "my-norm", "../../etc", "规范"];
  const { norms } = modelParity([
    parityHeader(),
    ...names.map((norm) => parityRecord({ norm })),
  ]);
  assertEquals(norms.map(({ slug }) => slug), ["my-norm", "my-norm-2", "etc", "unnamed"]);
});

Deno.test("of what a later run repeats the last record counts", () => {
  const records = [
    parityHeader(),
    parityRecord(),
    parityHeader(),
    parityRecord({ error: 5 }),
  ];
  const { checks, runs, custom } = modelParity(records);
  assertEquals([checks.length, runs.length, custom.ratio], [1, 1, 5]);
});

Deno.test("records without a header are refused", () => {
  assertThrows(() => modelParity([parityRecord()]), TypeError, "not a header");
});
