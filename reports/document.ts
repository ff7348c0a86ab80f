/**
 * A report as data: headline, sections and blocks, independent of the output format.
 *
 * @module
 */
import type { Figure } from "./figure.ts";
import type { Table } from "./table.ts";

/** The beginning of a report. */
export interface Headline {
  /** `incomplete`: nothing failed, but something was missing or nothing was run. */
  readonly tone: "passed" | "failed" | "incomplete" | "neutral";
  /** One sentence. */
  readonly verdict: string;
  /** Further results, one sentence each. */
  readonly remarks: readonly string[];
}

/** A part of a section. Texts are plain; writers escape them. */
export type Block =
  /** A paragraph, after `lead` in bold. */
  | { readonly kind: "paragraph"; readonly text: string; readonly lead?: string }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "figure"; readonly figure: Figure }
  /** A heading within the section. */
  | { readonly kind: "heading"; readonly text: string }
  /** Collapsed until the reader opens it. */
  | { readonly kind: "details"; readonly summary: string; readonly blocks: readonly Block[] }
  /** Markup that the report writes itself, for each format that shows it. */
  | { readonly kind: "own"; readonly html?: string; readonly markdown?: string };

/** A section of a report; one without blocks is omitted. */
export interface Section {
  readonly heading: string;
  /** Its id in the HTML page. */
  readonly anchor: string;
  readonly blocks: readonly Block[];
  /** Whether the table of contents omits it. */
  readonly unlisted?: boolean;
}

/** A page of a report. */
export interface ReportDocument {
  readonly title: string;
  readonly headline: Headline;
  /** Versions and machines, in small print. */
  readonly environment: readonly string[];
  /** Other pages of the same report, by name. */
  readonly pages?: readonly { readonly name: string; readonly title: string }[];
  readonly sections: readonly Section[];
}

/** A paragraph, after `lead` in bold. */
export function paragraph(text: string, lead?: string): Block {
  return { kind: "paragraph", text, ...(lead === undefined ? {} : { lead }) };
}

/** A table; nothing if it has no rows. */
export function tableBlocks(table: Table): Block[] {
  return table.rows.length > 0 ? [{ kind: "table", table }] : [];
}

export function figureBlocks(figures: readonly Figure[]): Block[] {
  return figures.map((figure) => ({ kind: "figure", figure }));
}

/** The figures of a document, in its order. */
export function figuresOf({ sections }: ReportDocument): Figure[] {
  const within = (blocks: readonly Block[]): Figure[] =>
    blocks.flatMap((block) => {
      if (block.kind === "figure") return [block.figure];
      return block.kind === "details" ? within(block.blocks) : [];
    });
  return sections.flatMap(({ blocks }) => within(blocks));
}
