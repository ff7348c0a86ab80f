/**
 * The first page of a training report: the suites, and what they find together.
 *
 * @module
 */
import type { Headline, ReportDocument } from "../../../reports/document.ts";
import { tableBlocks } from "../../../reports/document.ts";
import { count } from "../../../reports/format.ts";
import { missingSection, runLines, runSections } from "../../run/report_sections.ts";
import { type Table, table } from "../../../reports/table.ts";
import { findingBlocks } from "../questions/findings.ts";
import type { SuiteModel, TrainReport } from "./model.ts";
import { suiteRemarks } from "./suite_document.ts";
import { contentOf } from "../questions/page_registry.ts";
import { noticesOf } from "./words.ts";

/** Works out the first page. */
export function indexDocument(report: TrainReport): ReportDocument {
  const { runs, sites, suites } = report;
  return {
    title: "Normbench training report",
    headline: trainHeadline(report),
    environment: runLines(runs),
    pages: suites.map(({ name, slug }) => ({ name: slug, title: contentOf(name).title })),
    sections: [
      missingSection(runs),
      { heading: "Suites", anchor: "suites", blocks: tableBlocks(suitesTable(suites)) },
      { heading: "Findings", anchor: "findings", blocks: findingBlocks(report) },
      ...runSections(runs, sites),
    ],
  };
}

/** How much was trained, and what to know before reading on. */
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
        contentOf(suite.name).question,
        String(arms.length),
        sum(({ trials }) => trials.length),
        sum(({ diverged }) => diverged.length),
        suiteRemarks(suite).join(" "),
      ];
    }),
  );
}
