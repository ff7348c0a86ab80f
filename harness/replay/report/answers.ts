/**
 * The answers to the notebook's inline questions, from what was measured.
 *
 * @module
 */
import type { DemonstrationRecord, StudyRunRecord } from "../record.ts";
import { type Block, paragraph, tableBlocks } from "../../../reports/document.ts";
import { formatNumber } from "../../../reports/format.ts";
import { type Table, table } from "../../../reports/table.ts";
import {
  batchSizeClaims,
  type Claim,
  claimsTable,
  layerNormClaims,
  scaleClaims,
  verdictWords,
} from "./claims.ts";
import type { ReplayModel, StudyRuns } from "./model.ts";
import { layerNormBlocks } from "./studies.ts";
import { demonstrationTable } from "./tables.ts";

/** Largest relative change that rounding and epsilon explain. */
const UNCHANGED = 1e-6;

/** An answer from the numbers, in words that follow from them. */
interface Answer {
  readonly question: string;
  /** Heading of the labels of its table. */
  readonly rows: string;
  words(demonstration: DemonstrationRecord): string[];
}

/** A question of the notebook, what it answers itself, and what decides whether it is right. */
interface Question {
  readonly title: string;
  readonly published: string;
  /** The answer as claims, from what was trained; question 3 needs no training. */
  readonly claims?: readonly [
    experiment: StudyRunRecord["experiment"],
    claims: (runs: readonly StudyRunRecord[]) => Claim[],
  ];
  /** Trained networks that have no section of their own. */
  readonly trained?: (study: StudyRuns) => Promise<Block[]>;
  readonly answers: readonly Answer[];
}

const QUESTIONS: readonly Question[] = [
  {
    title:
      "1: how does the scale of the initial weights affect networks with and without batch norm?",
    published:
      "The best scale is about 0.1, with a training accuracy of about twice the validation accuracy; the plain " +
      "network falls off sharply on both sides.",
    claims: ["N8", scaleClaims],
    answers: [{ question: "scale", rows: "weight scale", words: scaleWords }],
  },
  {
    title: "2: what does the batch size do to batch norm?",
    published:
      "Larger batches raise the training accuracy dramatically, and the validation accuracy hardly. " +
      "Layer norm is to depend on them markedly less.",
    claims: ["N9", batchSizeClaims],
    answers: [{ question: "batch size", rows: "images in the batch", words: batchSizeWords }],
  },
  {
    title: "3: which preprocessing is analogous to which norm?",
    published: "Batch norm: 1 and 2. Layer norm: 3 and 4.",
    answers: [{
      question: "preprocessing",
      rows: "relative change of the result",
      words: preprocessingWords,
    }],
  },
  {
    title: "4: when does layer norm work badly?",
    published: "With few features and under strong regularization; it works well in deep networks.",
    claims: ["N10", layerNormClaims],
    trained: layerNormBlocks,
    answers: [
      { question: "few features", rows: "features", words: fewFeaturesWords },
      {
        question: "small weights",
        rows: "standard deviation of the weights",
        words: smallWeightsWords,
      },
    ],
  },
];

/** What decides a claim. */
const CLAIM_WORDS =
  "A claim is supported if the 95 % interval of its mean over seeds lies within the range in which it holds, " +
  "contradicted if it lies outside, and otherwise undecided; so is one with a single seed. A difference of less than 2 " +
  "points counts as none.";

/** The claims of a question, from what was trained. */
function claimsOf({ claims }: Question, { studies }: ReplayModel): Claim[] {
  if (claims === undefined) return [];
  const [experiment, make] = claims;
  const study = studies.get(experiment);
  return study === undefined ? [] : make(study.runs);
}

/** The verdict on each answer of the notebook, in short. */
function supportOf(question: Question, model: ReplayModel): string {
  const preprocessing = model.demonstrations.get("preprocessing");
  if (question.claims !== undefined) return verdictWords(claimsOf(question, model));
  if (preprocessing === undefined) return "Undecided: this run has no measurement of it.";
  const options = optionsOf(preprocessing);
  const wrong = options.filter(({ published, measured }) => published !== measured);
  return wrong.length === 0
    ? "Supported, for all options."
    : `Contradicted, for ${wrong.length} of ${options.length} options.`;
}

/** Every question with the notebook's answer and the verdict; empty where the run answers none. */
export function answersTable(model: ReplayModel): Table {
  const asked = model.demonstrations.size > 0 || model.studies.size > 0 ? QUESTIONS : [];
  return table(
    ["question", "the notebook's answer", "do the data support it?"],
    asked.map((question) => [question.title, question.published, supportOf(question, model)]),
  );
}

/** Whether the data support the notebook's answers, in a sentence; nothing where the run answers none. */
export function answersSentence(model: ReplayModel): string[] {
  const verdicts = answersTable(model).rows.map(([, , verdict], i) => `${i + 1}: ${verdict}`);
  return verdicts.length === 0
    ? []
    : [`Whether the data support its answers to four questions. ${verdicts.join(" ")}`];
}

/** Every question with its answers, from trained networks and from measured mechanisms. */
export async function answerBlocks(model: ReplayModel): Promise<Block[]> {
  const summary = tableBlocks(answersTable(model));
  if (summary.length === 0) return [];
  const blocks = await Promise.all(QUESTIONS.map((question) => questionBlocks(question, model)));
  return [paragraph(CLAIM_WORDS), ...summary, ...blocks.flat()];
}

