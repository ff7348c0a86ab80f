import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { figuresOf } from "../../../reports/document.ts";
import { renderReport, summarize } from "../../tasks.ts";
import type { BenchRecord } from "../record.ts";
import {
  benchHeader,
  benchRecord,
  changeRecord,
  referenceRun,
  stepRecord,
} from "../records_testing.ts";
import { benchDocument } from "./document.ts";
import { formatInterval, formatRate, formatSeconds, formatShare } from "./tables.ts";

const RUN = referenceRun();
const GROUPS = RUN.filter((record) => record.kind === "bench");
const NORMS = [...new Set(GROUPS.map(({ norm }) => norm))];
const RENDERED = await renderReport(RUN);

function failedGroup(error: string): BenchRecord {
  const group = benchRecord();
  const contenders = group.contenders.map(({ name, role }) => ({ name, role, error }));
  return { ...group, contenders, ratios: [], calibration: null };
}

Deno.test("the report holds a table and a figure a norm, in Markdown and HTML", () => {
  const { markdown, html, figures } = RENDERED;
  assertEquals(
    figures.map(({ name }) => name),
    ["roofline", ...NORMS.map((norm) => `throughput-${norm}`)],
  );
  const [bandwidth] = RUN.filter((record) => record.kind === "bandwidth");
  const texts = [
    ...NORMS.map((norm) => `${norm} norm`),
    formatRate(bandwidth!.bytesPerSecond, "B/s"),
    formatSeconds(bandwidth!.completion.median),
  ];
  for (const text of texts) {
    assertStringIncludes(markdown, text);
    assertStringIncludes(html, text);
  }
});

Deno.test("what could not run is listed with its reason, and cannot break the page", async () => {
  const error = "groupNormalization <does not exist>";
  const records = [benchHeader(), benchRecord({ shape: [2, 2] }), failedGroup(error)];
  const { markdown, html } = await renderReport(records);
  assertStringIncludes(html, "groupNormalization &lt;does not exist&gt;");
  assertStringIncludes(markdown, "groupNormalization &lt;does not exist&gt;");
  assertStringIncludes(html, "0.500 [0.485, 0.515] ▼");
});

Deno.test("groups during which the speed of the machine changed are counted and marked", () => {
  const drifted = GROUPS.filter(({ calibration }) => calibration!.drifted);
  assertStringIncludes(
    RENDERED.html,
    `speed of the machine changed during ${drifted.length} of ${GROUPS.length} groups`,
  );
  const { shape, cache } = drifted.find(({ workload }) => workload === "forward")!;
  assertStringIncludes(RENDERED.html, `${shape.join("x")} ${cache} ~`);
});

interface Spec {
  readonly data: { readonly values: readonly Readonly<Record<string, string | number>>[] };
}

Deno.test("the figures name their data", async () => {
  const [roofline, throughput] = figuresOf(await benchDocument(RUN));
  const points = (roofline!.spec as unknown as Spec).data.values;
  assert(points.every(({ share }) => Number(share) > 0));
  assert(points.some(({ row }) => row === "layer: tf.layers"));
  const lines = (throughput!.spec as unknown as Spec).data.values;
  assert(lines.every(({ low, rate }) => low! <= rate!));
});

