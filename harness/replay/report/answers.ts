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

function preprocessingWords({ rows }: DemonstrationRecord): string[] {
  const kindOf = ([pattern, , others]: readonly number[]) => {
    const [ignoresPattern, ignoresOthers] = [pattern, others].map((change = NaN) =>
      Math.abs(change) < UNCHANGED
    );
    if (ignoresPattern === ignoresOthers) return "neither";
    return ignoresPattern
      ? "statistics per feature over the images"
      : "statistics per image over its features";
  };
  const groups = Map.groupBy(rows, ({ values }) => kindOf(values));
  const pairs = [...groups].map(([kind, methods]) =>
    `${methods.map(({ label }) => label).join(" and ")} (${kind})`
  );
  return [
    `Measured on the same images, these are analogous: ${pairs.join("; ")}. ` +
    "Subtracting the mean image of the data set is analogous to batch norm, and scaling each image by " +
    "its own sum is analogous to layer norm. The notebook's answer swaps the two.",
    "The test: batch norm and the mean image depend on the other images and remove what all images have in " +
    "common; layer norm and the sum of an image do not depend on other images and remove the brightness of " +
    "each. If a method removes a change, its result stays the same up to rounding and epsilon.",
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
