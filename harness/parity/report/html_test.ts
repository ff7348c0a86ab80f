import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  AWKWARD_ERROR,
  sampleComparison,
  sampleHeader,
  sampleMissing,
  sampleRun,
} from "../samples_testing.ts";
import type { ParityRunRecord } from "../record.ts";
import { toHtml } from "../../../reports/html.ts";
import { parityDocument } from "./document.ts";

async function htmlOf(...records: ParityRunRecord[]) {
  return toHtml(await parityDocument(records));
}

/** What a reader sees of the part of a page from `start` on, cells parted by spaces. */
function visible(html: string, start: string): string {
  return html.slice(html.indexOf(start)).replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
}

Deno.test("the page fetches nothing and runs nothing", async () => {
  const html = await htmlOf(...sampleRun());
  // Names of XML languages and schemas are addresses that nobody visits.
  const fetched = html.replace(/xmlns(:xlink)?="[^"]*"/g, "");
  assertEquals(/https?:|<script|<link|<img|@import|url\(|\bon\w+=/.test(fetched), false);
});

Deno.test("the page suits light and dark, narrow and paper", async () => {
  const html = await htmlOf(sampleHeader(), sampleComparison());
  for (
    const part of [
      "prefers-color-scheme: dark",
      "max-width: 40rem",
      "@media print",
      'name="viewport"',
    ]
  ) assertStringIncludes(html, part);
});

Deno.test("every link on the page leads to one place", async () => {
  const html = await htmlOf(...sampleRun());
  const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  const targets = [...html.matchAll(/ href="#([^"]*)"/g)].map(([, id]) => id);
  assertEquals(new Set(ids).size, ids.length);
  assertEquals(targets.filter((target) => !ids.includes(target)), []);
});

Deno.test("the page escapes whatever records hold", async () => {
  const html = await htmlOf(
    sampleHeader({ cpu: "<cpu>" }),
    sampleMissing("<script>alert(1)</script>"),
    sampleComparison({
      norm: "<norm>",
      implementation: "<implementation>",
      backend: "<backend>",
      reference: "<reference>",
      id: "<id>",
      about: "<about>",
      referenced: AWKWARD_ERROR,
    }),
  );
  const raw = /<(cpu|script|norm|implementation|backend|reference|id|about|undefined|Rank)>/;
  assertEquals(html.match(raw)?.[0], undefined);
});

Deno.test("a case opens to its making and to the figures of every quantity", async () => {
  const html = await htmlOf(
    sampleHeader(),
    sampleComparison({ custom: 0.5, referenced: 2, budget: 0.125 }),
  );
  const text = visible(html, '<details class="case"');
  assertStringIncludes(
    text,
    "△ plain ordinary input 0.50 2.0 shape [32, 64] · axis=-1, epsilon=0.001",
  );
  assertStringIncludes(
    text,
    "1 step · seed 7 · statistics over 64 elements · condition number 1.0",
  );
  assertStringIncludes(text, "cpu y composed 0.50 0.0625 0.0125 0.0500 0.0100");
  assertStringIncludes(text, "[3, 17] 1.3125 1.25 0.188 tf.layers 2.0 0.250");
  assertStringIncludes(text, "dx composed 0.25");
});

Deno.test("a custom norm is told once beside several references", async () => {
  const html = await htmlOf(
    sampleHeader(),
    sampleComparison({ referenced: 2, budget: 0.125 }),
    sampleComparison({ reference: "keras", referenced: "not there", budget: 0.125 }),
  );
  const text = visible(html, '<details class="case"');
  assertMatch(text, /y composed .* 0\.200, – tf\.layers 2\.0 .* keras not there dx composed/);
});

Deno.test("the page tells how the run went by its tone", async () => {
  assertStringIncludes(await htmlOf(sampleHeader(), sampleComparison()), '<body class="passed">');
  const failed = await htmlOf(sampleHeader(), sampleComparison({ custom: NaN }));
  assertStringIncludes(failed, '<body class="failed">');
  assertStringIncludes(failed, '<td class="n"><span class="bad">∞</span>');
});

Deno.test("an empty run is a page too", async () => {
  assertStringIncludes(await htmlOf(sampleHeader()), "<h1>Nothing was compared.</h1>");
});
