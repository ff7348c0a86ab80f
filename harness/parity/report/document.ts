/**
 * The parity report as a document.
 *
 * @module
 */
import type { Report } from "../../run/report.ts";
import type { ParityRecord } from "../record.ts";
import { summaryTable } from "./text.ts";
import type { ParityRunRecord } from "../record.ts";
import { VERDICTS } from "../record.ts";
import {
  type Block,
  figureBlocks,
  paragraph,
  type ReportDocument,
  type Section,
} from "../../../reports/document.ts";
import { escapeHtml, escapeMarkdown } from "../../../reports/escape.ts";
import { count, VERDICT_MARKS } from "../../../reports/format.ts";
import { htmlTable, markdownTable } from "../../../reports/table.ts";
import { missingSection, runLines, runSections } from "../../run/report_sections.ts";
import { caseList } from "./case_details.ts";
import { drawFigures, type ReportFigures } from "./figures.ts";
import { modelParity, type NormTally, type ParityReport } from "./model.ts";
import { HOW_TO_READ, VERDICT_MEANINGS } from "./prose.ts";
import { casesTable, findingsTable, summary } from "./tables.ts";
import { verdictHtml } from "./verdict_html.ts";

/** Works out the report of the records, and draws its figures. */
export async function parityDocument(
  records: readonly ParityRunRecord[],
): Promise<ReportDocument> {
  const report = modelParity(records);
  const figures = await drawFigures(report);
  return {
    title: "Normbench parity report",
    headline: report.headline,
    environment: runLines(report.runs),
    sections: [
      missingSection(report.runs),
      { heading: "How to read it", anchor: "reading", blocks: howToRead(), unlisted: true },
      {
        heading: "Summary",
        anchor: "summary",
        blocks: [...figureBlocks(figures.overview), summaryBlock(report)],
      },
      { heading: "Findings", anchor: "findings", blocks: [findingsBlock(report)] },
      ...report.norms.map((norm) => normSection(norm, figures)),
      ...runSections(report.runs, report.sites),
      {
        heading: "More",
        anchor: "more",
        blocks: [{
          kind: "own",
          markdown: "The figures of every quantity are in `report.html` and in `records.jsonl`.",
        }],
        unlisted: true,
      },
    ],
  };
}

function howToRead(): Block[] {
  const html = VERDICTS.map((verdict) =>
    `<dt>${verdictHtml(verdict)}</dt><dd>${escapeHtml(VERDICT_MEANINGS[verdict])}</dd>`
  );
  const markdown = VERDICTS.map((verdict) =>
    `- ${VERDICT_MARKS[verdict]} **${verdict}**: ${VERDICT_MEANINGS[verdict]}`
  );
  return [
    ...HOW_TO_READ.map((text) => paragraph(text)),
    { kind: "own", html: `<dl>${html.join("\n")}</dl>`, markdown: markdown.join("\n") },
  ];
}

/** The summary, with the errors that are outside their budgets set off. */
function summaryBlock(report: ParityReport): Block {
  const table = summary(report);
  const ratio = table.columns.findIndex(({ heading }) => heading === "worst / budget");
  const html = htmlTable(table, (text, row, column) => {
    const outside = column === ratio && (report.cells[row]?.custom ?? 0) > 1;
    return outside ? `<span class="bad">${escapeHtml(text)}</span>` : escapeHtml(text);
  });
  return { kind: "own", html, markdown: markdownTable(table) };
}

/** The findings, each linked to its cases. */
function findingsBlock(report: ParityReport): Block {
  const { findings, norms } = report;
  if (findings.length === 0) return paragraph("None: everything agrees.");
  const anchors = new Map(
    norms.flatMap(({ cases }) => cases.map((each) => [each.case.id, each.anchor])),
  );
  const table = findingsTable(report);
  const headings = table.columns.map(({ heading }) => heading);
  const html = htmlTable(table, (text, row, column) => {
    const finding = findings[row];
    if (finding && headings[column] === "verdict") return verdictHtml(finding.verdict);
    if (finding && headings[column] === "case") {
      return finding.cases.map((id) => `<a href="#${anchors.get(id)}">${escapeHtml(id)}</a>`)
        .join(", ");
    }
    return escapeHtml(text);
  });
  return { kind: "own", html, markdown: markdownTable(table) };
}

function normSection(norm: NormTally, figures: ReportFigures): Section {
  return {
    heading: norm.norm,
    anchor: `norm-${norm.slug}`,
    blocks: [
      ...figureBlocks(figures.norms.get(norm) ?? []),
      { kind: "own", html: caseList(norm), markdown: casesMarkdown(norm) },
    ],
  };
}

function casesMarkdown(norm: NormTally): string {
  const summary = `${count(norm.cases.length, "case")}, ${
    count(norm.comparisons.length, "comparison")
  }`;
  return [
    "<details>",
    `<summary>${escapeMarkdown(summary)}</summary>`,
    markdownTable(casesTable(norm)),
    "</details>",
  ].join("\n\n");
}

/** The report of the parity task. */
export const PARITY_REPORT: Report<ParityRecord> = {
  pages: async (records) => new Map([["report", await parityDocument(records)]]),
  text: summaryTable,
};
