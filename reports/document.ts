/**
 * A report before it is written: headline, sections and what stands in them, apart from any format.
 *
 * @module
 */
import type { Figure } from "./figure.ts";
import type { Table } from "./table.ts";

/** What a report says first. */
export interface Headline {
  /** How it went: `incomplete` where nothing failed, but something was missing or nothing was done. */
  readonly tone: "passed" | "failed" | "incomplete" | "neutral";
  /** The verdict in a sentence. */
  readonly verdict: string;
  /** What else the figures say, a sentence each. */
  readonly remarks: readonly string[];
}

/** A part of a section. Texts are plain, and safe in whatever they hold. */
export type Block =
  /** A paragraph; `lead` stands before it in bold. */
  | { readonly kind: "paragraph"; readonly text: string; readonly lead?: string }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "figure"; readonly figure: Figure }
  /** A heading within the section. */
  | { readonly kind: "heading"; readonly text: string }
  /** Something long that opens on demand. */
  | { readonly kind: "details"; readonly summary: string; readonly blocks: readonly Block[] }
  /** What a report writes in its own way in each format; a format that has none leaves it out. */
  | { readonly kind: "own"; readonly html?: string; readonly markdown?: string };

/** A chapter of a report; one without blocks is left out. */
export interface Section {
  readonly heading: string;
  /** Its place in the HTML page, and its entry among the links at the head. */
  readonly anchor: string;
  readonly blocks: readonly Block[];
  /** Whether the links at the head leave it out. */
  readonly unlisted?: boolean;
}

/** A page of a report. */
export interface ReportDocument {
  readonly title: string;
  readonly headline: Headline;
  /** Where and on what it was made, in small print. */
  readonly environment: readonly string[];
  /** Other pages of the same report, by name. */
  readonly pages?: readonly { readonly name: string; readonly title: string }[];
  readonly sections: readonly Section[];
}

/** A paragraph, with or without words in bold before it. */
export function paragraph(text: string, lead?: string): Block {
  return { kind: "paragraph", text, ...(lead === undefined ? {} : { lead }) };
}

/** A table, or nothing where it has no rows. */
export function tableBlocks(table: Table): Block[] {
  return table.rows.length > 0 ? [{ kind: "table", table }] : [];
}

/** Figures, one after the other. */
export function figureBlocks(figures: readonly Figure[]): Block[] {
  return figures.map((figure) => ({ kind: "figure", figure }));
}

/** The figures of a document, in the order in which they stand in it. */
export function figuresOf({ sections }: ReportDocument): Figure[] {
  const within = (blocks: readonly Block[]): Figure[] =>
    blocks.flatMap((block) => {
      if (block.kind === "figure") return [block.figure];
      return block.kind === "details" ? within(block.blocks) : [];
    });
  return sections.flatMap(({ blocks }) => within(blocks));
}
