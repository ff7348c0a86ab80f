/**
 * The replay report: its page, and its text for the terminal.
 *
 * @module
 */
import {
  type Block,
  figureBlocks,
  type Headline,
  paragraph,
  type ReportDocument,
  type Section,
  tableBlocks,
} from "../../../reports/document.ts";
import { draw } from "../../../reports/figure.ts";
import { count } from "../../../reports/format.ts";
import { textTable } from "../../../reports/table.ts";
import {
  missingSection,
  type Report,
  runLines,
  runSections,
  summaryText,
} from "../../run/report.ts";
import { REPLAY_KINDS, type ReplayResult, type ReplayRunRecord } from "../record.ts";
import { answerBlocks } from "./answers.ts";
import { accuracyCurves } from "./curves.ts";
import {
  type ExperimentPrintouts,
  modelReplay,
  type NetworkRuns,
  type ReplayModel,
} from "./model.ts";
import { printoutsTable, spreadTable, summaryTable } from "./tables.ts";

/** The report of the replay task. */
export const REPLAY_REPORT: Report<ReplayResult> = {
  task: "replay",
  kinds: REPLAY_KINDS,
  pages: async (records) => new Map([["report", await replayDocument(records)]]),
  text: replaySummary,
};

const HOW_TO_READ = [
  "A Python notebook on batch normalization was published with its output. Here it runs again from the " +
  "same seed: NumPy's legacy generator gives the same inputs, weights and batches. Every printed value is " +
  "shown beside the replayed one.",
  "float64 is the oracle of the norms, on plain arrays, in the precision in which the notebook checks its " +
  "norms: it must reproduce every printed digit. Backends compute in float32, with about seven digits.",
];

const VERDICT_MEANINGS = [
  "same digits: every printed digit.",
  "same to k digits: the first k significant digits, where float32 or chance leaves no more.",
  "same order of magnitude: within a factor of ten, for rounding noise, times, and late accuracies.",
  "inside the published spread: within the range of fourteen public runs, or of what the notebook expects.",
  "as expected: nothing was printed, but the correct value is known.",
  "differs: none of these.",
];

const TRAINING_WORDS = [
  "Training is chaotic. Two runs separate where an input of a leaky ReLU is so close to zero that rounding " +
  "decides its sign: from there on their gradients differ, and after some hundred steps they have only " +
  "their distribution in common. So a backend may follow the notebook for sixty iterations or for three. " +
  "Digits are compared as long as they can be followed; later accuracies are judged by the spread over seeds.",
  "The notebook's running variance starts from zero, not from one: only then are the accuracies after the " +
  "first step reproduced. Its activation is a leaky ReLU of slope 0.01.",
];

async function replayDocument(records: readonly ReplayRunRecord[]): Promise<ReportDocument> {
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
  { name, title, printouts }: ExperimentPrintouts,
  report: ReplayModel,
): Promise<Section> {
  const hasTraining = printouts.some(({ record }) => record.training !== undefined);
  return {
    heading: `${name}: ${title}`,
    anchor: name,
    blocks: [
      ...(hasTraining ? await trainingBlocks(report) : []),
      ...tableBlocks(printoutsTable(printouts)),
    ],
  };
}

async function trainingBlocks(report: ReplayModel): Promise<Block[]> {
  const curves = accuracyCurves(report.networks);
  return [
    ...TRAINING_WORDS.map((text) => paragraph(text)),
    { kind: "list", items: replayHeadline(report).remarks },
    ...(curves === null ? [] : figureBlocks([await draw(curves)])),
    ...tableBlocks(spreadTable(report.networks)),
  ];
}

/** The verdict over all printed values, and how far the training runs follow the notebook. */
export function replayHeadline({ experiments, networks, missing }: ReplayModel): Headline {
  const judged = experiments.flatMap(({ printouts }) => printouts).filter(({ record }) =>
    record.verdict !== undefined
  );
  const differing = judged.filter(({ record }) => record.verdict === "differs");
  const printed = judged.filter(({ record }) => record.published.length > 0);
  const same = printed.filter(({ record }) => record.verdict === "same digits");
  const exact = `${same.length} of ${count(printed.length, "printed value")} to the last digit`;
  const remarks = networks.filter(({ own }) => own !== undefined).map(followedSentence);
  if (differing.length > 0) {
    return {
      tone: "failed",
      verdict: `${
        count(differing.length, "value")
      } of ${judged.length} differ from the notebook's.`,
      remarks: [`Reproduced: ${exact}.`, ...remarks],
    };
  }
  return {
    tone: missing.length > 0 || judged.length === 0 ? "incomplete" : "passed",
    verdict: judged.length === 0
      ? "Nothing was compared."
      : `The notebook is reproduced as far as can be expected: ${exact}.`,
    remarks,
  };
}

function followedSentence({ site, network, printouts, followed }: NetworkRuns): string {
  const which = network === "plain" ? "The plain network" : "The network with batch norm";
  const last = printouts.at(-1)?.training?.iteration ?? 0;
  if (followed === 0) return `${which} differs from the notebook from the start, on ${site.label}.`;
  const rest = followed < last ? "; after that, rounding changes the digits" : "";
  return `${which} follows the notebook digit by digit up to iteration ${followed}, on ${site.label}${rest}.`;
}

function replaySummary(records: readonly ReplayRunRecord[]): string {
  const report = modelReplay(records);
  const parts = [
    ...report.experiments.map(({ name, title, printouts }) =>
      `${name}: ${title}\n${textTable(printoutsTable(printouts))}`
    ),
    textTable(spreadTable(report.networks)),
  ];
  return summaryText(parts, report.runs, replayHeadline(report));
}