async function questionBlocks(question: Question, model: ReplayModel): Promise<Block[]> {
  const { title, published, claims, trained, answers } = question;
  const study = claims && model.studies.get(claims[0]);
  const mechanisms = answers.flatMap(({ question, rows, words }) => {
    const demonstration = model.demonstrations.get(question);
    if (demonstration === undefined) return [];
    return [
      ...words(demonstration).map((text) => paragraph(text)),
      ...tableBlocks(demonstrationTable(demonstration, rows)),
    ];
  });
  const preprocessing = model.demonstrations.get("preprocessing");
  return [
    { kind: "heading", text: title },
    paragraph(published, "The notebook's answer."),
    paragraph(supportOf(question, model), "Supported?"),
    ...tableBlocks(claimsTable(claimsOf(question, model))),
    ...(claims === undefined && preprocessing ? tableBlocks(optionsTable(preprocessing)) : []),
    ...(trained && study ? await trained(study) : []),
    ...mechanisms,
  ];
}

const [PER_FEATURE, PER_IMAGE] = [
  "statistics per feature over the images",
  "statistics per image over its features",
];

/** What a method takes statistics of, by what it removes and what it depends on. */
function kindOf(changes: readonly number[]): string {
  const [ignoresPattern, ignoresBrightness, ignoresOthers] = changes.map((change) =>
    Math.abs(change) < UNCHANGED
  );
  if (ignoresPattern && !ignoresOthers) return PER_FEATURE!;
  return ignoresOthers && ignoresBrightness && !ignoresPattern ? PER_IMAGE! : "neither";
}

/** The notebook's answer by the number of an option. */
const PUBLISHED_KINDS = { 1: PER_FEATURE, 2: PER_FEATURE, 3: PER_IMAGE, 4: PER_IMAGE };

/** Each option of question 3: what the notebook says that it takes statistics of, and what it does. */
function optionsOf({ rows }: DemonstrationRecord) {
  return Object.entries(PUBLISHED_KINDS).flatMap(([option, published]) => {
    const row = rows.find(({ label }) => label.startsWith(option));
    return row ? [{ label: row.label, published, measured: kindOf(row.values) }] : [];
  });
}

/** The norms by what they take statistics of. */
function normOf(kind: string | undefined): string {
  return kind === PER_FEATURE ? "batch norm" : kind === PER_IMAGE ? "layer norm" : "neither";
}

function optionsTable(demonstration: DemonstrationRecord): Table {
  return table(
    ["preprocessing", "the notebook: analogous to", "measured", "verdict"],
    optionsOf(demonstration).map(({ label, published, measured }) => [
      ...[label, normOf(published), normOf(measured)],
      published === measured ? "supported" : "contradicted",
    ]),
  );
}

function preprocessingWords({ rows }: DemonstrationRecord): string[] {
  const groups = Map.groupBy(rows, ({ values }) => kindOf(values));
  const pairs = [...groups].map(([kind, methods]) =>
    `${methods.map(({ label }) => label).join(" and ")} (${kind})`
  );
  return [
    `Measured on the same images, these are analogous: ${pairs.join("; ")}.`,
    "The test: batch norm depends on the other images and removes what all images have in common; layer norm does " +
    "not depend on other images and removes the brightness of each. If a method removes a change, its result stays " +
    "the same up to rounding and epsilon. Scaling each row of an image does in small what scaling the image does.",
  ];
}

/** The first and the last row, with formatted numbers. */
function firstAndLast({ rows }: DemonstrationRecord) {
  const formatted = (row: DemonstrationRecord["rows"][number]) => ({
    label: row.label,
    values: row.values.map((value) => formatNumber(value)),
  });
  return [formatted(rows[0]!), formatted(rows.at(-1)!)] as const;
}

function scaleWords(demonstration: DemonstrationRecord): string[] {
  const [low, high] = firstAndLast(demonstration);
  return [
    "Without a norm, activations shrink or grow with every layer: at the last hidden layer their spread goes " +
    `from ${low.values[0]} at a weight scale of ${low.label} to ${
      high.values[0]
    } at ${high.label}, so ` +
    "gradients vanish or explode outside a narrow range. With batch norm it goes from " +
    `${low.values[1]} to ${
      high.values[1]
    }, and is the same for every scale at which the variance of a layer ` +
    "is well above epsilon: the norm divides by the scale.",
  ];
}

function batchSizeWords(demonstration: DemonstrationRecord): string[] {
  const [small, large] = firstAndLast(demonstration);
  return [
    "The smaller the batch, the more the output for an image depends on the other images in it: exchanging " +
    `them changes it by ${small.values[0]} of its size at ${small.label} images, and by ${
      large.values[0]
    } at ` +
    `${large.label}. That is noise in training, and the running statistics that prediction uses are estimated ` +
    "from the same noise. Layer norm does not use other images: nothing changes at any batch size.",
  ];
}

function fewFeaturesWords(demonstration: DemonstrationRecord): string[] {
  const [few, many] = firstAndLast(demonstration);
  return [
    "With few features: the mean and the variance that it removes are most of the information in a sample. " +
    `With ${few.label} features, little more than signs is left: the spread of the outputs' magnitudes is ` +
    `${few.values[0]}, compared to ${many.values[0]} with ${many.label}.`,
  ];
}

function smallWeightsWords(demonstration: DemonstrationRecord): string[] {
  const [large, small] = firstAndLast(demonstration);
  return [
    "When L2 regularization is strong: it pulls the weights towards zero until the variance of the features " +
    "is no more than epsilon, and the norm no longer restores their scale. The spread of its output goes from " +
    `${large.values[0]} at weights of ${large.label} to ${
      small.values[0]
    } at ${small.label}, and layer after ` +
    "layer learns from less.",
  ];
}
