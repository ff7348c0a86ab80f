/**
 * The report of a run: how the records of a task become pages, and where these are written.
 *
 * @module
 */
import { join } from "node:path";
import type { ReportDocument } from "../../reports/document.ts";
import { plainRecords } from "../../reports/escape.ts";
import { renderDocuments, type RenderedReport } from "../../reports/render.ts";
import { formatRecord, type ResultRecord, type RunRecord } from "./record.ts";
import type { RunFolder } from "./run_folder.ts";

/** How the records of a task become a report. */
export interface Report<R extends ResultRecord = ResultRecord> {
  /** The pages, the first one named `report`. */
  pages(records: readonly RunRecord<R>[]): Promise<ReadonlyMap<string, ReportDocument>>;
  /** What the terminal shows. */
  text(records: readonly RunRecord<R>[]): string;
}

/** Where the parts of a report were written. */
export interface ReportPaths {
  /** The path of `report.md`. */
  readonly markdown: string;
  /** The path of `report.html`. */
  readonly html: string;
}

/** Renders records as their task does; equal records give equal bytes. */
export async function renderRecords<R extends ResultRecord>(
  report: Report<R>,
  records: readonly RunRecord<R>[],
): Promise<RenderedReport> {
  return renderDocuments(await report.pages(plainRecords(records)));
}

/** What the terminal shows of records. */
export function textOf<R extends ResultRecord>(
  report: Report<R>,
  records: readonly RunRecord<R>[],
): string {
  return report.text(plainRecords(records));
}

/** Writes `report.md`, `report.html`, further pages and `figures/` to a folder, which is made if needed. */
export async function writeRendered(
  { pages, figures, ...first }: RenderedReport,
  folder: string,
): Promise<ReportPaths> {
  const drawings = join(folder, "figures");
  await Deno.mkdir(drawings, { recursive: true });
  await Promise.all([
    ...[first, ...pages].flatMap(({ name, markdown, html }) => [
      Deno.writeTextFile(join(folder, `${name}.md`), markdown),
      Deno.writeTextFile(join(folder, `${name}.html`), html),
    ]),
    ...figures.flatMap(({ name, svg, spec }) => [
      Deno.writeTextFile(join(drawings, `${name}.svg`), svg),
      Deno.writeTextFile(join(drawings, `${name}.vl.json`), `${JSON.stringify(spec, null, 2)}\n`),
    ]),
  ]);
  return { markdown: join(folder, `${first.name}.md`), html: join(folder, `${first.name}.html`) };
}

/** Writes the report of a run, and prints its summary and where it is, or with `json` its records. */
export async function presentRun<R extends ResultRecord>(
  run: RunFolder<R>,
  report: Report<R>,
  json: boolean,
): Promise<void> {
  const { html } = await writeRendered(await renderRecords(report, run.records), run.path);
  if (json) run.records.forEach((record) => console.log(formatRecord(record)));
  else console.log(`${textOf(report, run.records)}\nRecords: ${run.path}\nReport: ${html}`);
}
