import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { toHtml } from "../../../reports/html.ts";
import { toMarkdown } from "../../../reports/markdown.ts";
import type { ParityRunRecord } from "../record.ts";
import {
  AWKWARD_ERROR,
  missingBackend,
  parityHeader,
  parityRecord,
  referenceRecord,
  referenceRun,
} from "./records_testing.ts";
import { parityDocument } from "./document.ts";

async function htmlOf(...records: ParityRunRecord[]) {
  return toHtml(await parityDocument(records));
}

/** What a reader sees of the part of a page from `start` on, cells parted by spaces. */
function visible(html: string, start: string): string {
  return html.slice(html.indexOf(start)).replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
}

const REFERENCE = await htmlOf(...referenceRun());

Deno.test("the page fetches nothing and runs nothing", () => {
  // Names of XML languages and schemas are addresses that are not fetched.
  const fetched = REFERENCE.replace(/xmlns(:xlink)?="[^"]*"/g, "");
  assertEquals(/https?:|<script|<link|<img|@import|url\(|\bon\w+=/.test(fetched), false);
});

Deno.test("the page suits light and dark, narrow and paper", async () => {
  const html = await htmlOf(parityHeader(), parityRecord());
  for (
    const part of [
      "prefers-color-scheme: dark",
      "max-width: 40rem",
      "@media print",
      'name="viewport"',
    ]
  ) assertStringIncludes(html, part);
});

Deno.test("every link on the page leads to one place", () => {
  const ids = [...REFERENCE.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  const targets = [...REFERENCE.matchAll(/ href="#([^"]*)"/g)].map(([, id]) => id);
  assertEquals(new Set(ids).size, ids.length);
  assertEquals(targets.filter((target) => !ids.includes(target)), []);
});

Deno.test("the page escapes whatever records hold", async () => {
  const html = await htmlOf(
    parityHeader({ cpu: "<cpu>" }),
    missingBackend("<script>alert(1)</script>"),
    parityRecord({
      norm: "<norm>",
      contender: "<contender>",
      backend: "<backend>",
      id: "<id>",
      about: "<about>",
      error: AWKWARD_ERROR,
    }),
  );
  const raw = /<(cpu|script|norm|contender|backend|id|about|undefined|Rank)>/;
  assertEquals(html.match(raw)?.[0], undefined);
});

Deno.test("a case opens to its making and to the figures of every quantity", async () => {
  const html = await htmlOf(
    parityHeader(),
    parityRecord({ error: 0.5, budget: 0.125 }),
    referenceRecord({ error: 2, budget: 0.125 }),
  );
  const text = visible(html, '<details class="case"');
  assertStringIncludes(
    text,
    "✓ plain ordinary input 0.50 2.0 △ shape [32, 64] · axis=-1, epsilon=0.001",
  );
  assertStringIncludes(
    text,
    "1 step · seed 7 · statistics over 64 elements · condition number 1.0",
  );
  assertStringIncludes(text, "cpu y composed 0.50 0.0625 0.0125 0.0500 0.0100");
  assertStringIncludes(text, "[3, 17] 1.3125 1.25 tf.layers 2.0 0.250");
  assertStringIncludes(text, "dx composed 0.25");
});

Deno.test("a custom norm's row says how far it is from each reference", async () => {
  const { quantities: [y, ...others], ...record } = parityRecord({ budget: 0.125 });
  const html = await htmlOf(
    parityHeader(),
    { ...record, quantities: [{ ...y!, differences: { "tf.layers": 0.2, keras: 3 } }, ...others] },
    referenceRecord({ error: 2, budget: 0.125 }),
    referenceRecord({ contender: "keras", error: "not there" }),
  );
  const text = visible(html, '<details class="case"');
  assertMatch(text, /y composed .* 0\.200, 3\.00 tf\.layers 2\.0 .* keras not there dx composed/);
});

Deno.test("the tone of the page says how the run went", async () => {
  assertStringIncludes(await htmlOf(parityHeader(), parityRecord()), '<body class="passed">');
  const failed = await htmlOf(parityHeader(), parityRecord({ error: NaN }));
  assertStringIncludes(failed, '<body class="failed">');
  assertStringIncludes(failed, '<td class="n"><span class="bad">∞</span>');
});

Deno.test("an empty run is a page too", async () => {
  assertStringIncludes(await htmlOf(parityHeader()), "<h1>Nothing was checked.</h1>");
});

async function markdownOf(...records: ParityRunRecord[]) {
  return toMarkdown(await parityDocument(records));
}

Deno.test("the Markdown report begins with verdict, environment and what is missing", async () => {
  const report = await markdownOf(parityHeader(), missingBackend(), parityRecord({ error: 20 }));
  const order = [
    "# Normbench parity report",
    "**Wrong in 1 of 1 check: layer (composed).**",
    "Normbench 0.1.0 (0123456789-dirty) · deno 2.9.6",
    "| backend tensorflow | no binding was found | deno task setup |",
    "## How to read it",
    "![Worst error of each norm on each backend, as a multiple of its budget](figures/heat-map.svg)",
    "(figures/heat-map.vl.json)",
    "## Findings",
    "| ✗ wrong | custom | composed | layer/plain | y off by 20 budgets (dx 10) | cpu |",
    "## layer",
    "| plain | ordinary input | 20 | ✗ wrong | – | none |",
    "| --seed | 1 |",
  ].map((text) => report.indexOf(text));
  assertEquals(order.includes(-1), false, String(order));
  assertEquals(order, [...order].sort((a, b) => a - b));
});

Deno.test("the Markdown report is not broken by the text of an error", async () => {
  const report = await markdownOf(parityHeader(), referenceRecord({ error: AWKWARD_ERROR }));
  const line = report.split("\n").find((each) =>
    each.startsWith("| ○ cannot run | reference | tf.layers")
  );
  assert(line);
  assertEquals(line.replaceAll("\\|", "").split("|").length, 8);
  assertStringIncludes(line, "&lt;undefined&gt;");
});

Deno.test("the Markdown report says when there is nothing to find", async () => {
  assertStringIncludes(
    await markdownOf(parityHeader(), parityRecord()),
    "None: everything is right.",
  );
});

Deno.test("several runs stand side by side", async () => {
  const other = parityHeader({ cpu: "Other CPU" });
  const report = await markdownOf(parityHeader(), parityRecord(), other, parityRecord());
  assertStringIncludes(report, "|  | run 1 | run 2 |");
  assertStringIncludes(report, "| processor | Test processor, 2 cores | Other CPU, 2 cores |");
  assertStringIncludes(report, "| layer | cpu 2 |");
});
