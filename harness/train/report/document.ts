/** The training report as pages: an index with the findings, and one page a question. */
import { missingSection, type Report, runLines, runSections } from "../../run/report.ts";
import type { EpochRecord, TrialRecord } from "../record.ts";
import { trainSummary } from "./text.ts";
import type { TrainRunRecord } from "../record.ts";
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
import { type Table, table } from "../../../reports/table.ts";
import type { Question } from "../questions/question.ts";
import { FINDINGS, questionOf } from "../questions/registry.ts";
import { powerSentence, type TestedFamily } from "./contrasts.ts";
import { findingBlocks } from "./findings.ts";
import { modelTraining, type Panel, type SuiteModel, type TrainReport } from "./model.ts";
import { armTable, contrastBlocks, setupTable } from "./tables.ts";
import { HOW_TO_READ, noticesOf, sumUp } from "./words.ts";

export async function trainDocuments(
  records: readonly TrainRunRecord[],
): Promise<Map<string, ReportDocument>> {
  const report = modelTraining(records, questionOf);
  const pages = new Map([["report", indexDocument(report)]]);
  for (const suite of report.suites) pages.set(suite.slug, await suiteDocument(suite, report));
  return pages;
}

function indexDocument(report: TrainReport): ReportDocument {
  const { runs, sites, suites } = report;
  return {
    title: "Normbench training report",
    headline: trainHeadline(report),
    environment: runLines(runs),
    pages: linksTo(suites),
    sections: [
      missingSection(runs),
      { heading: "Suites", anchor: "suites", blocks: tableBlocks(suitesTable(suites)) },
      { heading: "Findings", anchor: "findings", blocks: findingBlocks(FINDINGS, report) },
      ...runSections(runs, sites),
    ],
  };
}

function linksTo(suites: readonly SuiteModel[]): NonNullable<ReportDocument["pages"]> {
  return suites.map(({ name, slug }) => ({ name: slug, title: questionOf(name).title }));
}

export function trainHeadline(report: TrainReport): Headline {
  const { suites, missing } = report;
  const arms = suites.flatMap(({ panels }) => panels.flatMap((panel) => panel.arms));
  const trials = arms.reduce((sum, arm) => sum + arm.trials.length, 0);
  const unfinished = suites.some((suite) => suite.unfinished.length > 0);
  return {
    tone: trials === 0 || unfinished || missing.length > 0 ? "incomplete" : "neutral",
    verdict: trials === 0
      ? "No trial is finished yet."
      : `${count(trials, "trial")} of ${count(arms.length, "arm")} in ${
        count(suites.length, "suite")
      }.`,
    remarks: noticesOf(report, suites),
  };
}

function suitesTable(suites: readonly SuiteModel[]): Table {
  return table(
    ["suite", "question", "arms#", "trials#", "diverged#", "what the data support"],
    suites.map((suite) => {
      const arms = suite.panels.flatMap((panel) => panel.arms);
      const sum = (of: (arm: typeof arms[number]) => number) =>
        String(arms.reduce((total, arm) => total + of(arm), 0));
      return [
        suite.name,
        questionOf(suite.name).question,
        String(arms.length),
        sum(({ trials }) => trials.length),
        sum(({ diverged }) => diverged.length),
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
    headline: suiteHeadline(suite, report),
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

function suiteHeadline(suite: SuiteModel, report: TrainReport): Headline {
  const notices = noticesOf(report, [suite]);
  if (suite.panels.length === 0) {
    return { tone: "incomplete", verdict: "No trial is finished yet.", remarks: notices };
  }
  const incomplete = suite.unfinished.length > 0 || report.missing.length > 0;
  return {
    tone: incomplete ? "incomplete" : "neutral",
    verdict: `${questionOf(suite.name).title}.`,
    remarks: [...notices, ...suiteRemarks(suite)],
  };
}

function suiteRemarks({ head }: SuiteModel): string[] {
  return head.map(({ family, panel, contrasts }) =>
    `${panel.label}, ${lowerFirst(family.heading)}: ${sumUp(contrasts)}.`
  );
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
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
  const diverged = panels.flatMap(({ arms }) =>
    arms.flatMap((arm) =>
      arm.diverged.map(({ record }) => `${record.trial.id} in epoch ${record.lastEpoch}`)
    )
  );
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
    ...tested.flatMap((each): Block[] => [
      { kind: "heading", text: familyHeading(each, panels) },
      ...contrastBlocks(each.contrasts),
    ]),
  ];
}

function familyHeading({ family, panel }: TestedFamily, panels: readonly Panel[]): string {
  const place = panels.length > 1 ? `: ${panel.label}` : "";
  return `${family.heading}, ${family.measure.name}${place}`;
}

export const TRAIN_REPORT: Report<EpochRecord | TrialRecord> = {
  pages: trainDocuments,
  text: trainSummary,
};
