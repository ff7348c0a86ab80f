/**
 * A report as Markdown.
 *
 * @module
 */
import { VERDICTS } from "../../records/record.ts";
import { escapeMarkdown } from "./escape.ts";
import type { Figure, ReportFigures } from "./figures.ts";
import { count, VERDICT_MARKS } from "./format.ts";
import type { NormTally, ParityReport } from "./model.ts";
import { HOW_TO_READ, VERDICT_MEANINGS } from "./prose.ts";
import {
  backendsTable,
  casesTable,
  findingsTable,
  missingTable,
  runLines,
  runsTable,
  summary,
  type Table,
} from "./tables.ts";

/** Writes a report as Markdown; the figures are linked as files in `figures/`. */
export function toMarkdown(report: ParityReport, figures: ReportFigures): string {
  const { headline, runs, findings, norms } = report;
  return [
    "# Normbench parity report",
    `**${escapeMarkdown(headline.verdict)}** ${headline.remarks.map(escapeMarkdown).join(" ")}`,
    ...runLines(runs).map(escapeMarkdown),
    ...section("What is missing", missingTable(report)),
    "## How to read it",
    ...HOW_TO_READ.map(escapeMarkdown),
    VERDICTS.map((verdict) =>
      `- ${VERDICT_MARKS[verdict]} **${verdict}**: ${VERDICT_MEANINGS[verdict]}`
    ).join("\n"),
    "## Summary",
    ...figures.overview.map(figureLink),
    markdownTable(summary(report)),
    "## Findings",
    findings.length > 0 ? markdownTable(findingsTable(report)) : "None: everything agrees.",
    ...norms.flatMap((norm) => normSection(norm, figures.norms.get(norm) ?? [])),
    ...section("Backends", backendsTable(report)),
    ...section("Runs", runsTable(report)),
    "The figures of every quantity are in `report.html` and in `records.jsonl`.",
  ].filter((block) => block.trim() !== "").join("\n\n") + "\n";
}

function section(heading: string, table: Table): string[] {
  return table.rows.length > 0 ? [`## ${heading}`, markdownTable(table)] : [];
}

function normSection(norm: NormTally, figures: readonly Figure[]): string[] {
  return [
    `## ${escapeMarkdown(norm.norm)}`,
    ...figures.map(figureLink),
    "<details>",
    `<summary>${count(norm.cases.length, "case")}, ${
      count(norm.comparisons.length, "comparison")
    }</summary>`,
    markdownTable(casesTable(norm)),
    "</details>",
  ];
}

/** The drawing, and the specification that it was drawn from. */
function figureLink({ name, title }: Figure): string {
  const text = escapeMarkdown(title);
  return `![${text}](figures/${name}.svg)\n\n*${text}.* [Specification](figures/${name}.vl.json)`;
}

/** Writes a table, numbers to the right. */
export function markdownTable({ columns, rows }: Table): string {
  const lines = [
    columns.map(({ heading }) => heading),
    columns.map(({ numeric }) => numeric ? "---:" : "---"),
    ...rows.map((row) => row.map(escapeMarkdown)),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
