import { inTemporaryFolder } from "../run/task_testing.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { UsageError } from "../../norms/basics/errors.ts";
import { ExitStatus } from "../run/exit_status.ts";
import type { NormbenchRecord } from "../run/record.ts";
import { RecordFile } from "../run/records_file.ts";
import { sampleComparison, sampleHeader } from "../parity/samples_testing.ts";
import { runReport } from "./cli.ts";

/** What is printed while `use` runs. */
async function printed(use: () => Promise<unknown>): Promise<string> {
  const { log, warn } = console;
  const lines: string[] = [];
  console.log = console.warn = (line: string) => lines.push(line);
  try {
    await use();
  } finally {
    Object.assign(console, { log, warn });
  }
  return lines.join("\n");
}

/** A folder of a run with `records`. */
function runFolder(folder: string, name: string, ...records: NormbenchRecord[]): string {
  const path = join(folder, name);
  const file = RecordFile.create(path);
  for (const record of records) file.append(record);
  return path;
}

Deno.test("report renders into the folder of the records, and prints summary and place", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = runFolder(folder, "2024", sampleHeader(), sampleComparison());
    const output = await printed(async () => assertEquals(await runReport([run]), ExitStatus.ok));
    assertStringIncludes(output, "layer  cpu");
    assertStringIncludes(output, `Report: ${join(run, "report.html")}`);
    assertStringIncludes(await Deno.readTextFile(join(run, "report.md")), "# Normbench");
  });
});

Deno.test("report takes a file, and renders beside it", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = runFolder(folder, "run", sampleHeader(), sampleComparison());
    await printed(() => runReport([join(run, "records.jsonl")]));
    assertEquals((await Deno.stat(join(run, "report.html"))).isFile, true);
  });
});

Deno.test("report merges several runs into --out", async () => {
  await inTemporaryFolder(async (folder) => {
    const first = runFolder(folder, "a", sampleHeader(), sampleComparison());
    const second = runFolder(folder, "b", sampleHeader(), sampleComparison({ custom: 7 }));
    const out = join(folder, "merged");
    const output = await printed(() => runReport([first, second, "--out", out]));
    assertStringIncludes(output, "Outside the error budget in 1 of 1 comparison");
    assertEquals([...Deno.readDirSync(first)].map(({ name }) => name), ["records.jsonl"]);
    assertStringIncludes(output, join(out, "report.html"));
  });
});

Deno.test("report warns of a run that was cut off, and renders the rest", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = runFolder(folder, "run", sampleHeader(), sampleComparison());
    await Deno.writeTextFile(join(run, "records.jsonl"), '{"kind":"par', { append: true });
    const output = await printed(() => runReport([run]));
    assertStringIncludes(output, "ends in the middle of a record");
    assertStringIncludes(output, "Report: ");
  });
});

Deno.test("report --help prints the usage", async () => {
  assertStringIncludes(await printed(() => runReport(["--help"])), "Usage: deno task report");
});

Deno.test("report refuses what it does not understand", async () => {
  await assertRejects(() => runReport([]), UsageError, "No records were named");
  await assertRejects(() => runReport(["a", "--colour"]), UsageError, "--colour is not an option");
  await assertRejects(() => runReport(["a", "-x"]), UsageError, "-x is not an option");
  await assertRejects(() => runReport(["a", "--out"]), UsageError, "--out needs a folder");
  await assertRejects(() => runReport(["no/such/run"]), UsageError, "cannot be read");
});

Deno.test("the report task leaves with 2 when it is called wrongly", async () => {
  await inTemporaryFolder(async (folder) => {
    const main = new URL("main.ts", import.meta.url).href;
    const map = new URL("../std/adapter.json", import.meta.url).href;
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--allow-read",
        "--allow-write",
        `--import-map=${map}`,
        main,
        "--wrong",
      ],
      cwd: folder,
    }).output();
    assertEquals(
      new TextDecoder().decode(stderr),
      "--wrong is not an option of the report task. See --help.\n",
    );
    assertEquals(code, ExitStatus.usage);
  });
});
