import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  sampleBench,
  sampleBenchHeader,
  sampleBenchRun,
  sampleChange,
} from "../samples_testing.ts";
import { hasTiming } from "../record.ts";
import { figuresOf } from "../../../reports/document.ts";
import { renderReport, summarize } from "../../tasks.ts";
import { benchDocument } from "./document.ts";

const RUN = sampleBenchRun();

Deno.test("the report holds a table and a figure a norm, in Markdown and HTML", async () => {
  const { markdown, html, figures } = await renderReport(RUN);
  assertEquals(figures.map(({ name }) => name), [
    "roofline",
    "throughput-layer",
    "throughput-group",
  ]);
  for (const text of ["layer norm", "20.0 GB/s", "1.00 µs"]) {
    assertStringIncludes(markdown, text);
    assertStringIncludes(html, text);
  }
  assertStringIncludes(html, "0.500 [0.485, 0.515] ▼");
});

Deno.test("what could not run is told with its reason, and cannot break the page", async () => {
  const { markdown, html } = await renderReport(RUN);
  assertStringIncludes(html, "groupNormalization &lt;does not exist&gt;");
  assertStringIncludes(markdown, "groupNormalization &lt;does not exist&gt;");
});

Deno.test("a group from while the machine changed its speed says so", async () => {
  const { html } = await renderReport(RUN);
  assertStringIncludes(html, "speed of the machine changed during 1 of 10 groups");
  assertStringIncludes(html, "mlp ~");
});

Deno.test("the figures name their data", async () => {
  const [roofline, throughput] = figuresOf(await benchDocument(RUN));
  const points = (roofline!.spec as { data: { values: { share: number; row: string }[] } }).data
    .values;
  assert(points.every(({ share }) => share > 0));
  assertEquals(new Set(points.map(({ row }) => row)).has("layer: tf.layers"), true);
  const lines = (throughput!.spec as { data: { values: { low: number; rate: number }[] } }).data
    .values;
  assert(lines.every(({ low, rate }) => low <= rate));
});

Deno.test("a report of a comparison begins with its verdict", async () => {
  const worse = await benchDocument([...RUN, sampleChange(1.2), sampleChange(1)]);
  assertEquals(worse.headline.tone, "failed");
  assertEquals(
    worse.headline.verdict,
    "Slower than the baseline main in 1 of 2 comparisons: layer (composed).",
  );
  const same = await benchDocument([...RUN, sampleChange(1)]);
  assertEquals(same.headline.tone, "passed");
});

Deno.test("of two passes the last one counts", async () => {
  const passes = [1, 2].map((pass) => sampleBench({ pass, composed: pass * 1e-3 }));
  const { html } = await renderReport([sampleBenchHeader(), ...passes]);
  assertStringIncludes(html, "1.00 [0.970, 1.03] ≈");
  assert(!html.includes("0.500 [0.485, 0.515]"));
});

Deno.test("the terminal shows ratios, failures, bandwidth and the verdict", () => {
  const text = summarize(RUN);
  for (const part of ["against tf.layers", "does not exist", "20.0 GB/s"]) {
    assertStringIncludes(text, part);
  }
  assertStringIncludes(text, "Custom norms are faster than tf.layers in 8 of 8 comparisons");
});

Deno.test("a run in which nothing was timed has a report, too", async () => {
  const group = sampleBench();
  const contenders = group.contenders.filter(hasTiming).map(({ name, role }) => ({
    name,
    role,
    error: "no memory left",
  }));
  const records = [sampleBenchHeader(), { ...group, contenders, ratios: [], calibration: null }];
  const { figures, markdown } = await renderReport(records);
  assertEquals(figures, []);
  assertStringIncludes(markdown, "no memory left");
  assertStringIncludes((await renderReport([sampleBenchHeader()])).markdown, "Nothing was timed");
});
