/**
 * The parity report as a document.
 *
 * @module
 */
import {
  type Block,
  figureBlocks,
  paragraph,
  type ReportDocument,
  type Section,
} from "../../../reports/document.ts";
import { escapeHtml, escapeMarkdown } from "../../../reports/escape.ts";
import { draw } from "../../../reports/figure.ts";
import { count } from "../../../reports/format.ts";
import { htmlTable, markdownTable } from "../../../reports/table.ts";
import { missingSection, type Report, runLines, runSections } from "../../run/report.ts";
import {
  PARITY_KINDS,
  type ParityResultRecord,
  type ParityRunRecord,
  VERDICTS,
} from "../record.ts";
import { caseList } from "./case_list.ts";
import { counterexampleSection } from "./counterexample_section.ts";
import { errorByOffset } from "./error_by_offset.ts";
import { heatMap } from "./heat_map.ts";
import { outcomesOf } from "./outcomes.ts";
import { modelParity, type NormTally, type ParityReport } from "./model.ts";
import { ratioByCase } from "./ratio_by_case.ts";
import { stepsSection } from "./steps_section.ts";
import { casesTable, findingsTable, summaryTable, terminalSummary } from "./tables.ts";
import { formatVerdict, VERDICT_MEANINGS, verdictClass, verdictHtml } from "./verdicts.ts";

const HOW_TO_READ: readonly string[] = [
  "Every case sends the same input through custom norms and references, and compares each of them " +
  "with a float64 oracle: outputs, gradients and running statistics. A check is one of them on one " +
  "case on one backend; gradients are compared for several upstream gradients, and the worst counts.",
  "An error is given as a multiple of its budget: the error that careful float32 arithmetic may make " +
  "in this case, derived from the operations, the number of elements behind each statistic and the " +
  "condition number of the input. Up to 1 is right; ∞ is a NaN, an infinity where a finite number is " +
  "expected, or any error where none is allowed. A second, wider budget holds for any legitimate " +
  "order of the same operations: only what is beyond it is wrong. The file docs/numerics.md of " +
  "Normbench derives both.",
];

export async function parityDocument(
  records: readonly ParityRunRecord[],
): Promise<ReportDocument> {
  const report = modelParity(records);
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
        blocks: [
          ...report.cells.length === 0 ? [] : figureBlocks([await draw(heatMap(report))]),
          summaryBlock(report),
        ],
      },
      { heading: "Findings", anchor: "findings", blocks: [findingsBlock(report)] },
      await counterexampleSection(report),
      stepsSection(report),
      ...await Promise.all(report.norms.map((norm) => normSection(norm, report))),
      ...runSections(report.runs, report.sites),
      {
        heading: "More",
        anchor: "more",
        blocks: [{
          kind: "own",
          markdown: "The errors of every quantity are in `report.html` and in `records.jsonl`.",
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
    `- ${formatVerdict(verdict).replace(" ", " **")}**: ${VERDICT_MEANINGS[verdict]}`
  );
  return [
    ...HOW_TO_READ.map((text) => paragraph(text)),
    { kind: "own", html: `<dl>${html.join("\n")}</dl>`, markdown: markdown.join("\n") },
  ];
}

/** The summary; errors that are outside their budgets are marked. */
function summaryBlock(report: ParityReport): Block {
  const table = summaryTable(report);
  const ratio = table.columns.findIndex(({ heading }) => heading === "worst / budget");
  const html = htmlTable(table, (text, row, column) => {
    const { ratio: worst, verdict } = report.cells[row]?.custom ?? { ratio: null, verdict: null };
    const outside = column === ratio && verdict !== null && (worst ?? 0) > 1;
    return outside
      ? `<span class="${verdictClass(verdict)}">${escapeHtml(text)}</span>`
      : escapeHtml(text);
  });
  return { kind: "own", html, markdown: markdownTable(table) };
}

function findingsBlock(report: ParityReport): Block {
  const { findings, norms } = report;
  if (findings.length === 0) return paragraph("None: everything is right.");
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

async function normSection(norm: NormTally, report: ParityReport): Promise<Section> {
  const specs = [errorByOffset(norm, report), ratioByCase(norm, report)];
  const figures = await Promise.all(specs.filter((spec) => spec !== null).map(draw));
  return {
    heading: norm.norm,
    anchor: `norm-${norm.slug}`,
    blocks: [
      ...figureBlocks(figures),
      { kind: "own", html: caseList(norm), markdown: casesMarkdown(norm) },
    ],
  };
}

function casesMarkdown(norm: NormTally): string {
  const summary = `${count(norm.cases.length, "case")}, ${count(norm.checks.length, "check")}`;
  return [
    "<details>",
    `<summary>${escapeMarkdown(summary)}</summary>`,
    markdownTable(casesTable(norm)),
    "</details>",
  ].join("\n\n");
}

export const PARITY_REPORT: Report<ParityResultRecord> = {
  task: "parity",
  kinds: PARITY_KINDS,
  pages: async (records) => new Map([["report", await parityDocument(records)]]),
  text: terminalSummary,
  outcomes: outcomesOf,
};
