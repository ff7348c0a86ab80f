/**
 * The report task: renders the report of a run from its records.
 *
 * @module
 */
import { dirname } from "node:path";
import { UsageError } from "../../norms/basics/errors.ts";
import { text } from "../run/options.ts";
import { readRecords } from "../run/run_folder.ts";
import { defineTask, ExitStatus } from "../run/task.ts";
import { writeRendered } from "../run/write_report.ts";
import { KINDS, mergeRecords, renderReport, summarize } from "../tasks.ts";

/** `deno task report`. */
export const REPORT_TASK = defineTask({
  name: "report",
  about:
    "Render the report of a run from its records. Several runs are merged into one report; of what " +
    "was run twice on the same machine, the later counts.",
  operands: {
    takes: "DIR_OR_FILE...",
    about: "folder of a run, or a records.jsonl or records.jsonl.gz",
  },
  options: {
    out: text("DIR", "folder for report.md, report.html and figures/; the first one if left out"),
  },
  notes: "Exit status: 0 if the report was written, 2 for bad usage, also if records are damaged.",
  async run({ out }, inputs) {
    const [first] = inputs;
    if (first === undefined) {
      throw new UsageError(
        "No records were named. Give the folder of a run, such as results/parity-1.",
      );
    }
    const files = inputs.map((path) => readRecords(path, KINDS, console.error));
    const records = mergeRecords(...files);
    const { html } = await writeRendered(await renderReport(records), out ?? folderOf(first));
    console.log(`${summarize(records)}\nReport: ${html}`);
    return ExitStatus.ok;
  },
});

function folderOf(path: string): string {
  return Deno.statSync(path).isDirectory ? path : dirname(path);
}
