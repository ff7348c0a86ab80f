/**
 * Writes reports as Markdown.
 *
 * @module
 */
import type { Block, ReportDocument, Section } from "./document.ts";
import { escapeMarkdown, slug } from "./escape.ts";
import type { Figure } from "./figure.ts";
import { markdownTable } from "./table.ts";

/** Writes a report as Markdown; the figures are linked as files in `figures/`. */
export function toMarkdown(report: ReportDocument): string {
  const { title, headline, environment, pages = [], sections } = report;
  const links = pages.map(({ name, title }) => `[${escapeMarkdown(title)}](${slug(name)}.md)`);
  return [
    `# ${escapeMarkdown(title)}`,
    `**${escapeMarkdown(headline.verdict)}** ${headline.remarks.map(escapeMarkdown).join(" ")}`,
    ...environment.map(lineOf),
    links.join(" · "),
    ...sections.filter(({ blocks }) => blocks.length > 0).flatMap(sectionMarkdown),
  ].map((block) => block.trim()).filter((block) => block !== "").join("\n\n") + "\n";
}

function sectionMarkdown({ heading, blocks }: Section): string[] {
  const content = blocks.flatMap(blockMarkdown);
  return content.length > 0 ? [`## ${escapeMarkdown(heading)}`, ...content] : [];
}

function blockMarkdown(block: Block): string[] {
  switch (block.kind) {
    case "paragraph": {
      const lead = block.lead === undefined ? "" : `**${escapeMarkdown(block.lead)}** `;
      return [lead === "" ? lineOf(block.text) : lead + escapeMarkdown(block.text)];
    }
    case "heading":
      return [`### ${escapeMarkdown(block.text)}`];
    case "list":
      return [block.items.map((item) => `- ${lineOf(item)}`).join("\n")];
    case "table":
      return [markdownTable(block.table)];
    case "figure":
      return [figureLink(block.figure)];
    case "details":
      return [
        "<details>",
        `<summary>${escapeMarkdown(block.summary)}</summary>`,
        ...block.blocks.flatMap(blockMarkdown),
        "</details>",
      ];
    case "own":
      return block.markdown === undefined ? [] : [block.markdown];
  }
}

/** Text for a whole line, which must not become a list or a rule. */
function lineOf(text: string): string {
  return escapeMarkdown(text).replace(/^[-+](?=[-\s]|$)|(?<=^\d+)[.)](?=\s|$)/, "\\$&");
}

/** The drawing, its caption, and a link to its specification. */
function figureLink({ name, title }: Figure): string {
  const text = escapeMarkdown(title);
  const file = `figures/${slug(name)}`;
  return `![${text}](${file}.svg)\n\n*${text}.* [Specification](${file}.vl.json)`;
}
