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
import { count, formatNumber } from "../../../reports/format.ts";
import { textTable } from "../../../reports/table.ts";
import {
  missingSection,
  type Report,
  runLines,
  runSections,
  summaryText,
} from "../../run/report.ts";
import { POWER } from "../agreement.ts";
import { PUBLISHED } from "../published.ts";
import {
  NOTEBOOK,
  NOTEBOOK_EXPERIMENTS,
  REPLAY_KINDS,
  REPLAY_VERDICTS,
  type ReplayResult,
  type ReplayRunRecord,
  type ReplayVerdict,
} from "../record.ts";
import { answerBlocks, answersSentence, answersTable } from "./answers.ts";
import { trainingCurves } from "./curves.ts";
import {
  type ExperimentPrintouts,
  modelReplay,
  type NetworkRuns,
  type ReplayModel,
  type StudyRuns,
} from "./model.ts";
import { batchSizeBlocks, scaleBlocks } from "./studies.ts";
import { agreementTable, placementTable, printoutsTable, summaryTable } from "./tables.ts";

/** The report of the replay task. */
export const REPLAY_REPORT: Report<ReplayResult> = {
  task: "replay",
  kinds: REPLAY_KINDS,
  pages: async (records) => new Map([["report", await replayDocument(records)]]),
  text: replaySummary,
};

const SOURCE =
  `The notebook is "${NOTEBOOK.title}", an executed course notebook on batch normalization in NumPy ` +
  `(${NOTEBOOK.executed}, seed ${NOTEBOOK.seed}): a solved assignment with its output, run once, not a paper and not ` +
  "a reference.";

const WHY =
  "The notebook descends from the second assignment of Stanford's CS231n. It is replayed because it prints digits, " +
  "and because NumPy's generator, computed here from the same seed, gives the same inputs, weights and batches. Some " +
  "of its answers are wrong (see its questions).";

const HOW_TO_READ = [
  "float64 is the norms' oracle, on plain arrays, in the precision in which the notebook checks its norms. " +
  "Backends compute in float32, which has about seven digits. A figure counts once, however many backends " +
  "compute it: as float64 has it, and in training, for which there is no float64, as the first backend has it.",
  "Some printed figures are decided by the order in which a sum is taken: errors of central differences, and " +
  "training after the first steps. For these, NumPy was run in other orders (samples, features and units " +
  "permuted: 60 runs of N3, N4 and N6, 30 of N7), which is the same mathematics. The digits that all " +
  "orders share must be the same, and where they share none, the figure must lie inside the spread of these runs " +
  "(Student's prediction interval: one right figure in 10,000 falls outside).",
];

const VERDICT_MEANINGS = [
  "same digits: every printed digit.",
  "same to k digits: the first k significant digits, at least four in float32, or all that every order of sums shares.",
  "inside the spread: where NumPy's values lie in other orders of sums.",
  "noise: nothing but rounding, or a time; its magnitude is judged, and the reason is given.",
  "differs: none of these.",
];

const TRAINING_WORDS = [
  "Training is chaotic. Two runs separate where an input of a leaky ReLU is so close to zero that rounding " +
  "decides its sign: from there on their gradients differ, and after some hundred steps they have only " +
  "their distribution in common. So each printed loss and accuracy is held against thirty runs from the same seed in " +
  "other orders of sums, and runs from further seeds are compared with thirty other seeds in NumPy.",
  "The notebook's running variance starts from zero, not from one: only then are the accuracies after the " +
  "first step reproduced. Its activation is a leaky ReLU of slope 0.01.",
];

const PLACEMENT_WORDS =
  "Where the printed accuracies lie among NumPy's runs. For the plain network seed 220 is a lucky one: .715 is near the " +
  "top of what other seeds reach, and usual for this seed in other orders of sums. Fourteen public runs of the parent " +
  "notebook are no spread over seeds: they all have seed 231 and a plain ReLU, and their medians are within about a " +
  "point of that seed's in NumPy. Only the lowest of them, .436, lies outside of what rounding does to it here.";

const AGREEMENT_WORDS =
  "Runs from further seeds against thirty other seeds in NumPy: Student's two-sample test, which judges a single " +
  "run, too, at a level of .0025 for each comparison, .01 for the four of a backend. The difference in the last " +
  `column but one would be found with a probability of ${100 * POWER} %.`;

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
          paragraph(WHY, "Why this notebook."),
          ...HOW_TO_READ.map((text) => paragraph(text)),
          { kind: "list", items: VERDICT_MEANINGS },
        ],
        unlisted: true,
      },
      { heading: "Summary", anchor: "summary", blocks: tableBlocks(summaryTable(report)) },
      ...await Promise.all(report.experiments.map((each) => experimentSection(each, report))),
      ...await Promise.all([
        studySection("N8", report, scaleBlocks),
        studySection("N9", report, batchSizeBlocks),
      ]),
      {
        heading: "N10: the notebook's questions",
        anchor: "questions",
        blocks: await answerBlocks(report),
      },
      ...runSections(report.runs, report.sites),
    ],
  };
}

async function experimentSection(
  { name, title, printouts }: ExperimentPrintouts,
  report: ReplayModel,
): Promise<Section> {
  const hasTraining = printouts.some(({ record }) => record.training !== undefined);
  const reasons = new Set(printouts.flatMap(({ record }) => record.noise ?? []));
  return {
    heading: `${name}: ${title}`,
    anchor: name,
    blocks: [
      ...(hasTraining ? await trainingBlocks(report) : []),
      ...[...reasons].map((reason) => paragraph(reason, "Noise.")),
      ...tableBlocks(printoutsTable(printouts)),
    ],
  };
}

