import { assertEquals, assertLess, assertRejects } from "@std/assert";
import { join } from "node:path";
import { sampleComparison, sampleHeader, sampleRun } from "./parity/samples_testing.ts";
import { UsageError } from "../norms/basics/errors.ts";
import { inTemporaryFolder } from "./run/task_testing.ts";
import { renderReport } from "./tasks.ts";
import { writeReport } from "../system.ts";

Deno.test("equal records give equal reports", async () => {
  assertEquals(await renderReport(sampleRun()), await renderReport(sampleRun()));
});

Deno.test("a thousand comparisons are rendered fast, to a page of moderate size", async () => {
  const start = performance.now();
  const { html, markdown } = await renderReport(sampleRun());
  assertLess(performance.now() - start, 5000);
  assertLess(html.length, 2_000_000);
  assertLess(markdown.length, 100_000);
});

Deno.test("writeReport writes what it returns, and each figure with its specification", async () => {
  await inTemporaryFolder(async (folder) => {
    const records = [sampleHeader(), sampleComparison()];
    const report = join(folder, "deep", "report");
    const paths = await writeReport(records, report);
    const { markdown, html, figures } = await renderReport(records);
    assertEquals(await Deno.readTextFile(paths.markdown), markdown);
    assertEquals(await Deno.readTextFile(paths.html), html);
    for (const { name, svg, spec } of figures) {
      assertEquals(await Deno.readTextFile(join(report, "figures", `${name}.svg`)), svg);
      const stored = await Deno.readTextFile(join(report, "figures", `${name}.vl.json`));
      assertEquals(JSON.parse(stored), JSON.parse(JSON.stringify(spec)));
    }
  });
});

Deno.test("records without a header, of several tasks or of an unknown one are refused", async () => {
  const train = { ...sampleHeader(), task: "train" };
  const other = { ...sampleHeader(), task: "knitting" };
  for (
    const [records, error, message] of [
      [[sampleComparison()], TypeError, "begin with a header"],
      [[sampleHeader(), train], UsageError, "several tasks (parity, train)"],
      [[other], UsageError, "no report for the task knitting"],
    ] as const
  ) await assertRejects(() => renderReport(records), error, message);
});
