/**
 * Writes reports to a disk.
 *
 * @module
 */
import { join } from "node:path";
import type { RenderedReport } from "../../reports/render.ts";
import { formatRecord, type ResultRecord } from "./record.ts";
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

/** Writes the report of a run; prints its summary and paths, or with `json` its records. */
export async function presentRun<R extends ResultRecord>(
  run: RunFolder<R>,
  report: Report<R>,
  json: boolean,
): Promise<void> {
  const { html } = await writeRendered(await renderRecords(report, run.records), run.path);
  if (json) run.records.forEach((record) => console.log(formatRecord(record)));
  else console.log(`${textOf(report, run.records)}\nRecords: ${run.path}\nReport: ${html}`);
}
