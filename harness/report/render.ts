/**
 * From records to reports: Markdown, HTML pages, and figures with their specifications.
 *
 * @module
 */
import { join } from "node:path";
import type { NormbenchRecord } from "../run/record.ts";
import { benchDocument } from "../bench/report/document.ts";
import { benchText } from "../bench/report/text.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import { figuresOf, type ReportDocument } from "../../reports/document.ts";
import { plainRecords, slug } from "../../reports/escape.ts";
import type { Figure } from "../../reports/figure.ts";
import { toHtml } from "../../reports/html.ts";
import { toMarkdown } from "../../reports/markdown.ts";
import { parityDocument } from "../parity/report/document.ts";
import { summaryTable } from "../parity/report/text.ts";
import { replayDocument } from "../replay/report/document.ts";
import { replaySummary } from "../replay/report/text.ts";
import { trainDocuments } from "../train/report/document.ts";
import { trainSummary } from "../train/report/text.ts";

export type { Figure };

/** A page of a report, in both formats. */
export interface RenderedPage {
  /** Name of its files, without extension; `report` is the first page. */
  readonly name: string;
  /** Links the figures as `figures/NAME.svg` and `figures/NAME.vl.json`. */
  readonly markdown: string;
  /** Holds the figures, and fetches nothing. */
  readonly html: string;
}

/** A report in every form but plain text. */
export interface RenderedReport extends RenderedPage {
  /** Further pages, which the first one links. */
  readonly pages: readonly RenderedPage[];
  /** Those of all pages, in the order in which they stand in them. */
  readonly figures: readonly Figure[];
}

/** How the records of a task become a report. */
interface TaskReport {
  /** The pages, the first one named `report`. */
  pages(records: readonly NormbenchRecord[]): Promise<ReadonlyMap<string, ReportDocument>>;
  /** What the terminal shows. */
  text(records: readonly NormbenchRecord[]): string;
}

const REPORTS: Readonly<Record<string, TaskReport>> = {
  parity: {
    pages: async (records) => new Map([["report", await parityDocument(records)]]),
    text: summaryTable,
  },
  replay: {
    pages: async (records) => new Map([["report", await replayDocument(records)]]),
    text: replaySummary,
  },
  train: { pages: trainDocuments, text: trainSummary },
  bench: {
    pages: async (records) => new Map([["report", await benchDocument(records)]]),
    text: benchText,
  },
};

/**
 * The report that belongs to the task of these records.
 *
 * @throws {TypeError} if they have no header.
 * @throws {UsageError} if they are of several tasks, or of a task without a report.
 */
function reportOf(records: readonly NormbenchRecord[]): TaskReport {
  const headers = records.filter((record) => record.kind === "header");
  const tasks = [...new Set(headers.map(({ task }) => task))];
  if (records[0]?.kind !== "header") {
    throw new TypeError(
      "Records begin with a header, and these do not: pass them as they were read",
    );
  }
  if (tasks.length > 1) {
    throw new UsageError(
      `These records are of several tasks (${tasks.join(", ")}): render each apart`,
    );
  }
  const report = REPORTS[tasks[0]!];
  if (report === undefined) {
    throw new UsageError(
      `There is no report for the task ${tasks[0]}: use the Normbench that ran it`,
    );
  }
  return report;
}

/**
 * Renders the records of one or more runs of a task; equal records give equal bytes.
 *
 * @throws {TypeError} if they have no header.
 * @throws {UsageError} if they do not make one report: of several tasks, or trials of one name that
 *   were made in different ways.
 */
export async function renderReport(records: readonly NormbenchRecord[]): Promise<RenderedReport> {
  const plain = plainRecords(records);
  const documents = [...await reportOf(plain).pages(plain)];
  const [first, ...pages] = documents.map(([name, page]) => ({
    name: slug(name),
    markdown: toMarkdown(page),
    html: toHtml(page),
  }));
  const figures = documents.flatMap(([, page]) => figuresOf(page));
  return {
    ...first!,
    pages,
    figures: figures.map((figure) => ({ ...figure, name: slug(figure.name) })),
  };
}

/** What the records of a task say, for the terminal; throws as {@linkcode renderReport} does. */
export function summarize(records: readonly NormbenchRecord[]): string {
  const plain = plainRecords(records);
  return reportOf(plain).text(plain);
}

/** Where the parts of a report were written. */
export interface ReportPaths {
  /** The path of `report.md`. */
  readonly markdown: string;
  /** The path of `report.html`. */
  readonly html: string;
}

/** Renders records to `report.md`, `report.html`, further pages and `figures/` in a folder, which is made if needed. */
export async function writeReport(
  records: readonly NormbenchRecord[],
  folder: string,
): Promise<ReportPaths> {
  const { pages, figures, ...first } = await renderReport(records);
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
