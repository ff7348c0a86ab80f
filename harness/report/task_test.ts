import { captureTask, inTemporaryFolder, writeRecords } from "../run/task_testing.ts";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { ExitStatus } from "../run/task.ts";
import type { NormbenchRecord } from "../tasks.ts";
import { parityHeader, parityRecord } from "../parity/report/records_testing.ts";
import { REPORT_TASK } from "./task.ts";

/** A folder of a run with `records`. */
function runFolder(folder: string, name: string, ...records: NormbenchRecord[]): string {
  const path = join(folder, name);
  writeRecords(path, records);
  return path;
}

Deno.test("report renders into the folder of the records, and prints summary and place", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = runFolder(folder, "2024", parityHeader(), parityRecord());
    const { output, status } = await captureTask(REPORT_TASK, run);
    assertEquals(status, ExitStatus.ok);
    assertStringIncludes(output, "layer  cpu");
    assertStringIncludes(output, `Report: ${join(run, "report.html")}`);
    assertStringIncludes(await Deno.readTextFile(join(run, "report.md")), "# Normbench");
  });
});

Deno.test("report takes a file, and renders beside it", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = runFolder(folder, "run", parityHeader(), parityRecord());
    await captureTask(REPORT_TASK, join(run, "records.jsonl"));
    assertEquals((await Deno.stat(join(run, "report.html"))).isFile, true);
  });
});

Deno.test("report merges several runs into --out", async () => {
  await inTemporaryFolder(async (folder) => {
    const first = runFolder(folder, "a", parityHeader(), parityRecord());
    const second = runFolder(folder, "b", parityHeader(), parityRecord({ error: 20 }));
    const out = join(folder, "merged");
    const { output } = await captureTask(REPORT_TASK, first, second, "--out", out);
    assertStringIncludes(output, "Wrong in 1 of 1 check: layer (composed).");
    assertEquals([...Deno.readDirSync(first)].map(({ name }) => name), ["records.jsonl"]);
    assertStringIncludes(output, join(out, "report.html"));
  });
});

Deno.test("report warns of a run that was cut off, and renders the rest", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = runFolder(folder, "run", parityHeader(), parityRecord());
    await Deno.writeTextFile(join(run, "records.jsonl"), '{"kind":"par', { append: true });
    const { output, errors } = await captureTask(REPORT_TASK, run);
    assertStringIncludes(errors, "ends in the middle of a record");
    assertStringIncludes(output, "Report: ");
  });
});

Deno.test("report --help prints the usage", async () => {
  const { output } = await captureTask(REPORT_TASK, "--help");
  assertStringIncludes(output, "Usage: deno task report DIR_OR_FILE... [options]");
});

for (
  const [args, message] of [
    [[], "No records were named"],
    [["a", "--colour"], "--colour is not an option"],
    [["a", "-x"], "-x is not an option"],
    [["a", "--out"], "--out needs a value"],
    [["no/such/run"], "cannot be read"],
  ] as const
) {
  Deno.test(`bad usage is named: report ${args.join(" ")}`, async () => {
    const { status, errors } = await captureTask(REPORT_TASK, ...args);
    assertEquals(status, ExitStatus.usage);
    assertStringIncludes(errors, message);
  });
}

Deno.test("the report task exits with status 2 on bad usage, without an import map", async () => {
  await inTemporaryFolder(async (folder) => {
    const main = new URL("main.ts", import.meta.url).href;
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-read", "--allow-write", main, "--wrong"],
      cwd: folder,
    }).output();
    assertEquals(
      new TextDecoder().decode(stderr),
      "--wrong is not an option of the report task. See --help.\n",
    );
    assertEquals(code, ExitStatus.usage);
  });
});

Deno.test("paths are meant from where the user calls deno task", () =>
  inTemporaryFolder(async (folder) => {
    runFolder(folder, "a run", parityHeader(), parityRecord());
    const main = new URL("./main.ts", import.meta.url).href;
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-check", "--no-prompt", "--permission-set=report", main],
        ...["a run", "--out", "it's für 'me'"],
      ],
      cwd: join(import.meta.dirname!, "..", ".."),
      env: { INIT_CWD: folder },
      stdout: "null",
    }).output();
    assertEquals(success, true);
    const report = await Deno.stat(join(folder, "it's für 'me'", "report.html"));
    assertEquals(report.isFile, true);
  }));
