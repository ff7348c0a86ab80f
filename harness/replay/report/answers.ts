/**
 * The answers to the notebook's inline questions, from what was measured.
 *
 * @module
 */
import type { DemonstrationRecord } from "../record.ts";
import { type Block, paragraph, tableBlocks } from "../../../reports/document.ts";
import { formatNumber } from "../../../reports/format.ts";
import type { ReplayModel } from "./model.ts";
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

/** A question of the notebook, what it answers itself, and whether what is measured here supports that. */
interface Question {
  readonly title: string;
  readonly published: string;
  readonly support: string | ((demonstration: DemonstrationRecord) => string);
  readonly answers: readonly Answer[];
}

const QUESTIONS: readonly Question[] = [
  {
    title:
      "1: how does the scale of the initial weights affect networks with and without batch norm?",
    published:
      "The best scale is about 0.1, with a training accuracy of about twice the validation accuracy; the plain " +
      "network falls off sharply on both sides.",
    support:
      "The falling off is supported by the spread of the activations below. The best scale and the accuracies " +
      "take trained networks, which this report does not have.",
    answers: [{ question: "scale", rows: "weight scale", words: scaleWords }],
  },
  {
    title: "2: what does the batch size do to batch norm?",
    published:
      "Larger batches raise the training accuracy dramatically, and the validation accuracy hardly.",
    support: "Not decided here: below is the mechanism only, which takes no training.",
    answers: [{ question: "batch size", rows: "images in the batch", words: batchSizeWords }],
  },
  {
    title: "3: which preprocessing is analogous to which norm?",
    published: "Batch norm: 1 and 2. Layer norm: 3 and 4.",
    support: preprocessingSupport,
    answers: [{
      question: "preprocessing",
      rows: "relative change of the result",
      words: preprocessingWords,
    }],
  },
  {
    title: "4: when does layer norm work badly?",
    published: "With few features and under strong regularization; it works well in deep networks.",
    support:
      "The mechanisms of both are shown below. That such networks also train worse was not measured, nor was depth.",
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

/** Every question with a measurement. */
export function answerBlocks({ demonstrations }: ReplayModel): Block[] {
  return QUESTIONS.flatMap(({ title, published, support, answers }) => {
    const blocks = answers.flatMap(({ question, rows, words }) => {
      const demonstration = demonstrations.get(question);
      if (demonstration === undefined) return [];
      return [
        ...words(demonstration).map((text) => paragraph(text)),
        ...tableBlocks(demonstrationTable(demonstration, rows)),
      ];
    });
    if (blocks.length === 0) return [];
    return [
      { kind: "heading", text: title } as const,
      paragraph(published, "The notebook's answer."),
      paragraph(
        typeof support === "string" ? support : support(demonstrations.get(answers[0]!.question)!),
        "Supported?",
      ),
      ...blocks,
    ];
  });
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

function preprocessingSupport({ rows }: DemonstrationRecord): string {
  const wrong = Object.entries(PUBLISHED_KINDS).filter(([option, kind]) => {
    const row = rows.find(({ label }) => label.startsWith(option));
    return row && kindOf(row.values) !== kind;
  });
  return wrong.length === 0
    ? "Supported by the measurement below."
    : `Contradicted by the measurement below, for ${wrong.length} of 4 options.`;
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
    "is well above epsilon: the norm divides by the scale. `deno task train --suite weight-scale` trains such " +
    "networks.",
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
    "from the same noise. Layer norm does not use other images: nothing changes at any batch size. " +
    "`deno task train --suite batch-size` trains at several.",
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
