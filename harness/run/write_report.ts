/**
 * Writes reports to a disk.
 *
 * @module
 */
import { join } from "node:path";
import { plainRecords } from "../../reports/escape.ts";
import type { RenderedReport } from "../../reports/render.ts";
import { annotations, type Formats, junitXml, type Outcome, stepSummary } from "./formats.ts";
import { formatRecord, type HeaderRecord, type ResultRecord } from "./record.ts";
import { renderRecords, type Report, textOf } from "./report.ts";
import type { RunFolder } from "./run_folder.ts";

/** Paths of a written report. */
export interface ReportPaths {
  /** The path of `report.md`. */
  readonly markdown: string;
  /** The path of `report.html`. */
  readonly html: string;
}

/** Writes `report.md`, `report.html`, further pages and `figures/` to a folder, which is created if needed. */
export async function writeRendered(
  { pages, figures, ...first }: RenderedReport,
  folder: string,
): Promise<ReportPaths> {
  const drawings = join(folder, "figures");
  await Deno.mkdir(drawings, { recursive: true });
  await Promise.all([
    ...[first, ...pages].flatMap(({ name, markdown, html }) => [
      writeWhole(join(folder, `${name}.md`), markdown),
      writeWhole(join(folder, `${name}.html`), html),
    ]),
    ...figures.flatMap(({ name, svg, spec }) => [
      writeWhole(join(drawings, `${name}.svg`), svg),
      writeWhole(join(drawings, `${name}.vl.json`), `${JSON.stringify(spec, null, 2)}\n`),
    ]),
  ]);
  return { markdown: join(folder, `${first.name}.md`), html: join(folder, `${first.name}.html`) };
}

/** Writes a file in one step, so that none is ever half written. */
async function writeWhole(path: string, text: string): Promise<void> {
  const partial = `${path}.part`;
  try {
    await Deno.writeTextFile(partial, text);
    await Deno.rename(partial, path);
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw error;
  }
}

/**
 * Writes the report of a run; prints its summary and paths, or with `json` its records, and tells it in the
 * formats that are asked for.
 */
export async function presentRun<R extends ResultRecord>(
  run: RunFolder<R>,
  report: Report<R>,
  json: boolean,
  formats: Formats = { text: true, github: false },
): Promise<void> {
  const { html } = await writeRendered(await renderRecords(report, run.records), run.path);
  if (json) run.records.forEach((record) => console.log(formatRecord(record)));
  else if (formats.text) {
    console.log(`${textOf(report, run.records)}\nRecords: ${run.path}\nReport: ${html}`);
  }
  await writeFormats(run, report, formats);
}

async function writeFormats<R extends ResultRecord>(
  { records }: RunFolder<R>,
  report: Report<R>,
  { junit, github }: Formats,
): Promise<void> {
  const { task } = report;
  const outcomes = report.outcomes?.(plainRecords(records)) ?? [];
  if (junit !== undefined) {
    const { environment } = records[0] as HeaderRecord;
    const { normbench, versions, platform, cpu } = environment;
    const xml = junitXml(task, outcomes, { normbench, ...versions, platform, cpu }, new Date());
    if (junit === "-") console.log(xml);
    else await writeWhole(junit, xml);
  }
  if (!github) return;
  for (const line of annotations(task, outcomes, lineOfExport)) console.log(line);
  const summary = Deno.env.get("GITHUB_STEP_SUMMARY");
  if (summary === undefined) return;
  const text = stepSummary(task, outcomes, textOf(report, records));
  await Deno.writeTextFile(summary, text, { append: true });
}

/** The line in which a module exports a name; undefined where it is not to be seen. */
function lineOfExport({ file, symbol }: NonNullable<Outcome["source"]>): number | undefined {
  const name = symbol.replace(/\W/g, "\\$&");
  const declared = RegExp(`\\b(?:function|const|let|class)\\s+${name}\\b`);
  const lines = Deno.readTextFileSync(file).split("\n");
  const index = lines.findIndex((line) => declared.test(line));
  return index < 0 ? undefined : index + 1;
}
