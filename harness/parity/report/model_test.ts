import { assertEquals, assertThrows } from "@std/assert";
import { sampleComparison, sampleHeader, sampleRun } from "../samples_testing.ts";
import { modelParity } from "./model.ts";

Deno.test("the model of a run has a cell for each norm and backend", () => {
  const { cells, norms, sites, missing } = modelParity(sampleRun());
  assertEquals([cells.length, norms.length, sites.length, missing.length], [18, 6, 3, 1]);
  assertEquals(cells.every(({ comparisons }) => comparisons.length === 60), true);
  assertEquals(cells[0]?.norm, "batch");
  assertEquals(cells.map(({ site }) => site.label).slice(0, 3), ["cpu", "wasm", "webgpu"]);
});

Deno.test("cases lose the name of their norm, and have anchors of their own", () => {
  const { norms } = modelParity([
    sampleHeader(),
    sampleComparison(),
    sampleComparison({ id: "other" }),
  ]);
  const cases = norms.flatMap((norm) => norm.cases);
  assertEquals(cases.map(({ label }) => label), ["plain", "other"]);
  assertEquals(cases.map(({ anchor }) => anchor), ["layer-1", "layer-2"]);
});

Deno.test("norms that users named have file names of their own", () => {
  const names = ["My norm!", "my-norm", "../../etc", "规范"];
  const { norms } = modelParity([
    sampleHeader(),
    ...names.map((norm) => sampleComparison({ norm })),
  ]);
  assertEquals(norms.map(({ slug }) => slug), ["my-norm", "my-norm-2", "etc", "unnamed"]);
});

Deno.test("what a later run repeats is told once", () => {
  const records = [
    sampleHeader(),
    sampleComparison(),
    sampleHeader(),
    sampleComparison({ custom: 5 }),
  ];
  const { comparisons, runs, custom } = modelParity(records);
  assertEquals([comparisons.length, runs.length, custom], [1, 1, 5]);
});

Deno.test("records without a header are refused", () => {
  assertThrows(() => modelParity([sampleComparison()]), TypeError, "begin with a header");
});
