import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  AWKWARD_ERROR,
  sampleComparison,
  sampleHeader,
  sampleMissing,
} from "../samples_testing.ts";
import type { ParityRunRecord } from "../record.ts";
import { toMarkdown } from "../../../reports/markdown.ts";
import { parityDocument } from "./document.ts";

async function markdownOf(...records: ParityRunRecord[]) {
  return toMarkdown(await parityDocument(records));
}

Deno.test("the Markdown report begins with verdict, environment and what is missing", async () => {
  const report = await markdownOf(sampleHeader(), sampleMissing(), sampleComparison({ custom: 2 }));
  const order = [
    "# Normbench parity report",
    "**Outside the error budget in 1 of 1 comparison: layer (composed).**",
    "Normbench 0.1.0 (0123456789-dirty) · deno 2.9.6",
    "| backend tensorflow | no binding was found | deno task setup |",
    "## How to read it",
    "![Worst error of each norm on each backend, as a multiple of its budget](figures/heat-map.svg)",
    "(figures/heat-map.vl.json)",
    "## Findings",
    "| ✗ custom wrong | composed | layer/plain | y off by 2.0 budgets | cpu |",
    "## layer",
    "| plain | ordinary input | 2.0 | 0.50 | ✗ custom wrong |",
    "| --seed | 1 |",
  ].map((text) => report.indexOf(text));
  assertEquals(order.includes(-1), false, String(order));
  assertEquals(order, [...order].sort((a, b) => a - b));
});

Deno.test("the Markdown report is not broken by the text of an error", async () => {
  const report = await markdownOf(sampleHeader(), sampleComparison({ referenced: AWKWARD_ERROR }));
  const line = report.split("\n").find((each) =>
    each.startsWith("| ○ reference cannot | tf.layers")
  );
  assert(line);
  assertEquals(line.replaceAll("\\|", "").split("|").length, 7);
  assertStringIncludes(line, "&lt;undefined&gt;");
});

Deno.test("the Markdown report says when there is nothing to find", async () => {
  assertStringIncludes(
    await markdownOf(sampleHeader(), sampleComparison()),
    "None: everything agrees.",
  );
});

Deno.test("several runs stand side by side", async () => {
  const other = sampleHeader({ cpu: "Other CPU" });
  const report = await markdownOf(sampleHeader(), sampleComparison(), other, sampleComparison());
  assertStringIncludes(report, "|  | run 1 | run 2 |");
  assertStringIncludes(report, "| processor | Example Xeon 8280, 2 cores | Other CPU, 2 cores |");
  assertStringIncludes(report, "| layer | cpu 2 |");
});
