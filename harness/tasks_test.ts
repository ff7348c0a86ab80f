import { assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { join } from "node:path";
import { parityHeader, parityRecord, referenceRun } from "./parity/report/records_testing.ts";
import { UsageError } from "../norms/basics/errors.ts";
import { inTemporaryFolder } from "./run/task_testing.ts";
import { renderReport } from "./tasks.ts";
import { writeReport } from "../system.ts";

Deno.test("equal records give equal reports", async () => {
  const records = () => [
    parityHeader(),
    parityRecord({ id: "layer/one", offset: 1 }),
    parityRecord({ id: "layer/ten", offset: 10, error: 3 }),
  ];
  assertEquals(await renderReport(records()), await renderReport(records()));
});

Deno.test("a thousand comparisons are rendered fast, to a page of moderate size", async () => {
  const records = referenceRun().filter((record) => !("norm" in record) || record.norm === "batch");
  assertGreater(records.length, 1000);
  const start = performance.now();
  const { html, markdown } = await renderReport(records);
  assertLess(performance.now() - start, 5000);
  assertLess(html.length, 1500 * records.length);
  assertLess(markdown.length, 100_000);
});

Deno.test("writeReport writes what it returns, and each figure with its specification", async () => {
  await inTemporaryFolder(async (folder) => {
    const records = [parityHeader(), parityRecord()];
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
  const train = { ...parityHeader(), task: "train" };
  const other = { ...parityHeader(), task: "knitting" };
  for (
    const [records, error, message] of [
      [[parityRecord()], TypeError, "not a header"],
      [[parityHeader(), train], UsageError, "several tasks (parity, train)"],
      [[other], UsageError, "no report for the task knitting"],
    ] as const
  ) await assertRejects(() => renderReport(records), error, message);
});