Deno.test("a contender has one colour in all figures, and no other has it", async () => {
  const colours = new Map<string, Set<string>>();
  for (const { spec } of figuresOf(await benchDocument(RUN))) {
    const [, domain, range] = JSON.stringify(spec)
      .match(/"field":"contender",[^{]*"scale":\{"domain":(\[.*?\]),"range":(\[.*?\])/)!;
    JSON.parse(domain!).forEach((name: string, index: number) => {
      colours.set(name, (colours.get(name) ?? new Set()).add(JSON.parse(range!)[index]));
    });
  }
  assert(colours.size >= 8, [...colours.keys()].join());
  for (const [name, each] of colours) assertEquals(each.size, 1, name);
  assertEquals(new Set([...colours.values()].flatMap((each) => [...each])).size, colours.size);
});

Deno.test("a report of a comparison begins with its verdict", async () => {
  const records = [benchHeader(), benchRecord()];
  const worse = await benchDocument([...records, changeRecord(1.2), changeRecord(1)]);
  assertEquals(worse.headline.tone, "failed");
  assertEquals(
    worse.headline.verdict,
    "Slower than the baseline main in 1 of 2 comparisons: layer (composed).",
  );
  const same = await benchDocument([...records, changeRecord(1)]);
  assertEquals(same.headline.tone, "passed");
});

Deno.test("of two passes the last one counts", async () => {
  const passes = [1, 2].map((pass) => benchRecord({ pass, composed: pass * 1e-3 }));
  const { html } = await renderReport([benchHeader(), ...passes]);
  assertStringIncludes(html, "1.00 [0.970, 1.03] ≈");
  assert(!html.includes("0.500 [0.485, 0.515]"));
});

Deno.test("the terminal shows ratios, failures and the verdict", () => {
  const text = summarize([
    benchHeader(),
    benchRecord(),
    { ...failedGroup("no memory left"), norm: "group" },
  ]);
  assertStringIncludes(text, "against tf.layers");
  assertStringIncludes(text, "no memory left");
  assertStringIncludes(text, "Custom norms are faster than tf.layers in 1 of 1 comparison");
});

Deno.test("a run in which nothing was timed has a report, too", async () => {
  const { figures, markdown } = await renderReport([benchHeader(), failedGroup("no memory left")]);
  assertEquals(figures, []);
  assertStringIncludes(markdown, "no memory left");
  assertStringIncludes(markdown, "None of 1 custom norm could be timed");
  assertStringIncludes((await renderReport([benchHeader()])).markdown, "Nothing was timed");
});

Deno.test("times and rates have units that suit them", () => {
  assertEquals(
    [2.5, 1.234e-3, 4e-6, 5e-9, 0, NaN].map(formatSeconds),
    ["2.50 s", "1.23 ms", "4.00 µs", "5.00 ns", "0 ns", "NaN ns"],
  );
  assertEquals(formatRate(3.21e9, "B/s"), "3.21 GB/s");
  assertEquals(formatRate(12), "12.0");
  assertEquals(formatRate(null), "–");
  assertEquals(formatShare(0.123), "12 %");
  assertEquals(formatInterval(0.5, 0.4, 0.6), "0.500 [0.400, 0.600]");
});

Deno.test("training steps have a section of their own, and the headline says how ours compare", async () => {
  const records = [benchHeader(), stepRecord("none"), stepRecord("batch")];
  const { markdown } = await renderReport(records);
  assertStringIncludes(
    markdown,
    "Our training step (compiled) on cpu typically takes 0.25 times as long as with tf.layers (faster in 2 of 2), 1.3 times as long as with keras XLA (faster in 0 of 2).",
  );
  assertStringIncludes(markdown, "Every contender reads the loss of each step.");
  assert(!markdown.includes("none norm"), "a network without norm has no section of a norm");
  const text = summarize([...records, benchRecord()]);
  const [alone, steps] = text.split("\n\n").map((table) => table.split("\n")[0]!);
  assertStringIncludes(alone!, "against tf.layers");
  assert(!alone!.includes("keras"), "norms alone and training steps are in different tables");
  assertEquals(steps!.match(/against [\w.]+( norm| XLA)?/g), [
    "against tf.layers",
    "against no norm",
    "against keras XLA",
    "against compiled",
  ]);
  assertStringIncludes(text, "Custom norms are faster than tf.layers in 1 of 1 comparison");
});

Deno.test("training steps without other frameworks say how to compare with them", () => {
  const record = stepRecord("none");
  const contenders = record.contenders.filter(({ role }) => role !== "peer");
  const ratios = record.ratios.filter(({ against }) => against === "tf.layers");
  const remedy = "No other framework took part: add --peers pytorch,keras.";
  assertStringIncludes(summarize([benchHeader(), { ...record, contenders, ratios }]), remedy);
  assert(!summarize([benchHeader(), record]).includes(remedy));
});

Deno.test("a ratio with a contender that a busy machine hit is marked, and not in the headline", () => {
  const record = stepRecord("none");
  const contenders = record.contenders.map((each) =>
    each.role === "peer" && "seconds" in each
      ? { ...each, seconds: { ...each.seconds, p75: 3 * each.seconds.p25 } }
      : each
  );
  const text = summarize([benchHeader(), { ...record, contenders }]);
  assertStringIncludes(text, "1.25 [1.25, 1.25] ~");
  assertStringIncludes(text, "The machine was too busy for keras XLA in some groups");
  assert(!text.includes("times as long as with keras XLA"));
  assertStringIncludes(text, "times as long as with tf.layers");
});
