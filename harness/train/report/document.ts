/** The training report as pages: an index with the findings, and one page a question. */
import { missingSection, type Report, runLines, runSections } from "../../run/report.ts";
import { TRAIN_KINDS, type TrainResultRecord, type TrainRunRecord } from "../record.ts";
import { trainSummary } from "./text.ts";
import {
  type Block,
  figureBlocks,
  paragraph,
  type ReportDocument,
  tableBlocks,
} from "../../../reports/document.ts";
import { draw, type Figure } from "../../../reports/figure.ts";
import { count } from "../../../reports/format.ts";
import { type Table, table } from "../../../reports/table.ts";
import type { Question } from "../questions/question.ts";
import { FINDINGS, questionOf } from "../questions/registry.ts";
import { powerSentence } from "./contrasts.ts";
import { findingBlocks } from "./findings.ts";
import { armsOf, modelTraining, type SuiteModel, type TrainReport } from "./model.ts";
import { armTable, contrastBlocks, setupTable } from "./tables.ts";
import { linksToMechanisms, mechanismPages, mechanismSection } from "./mechanisms.ts";
import { headlineOf, HOW_TO_READ, sumUp, trainHeadline } from "./words.ts";

export async function trainDocuments(
  records: readonly TrainRunRecord[],
): Promise<Map<string, ReportDocument>> {
  const report = modelTraining(records, questionOf);
  const pages = new Map([["report", indexDocument(report)]]);
  for (const suite of report.suites) pages.set(suite.slug, await suiteDocument(suite, report));
  for (const [name, page] of await mechanismPages(report)) pages.set(name, page);
  return pages;
}

function indexDocument(report: TrainReport): ReportDocument {
  const { runs, sites, suites } = report;
  return {
    title: "Normbench training report",
    headline: trainHeadline(report),
    environment: runLines(runs),
    pages: [...linksTo(suites), ...linksToMechanisms(report)],
    sections: [
      missingSection(runs),
      { heading: "Suites", anchor: "suites", blocks: tableBlocks(suitesTable(suites)) },
      mechanismSection(report),
      { heading: "Findings", anchor: "findings", blocks: findingBlocks(FINDINGS, report) },
      ...runSections(runs, sites),
    ],
  };
}

function linksTo(suites: readonly SuiteModel[]): NonNullable<ReportDocument["pages"]> {
  return suites.map(({ name, slug }) => ({ name: slug, title: questionOf(name).title }));
}

function suitesTable(suites: readonly SuiteModel[]): Table {
  return table(
    ["suite", "question", "arms#", "trials#", "diverged#", "what the data support"],
    suites.map((suite) => {
      const arms = armsOf([suite]);
      return [
        suite.name,
        questionOf(suite.name).question,
        String(arms.length),
        String(arms.flatMap(({ trials }) => trials).length),
        String(arms.flatMap(({ diverged }) => diverged).length),
        suiteRemarks(suite).join(" "),
      ];
    }),
  );
}

async function suiteDocument(suite: SuiteModel, report: TrainReport): Promise<ReportDocument> {
  const question = questionOf(suite.name);
  const others = report.suites.filter((other) => other !== suite);
  const figures = await drawFigures(suite, question);
  return {
    title: `Normbench training report: ${suite.name}`,
    headline: headlineOf(report, [suite], `${question.title}.`, suiteRemarks(suite)),
    environment: runLines(report.runs),
    pages: [{ name: "report", title: "All suites and findings" }, ...linksTo(others)],
    sections: [
      missingSection(report.runs),
      {
        heading: "What was asked and done",
        anchor: "question",
        blocks: [paragraph(question.question), ...doneBlocks(suite)],
      },
      { heading: "Figures", anchor: "figures", blocks: figureBlocks(figures) },
      { heading: "Results", anchor: "results", blocks: resultBlocks(suite, question) },
      { heading: "Comparisons", anchor: "comparisons", blocks: comparisonBlocks(suite) },
      {
        heading: "Limits",
        anchor: "limits",
        blocks: question.limits.length > 0 ? [{ kind: "list", items: question.limits }] : [],
      },
    ],
  };
}

function suiteRemarks({ head }: SuiteModel): string[] {
  return head.map(({ family: { heading }, panel, contrasts }) => {
    const lowered = heading.charAt(0).toLowerCase() + heading.slice(1);
    return `${panel.label}, ${lowered}: ${sumUp(contrasts)}.`;
  });
}

/** Figures of each site, so that no machine is mixed with another. */
function drawFigures(suite: SuiteModel, { figures }: Question): Promise<Figure[]> {
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
  const diverged = panels.flatMap(({ arms }) => arms).flatMap((arm) => arm.diverged)
    .map(({ record }) => `${record.trial.id} in epoch ${record.lastEpoch}`);
  return [
    ...(panels.length > 0 ? tableBlocks(setupTable(panels)) : []),
    ...named("Diverged (the loss is not finite):", diverged),
    ...named(
      "Not finished:",
      unfinished.map(({ id, epochs }) => `${id}, ${count(epochs, "epoch")}`),
    ),
  ];
}

/** More trials than this are named on demand. */
const LISTED = 12;

function named(lead: string, items: readonly string[]): Block[] {
  if (items.length === 0) return [];
  const list: Block = { kind: "list", items };
  return items.length > LISTED
    ? [{ kind: "details", summary: `${lead} ${count(items.length, "trial")}`, blocks: [list] }]
    : [paragraph(`${items.join("; ")}.`, lead)];
}

function resultBlocks({ panels }: SuiteModel, { tables }: Question): Block[] {
  return panels.flatMap((panel): Block[] => [
    ...(panels.length > 1 ? [{ kind: "heading", text: panel.label } as const] : []),
    ...tables.flatMap((columns) => tableBlocks(armTable(panel, columns))),
  ]);
}

function comparisonBlocks({ tested, panels }: SuiteModel): Block[] {
  if (tested.length === 0) return [];
  const power = powerSentence(tested.flatMap(({ contrasts }) => contrasts));
  return [
    paragraph(`${HOW_TO_READ} Hedges’ g is the gap in standard deviations of the trials.`),
    ...(power === null ? [] : [paragraph(power)]),
    ...tested.flatMap(({ family, panel, contrasts }): Block[] => {
      const place = panels.length > 1 ? `: ${panel.label}` : "";
      const text = `${family.heading}, ${family.measure.name}${place}`;
      return [{ kind: "heading", text }, ...contrastBlocks(contrasts)];
    }),
  ];
}

export const TRAIN_REPORT: Report<TrainResultRecord> = {
  task: "train",
  kinds: TRAIN_KINDS,
  pages: trainDocuments,
  text: trainSummary,
};
