/**
 * The command line of the report task.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { dirname } from "node:path";
import { UsageError } from "../../norms/basics/errors.ts";
import { ExitStatus } from "../run/exit_status.ts";
import { readRecords } from "../run/records_file.ts";
import { mergeRecords } from "../run/runs.ts";
import { summarize, writeReport } from "./render.ts";

const HELP = `Render the report of a run again from its records.

Usage: deno task report DIR_OR_FILE... [--out DIR]

  DIR_OR_FILE  a folder with a records.jsonl, or such a file; several are merged into one report,
               and of what was run twice on the same machine the later counts
  --out DIR    where report.md, report.html and figures/ go; the first folder if not given
  --help       this text`;

/**
 * Reads records, merges them, renders them, and prints where the report is and what it says.
 *
 * Throws {@linkcode UsageError} for an unknown option, no input, or records that cannot be read.
 */
export async function runReport(args: string[]): Promise<ExitStatus> {
  const { help, out, _: inputs } = parseArgs(args, {
    boolean: ["help"],
    string: ["out"],
    alias: { help: "h" },
    unknown: refuseOption,
  });
  if (help) {
    console.log(HELP);
    return ExitStatus.ok;
  }
  const [first, ...others] = inputs.map(String);
  if (first === undefined) {
    throw new UsageError(
      "No records were named. Give the folder of a run, such as results/parity.",
    );
  }
  if (out === "") throw new UsageError("--out needs a folder, as in --out results/merged.");
  const records = mergeRecords(
    ...[first, ...others].map((path) => readRecords(path, console.warn)),
  );
  const { html } = await writeReport(records, out ?? folderOf(first));
  console.log(`${summarize(records)}\nReport: ${html}`);
  return ExitStatus.ok;
}

/** Called for each argument that was not declared; those without a dash are the records to read. */
function refuseOption(argument: string, name?: string): void {
  if (name === undefined) return;
  throw new UsageError(`${argument} is not an option of the report task. See --help.`);
}

function folderOf(path: string): string {
  return Deno.statSync(path).isDirectory ? path : dirname(path);
}
