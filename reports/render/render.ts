/**
 * From records to reports: Markdown, one HTML page, and figures with their specifications.
 *
 * @module
 */
import { join } from "node:path";
import type { NormbenchRecord } from "../../records/record.ts";
import { drawFigures, type Figure } from "./figures.ts";
import { toHtml } from "./html.ts";
import { toMarkdown } from "./markdown.ts";
import { modelParity } from "./model.ts";

export type { Figure };
export { summaryTable } from "./text.ts";

/** A parity report in every form but plain text. */
export interface RenderedReport {
  /** Links the figures as `figures/NAME.svg` and `figures/NAME.vl.json`. */
  readonly markdown: string;
  /** Holds the figures, and fetches nothing. */
  readonly html: string;
  /** Those of the Markdown report, in the order in which they stand in it. */
  readonly figures: readonly Figure[];
}

/**
 * Renders the records of one or more runs; equal records give equal bytes.
 *
 * Throws `TypeError` where the records do not start with a header.
 */
export async function renderParity(records: readonly NormbenchRecord[]): Promise<RenderedReport> {
  const report = modelParity(records);
  const figures = await drawFigures(report);
  return {
    markdown: toMarkdown(report, figures),
    html: toHtml(report, figures),
    figures: [...figures.overview, ...[...figures.norms.values()].flat()],
  };
}

/** Where the parts of a report were written. */
export interface ReportPaths {
  /** The path of `report.md`. */
  readonly markdown: string;
  /** The path of `report.html`. */
  readonly html: string;
}

/** Renders records to `report.md`, `report.html` and `figures/` in a folder, which is made if needed. */
export async function writeReport(
  records: readonly NormbenchRecord[],
  folder: string,
): Promise<ReportPaths> {
  const { markdown, html, figures } = await renderParity(records);
  const paths = { markdown: join(folder, "report.md"), html: join(folder, "report.html") };
  const drawings = join(folder, "figures");
  await Deno.mkdir(drawings, { recursive: true });
  await Promise.all([
    Deno.writeTextFile(paths.markdown, markdown),
    Deno.writeTextFile(paths.html, html),
    ...figures.flatMap(({ name, svg, spec }) => [
      Deno.writeTextFile(join(drawings, `${name}.svg`), svg),
      Deno.writeTextFile(join(drawings, `${name}.vl.json`), `${JSON.stringify(spec, null, 2)}\n`),
    ]),
  ]);
  return paths;
}