/** A section of N8 or N9; without blocks where nothing was trained. */
async function studySection(
  name: "N8" | "N9",
  { studies }: ReplayModel,
  blocks: (study: StudyRuns) => Promise<Block[]>,
): Promise<Section> {
  const study = studies.get(name);
  return {
    heading: `${name}: ${NOTEBOOK_EXPERIMENTS[name]}`,
    anchor: name,
    blocks: study === undefined ? [] : await blocks(study),
  };
}

async function trainingBlocks({ networks }: ReplayModel): Promise<Block[]> {
  const curves = trainingCurves(networks);
  const agreement = tableBlocks(agreementTable(networks));
  return [
    ...TRAINING_WORDS.map((text) => paragraph(text)),
    { kind: "list", items: networks.filter(({ own }) => own !== undefined).map(followedSentence) },
    ...(curves === null ? [] : figureBlocks([await draw(curves)])),
    ...(agreement.length === 0 ? [] : [paragraph(AGREEMENT_WORDS), ...agreement]),
    paragraph(PLACEMENT_WORDS),
    ...tableBlocks(placementTable()),
  ];
}

/** How many figures come out to every digit, which do not, and whether training agrees in distribution. */
export function replayHeadline(model: ReplayModel): Headline {
  const { figures, networks, missing, experiments } = model;
  const differing = experiments.flatMap(({ printouts }) => printouts)
    .filter(({ record }) => record.verdict === "differs");
  const disagreeing = networks.flatMap(({ agreements }) => agreements).filter(({ differs }) =>
    differs
  );
  const remarks = [
    ...listOf(differing, "Not reproduced"),
    ...figures.length === 0 ? [] : [countSentence(figures)],
    ...Map.groupBy(networks, ({ site }) => site.label).values().map(agreementSentence),
    ...answersSentence(model),
    SOURCE,
  ];
  const failed = differing.length + disagreeing.length > 0;
  const all = PRINTED === figures.length ? `the ${PRINTED}` : `${figures.length} of the ${PRINTED}`;
  const same = figures.filter(({ record }) => record.verdict === "same digits").length;
  return {
    tone: failed ? "failed" : missing.length > 0 || figures.length === 0 ? "incomplete" : "passed",
    verdict: figures.length === 0
      ? "Nothing was compared."
      : failed
      ? `The notebook is not reproduced: ${count(differing.length, "figure")} and ` +
        `${count(disagreeing.length, "comparison")} over seeds differ.`
      : `Of ${all} figures that the notebook printed, ${same} come out to every digit here, and none of the others ` +
        "differs by more than rounding explains.",
    remarks,
  };
}

/** How many figures the notebook printed. */
const PRINTED = Object.values(PUBLISHED).reduce((sum, each) => sum + Object.keys(each).length, 0);

function listOf(printouts: ReplayModel["figures"], what: string): string[] {
  if (printouts.length === 0) return [];
  return [
    `${what}: ${
      printouts.map(({ record, site }) => `${record.figure} (${site.label})`).join("; ")
    }.`,
  ];
}

/** What became of the figures, in float64 and in training. */
function countSentence(figures: ReplayModel["figures"]): string {
  const groups = Map.groupBy(
    figures,
    ({ record, site }) =>
      record.training
        ? `training (N7, float32 on ${site.label})`
        : "forward passes and gradients (N1 to N6, float64)",
  );
  const wordsOf = (verdict: ReplayVerdict, isTraining: boolean) => ({
    "same digits": "to every digit",
    "same to k digits": isTraining
      ? "to all digits that float32 has"
      : "to all digits that every order of sums shares",
    "inside the spread":
      "decided by the order of sums, and inside the spread that this makes in NumPy",
    noise: "noise",
    differs: "that differ",
  }[verdict]);
  const sentences = [...groups].map(([where, group]) => {
    const parts = REPLAY_VERDICTS.toReversed().flatMap((verdict) => {
      const number = group.filter(({ record }) => record.verdict === verdict).length;
      return number === 0
        ? []
        : [`${number} ${wordsOf(verdict, group[0]!.record.training !== undefined)}`];
    });
    return `${count(group.length, "figure")} of ${where}: ${parts.join(", ")}.`;
  });
  return sentences.join(" ");
}

/** Whether the further seeds on one site agree with NumPy's. */
function agreementSentence(networks: readonly NetworkRuns[]): string {
  const [{ site }] = networks as [NetworkRuns];
  const compared = networks.flatMap(({ agreements }) => agreements);
  if (compared.length === 0) {
    return `Whether training on ${site.label} agrees in distribution was not tested: no further seeds ran (--seeds).`;
  }
  const differing = compared.filter(({ differs }) => differs);
  const seeds = Math.max(...compared.map(({ here }) => here.length));
  if (differing.length > 0) {
    const which = differing.map(({ part, network }) => `${part} accuracy, ${network}`).join("; ");
    return `Training on ${site.label} does not agree with NumPy's in distribution: ${which}.`;
  }
  const least = Math.min(...compared.map(({ p }) => p));
  const points = compared.map(({ detectable }) => 100 * detectable);
  return `Training on ${site.label} agrees with NumPy's in distribution: over ${
    count(seeds, "further seed")
  } no ` +
    `accuracy differs from that over 30 seeds (least of ${compared.length} p values ${
      formatNumber(least, 2)
    }); a ` +
    `difference of ${Math.min(...points).toFixed(1)} to ${
      Math.max(...points).toFixed(1)
    } points would have been ` +
    `found with a probability of ${100 * POWER} %.`;
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
    textTable(agreementTable(report.networks)),
    textTable(answersTable(report)),
  ];
  return summaryText(parts, report.runs, replayHeadline(report));
}
