import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  AWKWARD_ERROR,
  errorOf,
  parityHeader,
  parityRecord,
  referenceRecord,
  referenceRun,
} from "./records_testing.ts";
import type { ParityRunRecord } from "../record.ts";
import { errorByOffset } from "./error_by_offset.ts";
import { parityDocument } from "./document.ts";
import { heatMap } from "./heat_map.ts";
import { modelParity } from "./model.ts";
import { ratioByCase } from "./ratio_by_case.ts";
import { formatRatio, VERDICT_MARKS } from "./verdicts.ts";
import { figuresOf } from "../../../reports/document.ts";
import { drawSvg, type TopLevelSpec } from "../../../reports/figure.ts";

async function allFigures(records: readonly ParityRunRecord[]) {
  return figuresOf(await parityDocument(records));
}

function valuesOf(spec: TopLevelSpec | undefined): Record<string, unknown>[] {
  const data = spec?.data;
  assert(data && "values" in data && Array.isArray(data.values));
  return data.values as Record<string, unknown>[];
}

Deno.test("a report has a heat map, and for each norm a dot plot and error against offset", async () => {
  const figures = await allFigures([
    parityHeader(),
    parityRecord({ id: "layer/one", offset: 1 }),
    parityRecord({ id: "layer/ten", offset: 10 }),
    parityRecord({ norm: "rms" }),
  ]);
  assertEquals(figures.map(({ name }) => name), [
    "heat-map",
    "error-by-offset-layer",
    "ratio-by-case-layer",
    "ratio-by-case-rms",
  ]);
});

Deno.test("a run without comparisons has no figures", async () => {
  assertEquals(await allFigures([parityHeader()]), []);
});

Deno.test("figures are drawings that stand alone and on any page", async () => {
  for (const { name, svg, spec } of await allFigures(referenceRun())) {
    assertMatch(svg, /^<svg [^>]*role="img" aria-label="[^"]+" color="#[0-9a-f]{6}"/, name);
    // Ids of several drawings on one page would clash; addresses would be fetched.
    assertEquals(/ id=| href=|url\(|<image|<style/.test(svg), false, name);
    assertEquals(/NaN|undefined|Infinity/.test(svg), false, name);
    assertEquals(/fill="(#000|black|white|#fff)"/.test(svg), false, name);
    assertEquals("$schema" in spec, true, name);
  }
});

Deno.test("figures escape the names that they show", async () => {
  const svgs = await allFigures([
    parityHeader(),
    parityRecord({ norm: `<b>"&'`, id: AWKWARD_ERROR }),
  ]);
  for (const { svg } of svgs) assertEquals(/<b>|<undefined>|<Rank>/.test(svg), false);
});

Deno.test("the heat map holds the worst ratio, its range, and the verdicts", () => {
  const report = modelParity([
    parityHeader(),
    parityRecord({ error: 0.05 }),
    parityRecord({ backend: "wasm", error: 41 }),
    parityRecord({ backend: "wasm", id: "layer/b", error: 3 }),
    referenceRecord({ backend: "wasm", id: "layer/b", error: "no" }),
    parityRecord({ backend: "webgpu", error: NaN }),
  ]);
  assertEquals(valuesOf(heatMap(report).spec), [
    { norm: "layer", backend: "cpu", ratio: "0.050", range: "below 0.1", marks: "✓ 1" },
    { norm: "layer", backend: "wasm", ratio: "41", range: "10 to 1000", marks: "✗ 1  △ 1" },
    { norm: "layer", backend: "webgpu", ratio: "∞", range: "above 1000", marks: "✗ 1" },
  ]);
});

Deno.test("the dot plot has a place for what is 0 and what is not finite", () => {
  const report = modelParity([
    parityHeader(),
    parityRecord({ id: "layer/a", error: 0 }),
    referenceRecord({ id: "layer/a", error: NaN }),
    parityRecord({ id: "layer/b", error: 0.5 }),
    referenceRecord({ id: "layer/b", error: 2000 }),
    parityRecord({ id: "layer/c", error: 0.5 }),
    referenceRecord({ id: "layer/c", error: "no" }),
  ]);
  const [norm] = report.norms;
  assertEquals(valuesOf(ratioByCase(norm!, report).spec), [
    { case: "a", backend: "cpu", who: "custom", ratio: 0.01 },
    { case: "a", backend: "cpu", who: "reference", ratio: 1e5 },
    { case: "b", backend: "cpu", who: "custom", ratio: 0.5 },
    { case: "b", backend: "cpu", who: "reference", ratio: 2000 },
    { case: "c", backend: "cpu", who: "custom", ratio: 0.5 },
  ]);
});

Deno.test("error against offset is above the line of the budget exactly where it is outside", () => {
  const budget = 0.125;
  const pair = (id: string, offset: number, custom: number, reference: number | string) => [
    parityRecord({ id, offset, budget, error: custom }),
    referenceRecord({ id, offset, budget, error: reference }),
  ];
  const [custom, reference] = pair("layer/e", 1e4, 1, 1);
  const report = modelParity([
    parityHeader(),
    ...pair("layer/a", 1, 0.5, 8),
    ...pair("layer/b", 100, 2, 8),
    ...pair("layer/c", 100, 1, 8),
    ...pair("layer/d", 1000, NaN, "no"),
    custom!,
    {
      // The reference is worst at an element with another budget: 3 / 4 of it stay 3 / 4.
      ...reference!,
      quantities: [{ ...reference!.quantities[0]!, answer: errorOf(0.75, 16) }],
    },
    parityRecord({ id: "layer/plain" }),
  ]);
  const figure = errorByOffset(report.norms[0]!, report);
  const points = valuesOf(figure?.spec).map(({ series, offset, error }) => [series, offset, error]);
  assertEquals(points, [
    ["budget", 1, 0.125],
    ["composed", 1, 0.0625],
    ["tf.layers", 1, 1],
    ["budget", 100, 0.125],
    ["composed", 100, 0.25],
    ["tf.layers", 100, 1],
    ["budget", 1000, 0.125],
    ["budget", 1e4, 0.125],
    ["composed", 1e4, 0.125],
    ["tf.layers", 1e4, 0.09375],
  ]);
});

Deno.test("a norm without a sweep of offsets has no such figure", () => {
  const report = modelParity([parityHeader(), parityRecord({ offset: 10 })]);
  assertEquals(errorByOffset(report.norms[0]!, report), null);
});

Deno.test("drawSvg names the figure for those who do not see it", async () => {
  const spec: TopLevelSpec = { data: { values: [{ a: 1 }] }, mark: "point" };
  assertMatch(await drawSvg(spec, 'a "b" <c>'), /aria-label="a &quot;b&quot; &lt;c&gt;"/);
});

Deno.test("verdicts differ without colour", () => {
  const marks = Object.values(VERDICT_MARKS);
  assertEquals(new Set(marks).size, marks.length);
});

Deno.test("formatRatio writes what is not finite as infinity, NaN too", () => {
  const written = [0.5, 41.3, 3.14e5, Infinity, NaN].map(formatRatio);
  assertEquals(written, ["0.50", "41", "3.1e5", "∞", "∞"]);
});
