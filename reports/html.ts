/**
 * Writes reports as self-contained HTML pages.
 *
 * @module
 */
import type { Block, ReportDocument, Section } from "./document.ts";
import { escapeHtml, slug } from "./escape.ts";
import { htmlTable } from "./table.ts";
import { STYLE } from "./style.ts";

/** Writes a report as an HTML page, with its figures inline. */
export function toHtml(report: ReportDocument): string {
  const sections = report.sections.filter(({ blocks }) => blocks.length > 0);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(report.title)}</title>
<style>${STYLE}</style>
</head>
<body class="${report.headline.tone}">
${pageHead(report, sections)}
<main>
${sections.map(sectionHtml).join("\n")}
</main>
</body>
</html>
`;
}

function pageHead(
  { title, headline, environment, pages = [] }: ReportDocument,
  sections: readonly Section[],
): string {
  const links = sections.filter(({ unlisted }) => !unlisted).map(({ anchor, heading }) =>
    `<a href="#${slug(anchor)}">${escapeHtml(heading)}</a>`
  );
  const others = pages.map(({ name, title }) =>
    `<a href="${slug(name)}.html">${escapeHtml(title)}</a>`
  );
  return `<header>
<p class="eyebrow">${escapeHtml(title)}</p>
<h1>${escapeHtml(headline.verdict)}</h1>
${paragraphs(headline.remarks)}
${paragraphs(environment, "muted")}
${nav(others)}${nav(links)}</header>`;
}

function nav(links: readonly string[]): string {
  return links.length > 0 ? `<nav>${links.join("\n")}</nav>\n` : "";
}

function paragraphs(texts: readonly string[], className?: string): string {
  const open = className === undefined ? "<p>" : `<p class="${className}">`;
  return texts.map((text) => `${open}${escapeHtml(text)}</p>`).join("\n");
}

function sectionHtml({ heading, anchor, blocks }: Section): string {
  const content = blocks.map(blockHtml).filter((each) => each !== "").join("\n");
  return `<section id="${slug(anchor)}">\n<h2>${escapeHtml(heading)}</h2>\n${content}\n</section>`;
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case "paragraph": {
      const lead = block.lead === undefined ? "" : `<strong>${escapeHtml(block.lead)}</strong> `;
      return `<p>${lead}${escapeHtml(block.text)}</p>`;
    }
    case "heading":
      return `<h3>${escapeHtml(block.text)}</h3>`;
    case "list":
      return `<ul>${block.items.map((item) => `<li>${escapeHtml(item)}</li>`).join("\n")}</ul>`;
    case "table":
      return htmlTable(block.table);
    case "figure": {
      const { svg, title } = block.figure;
      return `<figure>${svg}<figcaption>${escapeHtml(title)}.</figcaption></figure>`;
    }
    case "details": {
      const inner = block.blocks.map(blockHtml).join("\n");
      return `<details><summary>${escapeHtml(block.summary)}</summary>\n${inner}\n</details>`;
    }
    case "own":
      return block.html ?? "";
  }
}
