/**
 * The page of a suite.
 *
 * @module
 */
import {
  type Block,
  figureBlocks,
  type Headline,
  paragraph,
  type ReportDocument,
  tableBlocks,
} from "../../../reports/document.ts";
import { draw, type Figure } from "../../../reports/figure.ts";
import { count } from "../../../reports/format.ts";
import { missingSection, runLines } from "../../run/report_sections.ts";
import { armTable } from "./columns.ts";
import { powerSentence } from "./contrast.ts";
import { contrastBlocks } from "./contrast_table.ts";
import type { Panel, SuiteModel, TrainReport } from "./model.ts";
import { setupTable } from "./setup_table.ts";
import { contentOf } from "../questions/page_registry.ts";
import type { ContrastKind, SuiteContent } from "../questions/page.ts";
import { headTables, testedTables } from "./tested.ts";
import { HOW_TO_READ, noticesOf, sumUp } from "./words.ts";

/** Works out the page of a suite, and draws its figures; it links the index and the other suites. */
export async function suiteDocument(
  suite: SuiteModel,
  report: TrainReport,
): Promise<ReportDocument> {
  const content = contentOf(suite.name);
  const others = report.suites.filter((other) => other !== suite);
  const figures = await drawFigures(suite, content);
  return {
    title: `Normbench training report: ${suite.name}`,
    headline: suiteHeadline(suite, report),
    environment: runLines(report.runs),
    pages: [
      { name: "report", title: "All suites and findings" },
      ...others.map(({ name, slug }) => ({ name: slug, title: contentOf(name).title })),
    ],
    sections: [
      missingSection(report.runs),
      {
        heading: "What was asked and done",
        anchor: "question",
        blocks: [paragraph(content.question), ...doneBlocks(suite)],
      },
      { heading: "Figures", anchor: "figures", blocks: figureBlocks(figures) },
      { heading: "Results", anchor: "results", blocks: resultBlocks(suite, content) },
      { heading: "Comparisons", anchor: "comparisons", blocks: comparisonBlocks(suite) },
      {
        heading: "Limits",
        anchor: "limits",
        blocks: content.limits.length > 0 ? [{ kind: "list", items: content.limits }] : [],
      },
    ],
  };
}

/** The headline of a suite: what its first comparisons support, panel by panel. */
function suiteHeadline(suite: SuiteModel, report: TrainReport): Headline {
  const notices = noticesOf(report, [suite]);
  const remarks = suiteRemarks(suite);
  if (suite.panels.length === 0) {
    return { tone: "incomplete", verdict: "No trial is finished yet.", remarks: notices };
  }
  const { title } = contentOf(suite.name);
  const incomplete = suite.unfinished.length > 0 || report.missing.length > 0;
  return {
    tone: incomplete ? "incomplete" : "neutral",
    verdict: `${title}.`,
    remarks: [...notices, ...remarks],
  };
}

/** What the first comparisons of a suite support, a sentence a panel. */
export function suiteRemarks(suite: SuiteModel): string[] {
  return headTables(suite).map(({ kind, panel, contrasts }) =>
    `${panel.label}, ${lowerFirst(kind.heading)}: ${sumUp(contrasts)}.`
  );
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Figures of each site apart, so that no machine is mixed with another. */
function drawFigures(suite: SuiteModel, { figures }: SuiteContent): Promise<Figure[]> {
  const sites = [...Map.groupBy(suite.panels, ({ site }) => site)];
  const specs = sites.flatMap(([site, panels], index) => {
    const suffix = index === 0 ? "" : `-${index + 1}`;
    const place = sites.length > 1 ? `; on ${site.label}` : "";
    return figures(panels, (figure) => `${suite.slug}-${figure}${suffix}`)
      .flatMap((spec) => spec === null ? [] : [{ ...spec, title: spec.title + place }]);
  });
  return Promise.all(specs.map(draw));
}

function doneBlocks({ panels, unfinished }: SuiteModel): Block[] {
  const diverged = panels.flatMap(({ arms }) =>
    arms.flatMap((arm) =>
      arm.diverged.map(({ record }) => `${record.trial.id} in epoch ${record.lastEpoch}`)
    )
  );
  return [
    ...(panels.length > 0 ? tableBlocks(setupTable(panels)) : []),
    ...named("Diverged, their loss no number any more:", diverged),
    ...named(
      "Not finished:",
      unfinished.map(({ id, epochs }) => `${id}, ${count(epochs, "epoch")}`),
    ),
  ];
}

/** Trials beyond this number are named on demand. */
const LISTED = 12;

function named(lead: string, items: readonly string[]): Block[] {
  if (items.length === 0) return [];
  const list: Block = { kind: "list", items };
  return items.length > LISTED
    ? [{ kind: "details", summary: `${lead} ${count(items.length, "trial")}`, blocks: [list] }]
    : [paragraph(`${items.join("; ")}.`, lead)];
}

function resultBlocks({ panels }: SuiteModel, { tables }: SuiteContent): Block[] {
  return panels.flatMap((panel): Block[] => [
    ...panelHeading(panel, panels),
    ...tables.flatMap((columns) => tableBlocks(armTable(panel, columns))),
  ]);
}

function comparisonBlocks(suite: SuiteModel): Block[] {
  const tables = testedTables(suite);
  if (tables.length === 0) return [];
  const power = powerSentence(tables.flatMap(({ contrasts }) => contrasts));
  return [
    paragraph(
      `${HOW_TO_READ} Hedges’ g is the gap in standard deviations of the trials.`,
    ),
    ...(power === null ? [] : [paragraph(power)]),
    ...tables.flatMap(({ kind, panel, contrasts }): Block[] => [
      { kind: "heading", text: tableHeading(kind, panel, suite) },
      ...contrastBlocks(contrasts),
    ]),
  ];
}

function tableHeading(kind: ContrastKind, { label }: Panel, { panels }: SuiteModel): string {
  const place = panels.length > 1 ? `: ${label}` : "";
  return `${kind.heading}, ${kind.measure.name}${place}`;
}

function panelHeading({ label }: Panel, panels: readonly Panel[]): Block[] {
  return panels.length > 1 ? [{ kind: "heading", text: label }] : [];
}
