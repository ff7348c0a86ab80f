import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { parityHeader, parityRecord } from "../parity/report/records_testing.ts";
import { renderReport } from "../tasks.ts";
import { inTemporaryFolder } from "./task_testing.ts";
import { writeRendered } from "./write_report.ts";

function filesBelow(folder: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) filesBelow(path).forEach((text, path) => files.set(path, text));
    else files.set(path, Deno.readTextFileSync(path));
  }
  return files;
}

function isUnfinished(folder: string): boolean {
  return [...Deno.readDirSync(folder)].some(({ name }) => name.endsWith(".part"));
}

Deno.test("a report that is cut off by a full disk leaves the former one whole", () =>
  inTemporaryFolder(async (folder) => {
    await writeRendered(await renderReport([parityHeader(), parityRecord()]), folder);
    const former = filesBelow(folder);
    const { writeTextFile } = Deno;
    Deno.writeTextFile = async (path, text) => {
      await writeTextFile(path, String(text).slice(0, 100));
      throw Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
    };
    try {
      const other = await renderReport([parityHeader(), parityRecord({ id: "layer/other" })]);
      await assertRejects(() => writeRendered(other, folder), Error, "No space left");
      // The other files are written at the same time, and removed as they fail.
      while (isUnfinished(folder) || isUnfinished(join(folder, "figures"))) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    } finally {
      Deno.writeTextFile = writeTextFile;
    }
    assertEquals(filesBelow(folder), former);
  }));
