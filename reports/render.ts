/**
 * Renders documents as Markdown, HTML pages, and figures with their specifications.
 *
 * @module
 */
import { figuresOf, type ReportDocument } from "./document.ts";
import { slug } from "./escape.ts";
import type { Figure } from "./figure.ts";
import { toHtml } from "./html.ts";
import { toMarkdown } from "./markdown.ts";

/** A page of a report, in both formats. */
export interface RenderedPage {
  /** Name of its files, without extension; `report` is the first page. */
  readonly name: string;
  /** Links to the figures as `figures/NAME.svg` and `figures/NAME.vl.json`. */
  readonly markdown: string;
  /** Contains the figures, and loads nothing. */
  readonly html: string;
}

/** A report in every format except plain text. */
export interface RenderedReport extends RenderedPage {
  /** Further pages, to which the first one links. */
  readonly pages: readonly RenderedPage[];
  /** The figures of all pages, in their order. */
  readonly figures: readonly Figure[];
}

/** Renders the pages of a report, the first one first. */
export function renderDocuments(pages: ReadonlyMap<string, ReportDocument>): RenderedReport {
  const documents = [...pages];
  const [first, ...others] = documents.map(([name, page]) => ({
    name: slug(name),
    markdown: toMarkdown(page),
    html: toHtml(page),
  }));
  const figures = documents.flatMap(([, page]) => figuresOf(page));
  return {
    ...first!,
    pages: others,
    figures: figures.map((figure) => ({ ...figure, name: slug(figure.name) })),
  };
}
