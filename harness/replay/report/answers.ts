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

/** The answer to a question, in words that follow from the numbers. */
interface Answer {
  readonly question: string;
  /** Heading of the labels of its table. */
  readonly rows: string;
  words(demonstration: DemonstrationRecord): string[];
}

const ANSWERS: readonly (readonly [title: string, answers: readonly Answer[]])[] = [
  ["Which preprocessing is analogous to which norm?", [{
    question: "preprocessing",
    rows: "relative change of the result",
    words: preprocessingWords,
  }]],
  ["How does the scale of the initial weights affect networks with and without batch norm?", [{
    question: "scale",
    rows: "weight scale",
    words: scaleWords,
  }]],
  ["What does the batch size do to batch norm?", [{
    question: "batch size",
    rows: "images in the batch",
    words: batchSizeWords,
  }]],
  ["When does layer norm work badly?", [
    { question: "few features", rows: "features", words: fewFeaturesWords },
    {
      question: "small weights",
      rows: "standard deviation of the weights",
      words: smallWeightsWords,
    },
  ]],
];

/** Every question with a measurement. */
export function answerBlocks({ demonstrations }: ReplayModel): Block[] {
  return ANSWERS.flatMap(([title, answers]) => {
    const blocks = answers.flatMap(({ question, rows, words }) => {
      const demonstration = demonstrations.get(question);
      if (demonstration === undefined) return [];
      return [
        ...words(demonstration).map((text) => paragraph(text)),
        ...tableBlocks(demonstrationTable(demonstration, rows)),
      ];
    });
    return blocks.length === 0 ? [] : [{ kind: "heading", text: title } as const, ...blocks];
  });
}

function valuesOf({ rows }: DemonstrationRecord, label: string): readonly number[] {
  return rows.find((row) => row.label === label)?.values ?? [];
}

function preprocessingWords(demonstration: DemonstrationRecord): string[] {
  const [pattern, , others] = [0, 1, 2].map((column) => (label: string) =>
    Math.abs(valuesOf(demonstration, label)[column] ?? NaN) < UNCHANGED
  );
  const ignores = (label: string) =>
    pattern!(label) && !others!(label)
      ? "statistics per feature over the images"
      : others!(label) && !pattern!(label)
      ? "statistics per image over its features"
      : "neither";
  const groups = Map.groupBy(demonstration.rows.map(({ label }) => label), ignores);
  const pairs = [...groups].map(([kind, labels]) => `${labels.join(" and ")} (${kind})`);
  return [
    `Measured on the same images, these are analogous: ${pairs.join("; ")}. ` +
    "Subtracting the mean image of the data set is analogous to batch norm, and scaling each image by " +
    "its own sum is analogous to layer norm. The notebook's answer swaps the two.",
    "The test: batch norm and the mean image depend on the other images and remove what all images have in " +
    "common; layer norm and the sum of an image do not depend on other images and remove the brightness of " +
    "each. If a method removes a change, its result stays the same up to rounding and epsilon.",
  ];
}

function scaleWords({ rows }: DemonstrationRecord): string[] {
  const [first, last] = [rows[0]!, rows.at(-1)!];
  const [plainLow, normLow] = first.values;
  const [plainHigh, normHigh] = last.values;
  return [
    `Without a norm, activations shrink or grow with every layer: at the last hidden layer their spread goes ` +
    `from ${formatNumber(plainLow!)} at a weight scale of ${first.label} to ${
      formatNumber(plainHigh!)
    } at ` +
    `${last.label}, so gradients vanish or explode outside a narrow range. With batch norm ` +
    `it goes from ${formatNumber(normLow!)} to ${
      formatNumber(normHigh!)
    }, and is the same for every scale ` +
    "at which the variance of a layer is well above epsilon: the norm divides by the scale. " +
    "`deno task train --suite weight-scale` trains such networks.",
  ];
}

function batchSizeWords({ rows }: DemonstrationRecord): string[] {
  const [first, last] = [rows[0]!, rows.at(-1)!];
  return [
    "The smaller the batch, the more the output for an image depends on the other images in it: " +
    `exchanging them changes it by ${
      formatNumber(first.values[0]!)
    } of its size at ${first.label} images, ` +
    `and by ${
      formatNumber(last.values[0]!)
    } at ${last.label}. That is noise in training, and the running ` +
    "statistics that prediction uses are estimated from the same noise. Layer norm does not use other images: " +
    "nothing changes at any batch size. `deno task train --suite batch-size` trains at several.",
  ];
}

function fewFeaturesWords({ rows }: DemonstrationRecord): string[] {
  const [first, last] = [rows[0]!, rows.at(-1)!];
  return [
    "With few features: the mean and the variance that it removes are most of the information in a sample. " +
    `With ${first.label} features, little more than signs is left: the spread of the outputs' magnitudes is ` +
    `${formatNumber(first.values[0]!)}, compared to ${
      formatNumber(last.values[0]!)
    } with ${last.label}.`,
  ];
}

function smallWeightsWords({ rows }: DemonstrationRecord): string[] {
  const [first, last] = [rows[0]!, rows.at(-1)!];
  return [
    "When L2 regularization is strong: it pulls the weights towards zero until the variance of the features " +
    "is no more than epsilon, and the norm no longer restores their scale. The spread of its " +
    `output goes from ${formatNumber(first.values[0]!)} at weights of ${first.label} to ` +
    `${formatNumber(last.values[0]!)} at ${last.label}, and layer after layer learns from less.`,
  ];
}
