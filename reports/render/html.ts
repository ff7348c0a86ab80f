/**
 * A report as one HTML page that needs nothing else.
 *
 * @module
 */
import { VERDICTS } from "../../records/record.ts";
import { caseList } from "./case_details.ts";
import { escapeHtml } from "./escape.ts";
import type { Figure, ReportFigures } from "./figures.ts";
import { htmlTable, verdictHtml } from "./html_table.ts";
import type { NormTally, ParityReport } from "./model.ts";
import { HOW_TO_READ, VERDICT_MEANINGS } from "./prose.ts";
import { STYLE } from "./style.ts";
import {
  backendsTable,
  findingsTable,
  missingTable,
  runLines,
  runsTable,
  summary,
  type Table,
} from "./tables.ts";

/** Writes a report as a page, with its figures inline. */
export function toHtml(report: ParityReport, figures: ReportFigures): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Normbench parity report</title>
<style>${STYLE}</style>
</head>
<body class="${report.headline.tone}">
${pageHead(report)}
<main>
${mainSections(report, figures).join("\n")}
</main>
</body>
</html>
`;
}

function mainSections(report: ParityReport, figures: ReportFigures): string[] {
  return [
    tableSection("What is missing", "missing", missingTable(report)),
    section("How to read it", "reading", howToRead()),
    section(
      "Summary",
      "summary",
      figures.overview.map(figureHtml).join("\n") + summaryHtml(report),
    ),
    section("Findings", "findings", findingsHtml(report)),
    ...report.norms.map((norm) => normSection(norm, figures.norms.get(norm) ?? [])),
    tableSection("Backends", "backends", backendsTable(report)),
    tableSection("Runs", "runs", runsTable(report)),
  ].filter((each) => each !== "");
}

function pageHead({ headline, runs, norms }: ParityReport): string {
  const links = [
    ["summary", "Summary"],
    ["findings", "Findings"],
    ...norms.map(({ slug, norm }) => [`norm-${slug}`, norm]),
    ["backends", "Backends"],
    ["runs", "Runs"],
  ].map(([anchor, text = ""]) => `<a href="#${anchor}">${escapeHtml(text)}</a>`);
  return `<header>
<p class="eyebrow">Normbench parity report</p>
<h1>${escapeHtml(headline.verdict)}</h1>
${paragraphs(headline.remarks)}
${paragraphs(runLines(runs), "muted")}
<nav>${links.join("\n")}</nav>
</header>`;
}

function paragraphs(texts: readonly string[], className?: string): string {
  const open = className === undefined ? "<p>" : `<p class="${className}">`;
  return texts.map((text) => `${open}${escapeHtml(text)}</p>`).join("\n");
}

function section(heading: string, anchor: string, content: string): string {
  return `<section id="${anchor}">\n<h2>${escapeHtml(heading)}</h2>\n${content}\n</section>`;
}

function tableSection(heading: string, anchor: string, table: Table): string {
  return table.rows.length > 0 ? section(heading, anchor, htmlTable(table)) : "";
}

function howToRead(): string {
  const verdicts = VERDICTS.map((verdict) =>
    `<dt>${verdictHtml(verdict)}</dt><dd>${escapeHtml(VERDICT_MEANINGS[verdict])}</dd>`
  );
  return `${paragraphs(HOW_TO_READ)}\n<dl>${verdicts.join("\n")}</dl>`;
}

/** The summary, with the errors that are outside their budgets set off. */
function summaryHtml(report: ParityReport): string {
  const table = summary(report);
  const ratio = table.columns.findIndex(({ heading }) => heading === "worst / budget");
  return htmlTable(table, (text, row, column) => {
    const outside = column === ratio && (report.cells[row]?.custom ?? 0) > 1;
    return outside ? `<span class="bad">${escapeHtml(text)}</span>` : escapeHtml(text);
  });
}

/** The findings, each linked to its cases. */
function findingsHtml(report: ParityReport): string {
  const { findings, norms } = report;
  if (findings.length === 0) return "<p>None: everything agrees.</p>";
  const anchors = new Map(
    norms.flatMap(({ cases }) => cases.map((each) => [each.case.id, each.anchor])),
  );
  const table = findingsTable(report);
  const headings = table.columns.map(({ heading }) => heading);
  return htmlTable(table, (text, row, column) => {
    const finding = findings[row];
    if (finding && headings[column] === "verdict") return verdictHtml(finding.verdict);
    if (finding && headings[column] === "case") {
      return finding.cases.map((id) => `<a href="#${anchors.get(id)}">${escapeHtml(id)}</a>`)
        .join(", ");
    }
    return escapeHtml(text);
  });
}

function normSection(norm: NormTally, figures: readonly Figure[]): string {
  const content = `${figures.map(figureHtml).join("\n")}\n${caseList(norm)}`;
  return section(norm.norm, `norm-${norm.slug}`, content);
}

function figureHtml({ title, svg }: Figure): string {
  return `<figure>${svg}<figcaption>${escapeHtml(title)}.</figcaption></figure>`;
}
