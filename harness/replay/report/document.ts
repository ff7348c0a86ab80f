/**
 * The replay report as a document.
 *
 * @module
 */
import type { Report } from "../../run/report.ts";
import type { ReplayResult } from "../record.ts";
import { replaySummary } from "./text.ts";
import type { ReplayRunRecord } from "../record.ts";
import {
  type Block,
  figureBlocks,
  paragraph,
  type ReportDocument,
  type Section,
  tableBlocks,
} from "../../../reports/document.ts";
import { draw } from "../../../reports/figure.ts";
import { missingSection, runLines, runSections } from "../../run/report_sections.ts";
import { answerBlocks } from "./answers.ts";
import { accuracyCurves } from "./curves.ts";
import { replayHeadline } from "./headline.ts";
import { type ExperimentFigures, modelReplay, type ReplayReport } from "./model.ts";
import { figuresTable, spreadTable, summaryTable } from "./tables.ts";

const HOW_TO_READ = [
  "A Python notebook on batch normalization was published with its output. Here it runs again from the " +
  "same seed: NumPy's legacy generator gives the same inputs, weights and batches. Each " +
  "printed figure stands beside what came out here.",
  "float64 is the oracle of the norms, on plain arrays, in the precision that the notebook checks its norms " +
  "in: there every printed digit has to come out. Backends compute in float32, and have about seven digits.",
];

const VERDICT_MEANINGS = [
  "same digits: every printed digit.",
  "same to k digits: the first k significant digits, where float32 or chance leaves no more.",
  "same order of magnitude: within a factor of ten, for rounding noise, times, and late accuracies.",
  "inside the published spread: within the range of fourteen public runs, or of what the notebook expects.",
  "as expected: nothing was printed, but what it has to be is known.",
  "differs: none of these.",
];

const TRAINING_WORDS = [
  "Training is chaotic. What parts two runs is an input of a leaky ReLU so near to zero that rounding " +
  "decides its sign: from there on their gradients differ, and after some hundred steps they have nothing " +
  "but their distribution in common. So a backend may follow the notebook for sixty iterations or for " +
  "three. Digits are compared as long as they can be followed; accuracies after that are judged by the " +
  "spread over seeds.",
  "The notebook's running variance starts from zero, not from one: only so do the accuracies after the first " +
  "step come out. Its activation is a leaky ReLU of slope 0.01.",
];

/** Works out the report of the records, and draws its figure. */
export async function replayDocument(records: readonly ReplayRunRecord[]): Promise<ReportDocument> {
  const report = modelReplay(records);
  return {
    title: "Normbench replay of a notebook",
    headline: replayHeadline(report),
    environment: runLines(report.runs),
    sections: [
      missingSection(report.runs),
      {
        heading: "How to read it",
        anchor: "reading",
        blocks: [
          ...HOW_TO_READ.map((text) => paragraph(text)),
          { kind: "list", items: VERDICT_MEANINGS },
        ],
        unlisted: true,
      },
      { heading: "Summary", anchor: "summary", blocks: tableBlocks(summaryTable(report)) },
      ...await Promise.all(report.experiments.map((each) => experimentSection(each, report))),
      { heading: "The notebook's questions", anchor: "questions", blocks: answerBlocks(report) },
      ...runSections(report.runs, report.sites),
    ],
  };
}

async function experimentSection(
  { name, title, figures }: ExperimentFigures,
  report: ReplayReport,
): Promise<Section> {
  const hasTraining = figures.some(({ record }) => record.training !== undefined);
  return {
    heading: `${name}: ${title}`,
    anchor: name,
    blocks: [
      ...(hasTraining ? await trainingBlocks(report) : []),
      ...tableBlocks(figuresTable(figures)),
    ],
  };
}

async function trainingBlocks(report: ReplayReport): Promise<Block[]> {
  const curves = accuracyCurves(report.networks);
  return [
    ...TRAINING_WORDS.map((text) => paragraph(text)),
    { kind: "list", items: replayHeadline(report).remarks },
    ...(curves === null ? [] : figureBlocks([await draw(curves)])),
    ...tableBlocks(spreadTable(report.networks)),
  ];
}

/** The report of the replay task. */
export const REPLAY_REPORT: Report<ReplayResult> = {
  pages: async (records) => new Map([["report", await replayDocument(records)]]),
  text: replaySummary,
};
