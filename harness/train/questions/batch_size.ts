import type { ModelDescription, NormChoice } from "../../../models/description.ts";
import { fullyConnected } from "../../../models/networks.ts";
import type { OptimizerOptions } from "../../../models/optimizer.ts";
import { type Contrast, contrastSentence, ofNorms } from "../report/contrasts.ts";
import { curves } from "../report/curves.ts";
import type { Finding } from "../report/findings.ts";
import { normLabel, styleBySize } from "../report/labels.ts";
import {
  BEST_VALIDATION,
  FINAL_LOSS,
  formatAccuracy,
  meansOf,
  TEST_ACCURACY,
} from "../report/measures.ts";
import { panelsOf, testedIn } from "../report/model.ts";
import type { Panel } from "../report/panel.ts";
import {
  againstNone,
  BATCH_SIZE,
  between,
  NORM_FIELDS,
  seriesOf,
  smallestAgainst,
} from "../report/pairs.ts";
import { sweep } from "../report/sweep.ts";
import { intervalColumn } from "../report/tables.ts";
import { type ArmPlan, NOTEBOOK_SIZES, type Preset, type Question, type Size } from "./question.ts";

const NAME = "batch-size";

const NOTEBOOK_ADAM: OptimizerOptions = { name: "adam", learningRate: 10 ** -3.5 };
const NOTEBOOK_BATCHES = [5, 10, 50] as const;

/** Few images, since a batch of 2 makes thousands of steps an epoch. */
const WIDE: Readonly<
  Record<Preset, Pick<Size, "train" | "epochs"> & { readonly batches: readonly number[] }>
> = {
  quick: { train: 500, epochs: 3, batches: [2, 16, 128] },
  standard: { train: 1000, epochs: 3, batches: [2, 4, 8, 16, 32, 64, 128, 256] },
  full: { train: "all", epochs: 3, batches: [2, 4, 8, 16, 32, 64, 128, 256] },
};

const WIDE_RATE = 0.01;

const USUAL = 32;

/**
 * The rate grows with the batch, as in Goyal et al. 2017 and Wu & He 2018: an epoch then moves the
 * weights about as far at every batch size, and what differs is what the norm makes of the batch.
 */
function wideOptimizer(batchSize: number): OptimizerOptions {
  return { name: "momentum", learningRate: WIDE_RATE * batchSize / USUAL };
}

function net(norm: NormChoice): ModelDescription {
  return fullyConnected(5, 100, norm);
}

function notebookArms({ train, epochs }: Size): ArmPlan[] {
  const arm = (norm: NormChoice, batchSize: number): ArmPlan => ({
    name: `notebook/${norm}/${batchSize}`,
    model: net(norm),
    optimizer: NOTEBOOK_ADAM,
    batchSize,
    epochs,
    train,
  });
  const normalized = (["batch", "layer"] as const).flatMap((norm) =>
    NOTEBOOK_BATCHES.map((batchSize) => arm(norm, batchSize))
  );
  return [arm("none", NOTEBOOK_BATCHES[0]), ...normalized];
}

function wideArms({ train, epochs, batches }: typeof WIDE[Preset]): ArmPlan[] {
  return (["batch", "layer", "group"] as const).flatMap((norm) =>
    batches.map((batchSize): ArmPlan => ({
      name: `wide/${norm}/${batchSize}`,
      model: net(norm),
      optimizer: wideOptimizer(batchSize),
      batchSize,
      epochs,
      train,
    }))
  );
}

function rangeSentences(panel: Panel): string[] {
  return seriesOf(panel, BATCH_SIZE).flatMap((arms) => {
    const means = [...meansOf(arms, TEST_ACCURACY, panel)]
      .map(([arm, accuracy]) => ({ size: arm.description.batchSize, accuracy }))
      .sort((a, b) => a.accuracy - b.accuracy);
    const [low, high] = [means[0], means.at(-1)];
    if (!low || !high || low === high) return [];
    return [
      `${panel.label}, ${normLabel(arms[0]!.description)}: mean test accuracy from ${
        formatAccuracy(low.accuracy)
      } (batch size ${low.size}) to ${formatAccuracy(high.accuracy)} (batch size ${high.size}), ${
        TEST_ACCURACY.formatSize(high.accuracy - low.accuracy)
      } points apart over ${means.length} sizes.`,
    ];
  });
}

function smallest(contrasts: readonly Contrast[], norm: string): Contrast[] {
  return ofNorms(contrasts, { norm, against: norm });
}

const BATCH_SIZE_MATTERS: Finding = {
  question: "What does the batch size do?",
  from: [NAME],
  measured: (report) => [
    ...panelsOf(report, NAME).flatMap(rangeSentences),
    ...["batch", "layer", "group"]
      .flatMap((norm) => smallest(testedIn(report, NAME, TEST_ACCURACY), norm))
      .map((each) => `${each.panel.label}, ${contrastSentence(each)}`),
  ],
  papers: [
    "Batch norm estimates mean and variance from the batch: with m samples, the error of the mean is proportional to one over the root of m, and it enters every activation as noise. A little of it regularizes; much of it drowns the signal, and the running statistics used for prediction no longer match those of training. Layer and group norm take their statistics within a sample, so that the batch size affects them only through the number and the noise of the steps.",
  ],
  claims: [
    {
      says: "Wu & He 2018 report that the error of batch norm grows when the batch shrinks.",
      expects: "loss",
      measure: TEST_ACCURACY,
      select: (contrasts) => smallest(contrasts, "batch"),
    },
    {
      says: "They report that the error of group norm does not.",
      expects: "no loss",
      measure: TEST_ACCURACY,
      select: (contrasts) => smallest(contrasts, "group"),
    },
    {
      says: "Ba et al. 2016 say that layer norm does not depend on the batch size.",
      expects: "no loss",
      measure: TEST_ACCURACY,
      select: (contrasts) => smallest(contrasts, "layer"),
    },
  ],
};

function curvesByNorm(panel: Panel, name: string) {
  const groups = Map.groupBy(panel.arms, ({ description }) => normLabel(description));
  return curves({
    name,
    title:
      `${panel.label}: accuracy by epoch and batch size, mean over trials with a band from the lowest to the highest`,
    score: "accuracy",
    columns: [...groups].map(([label, arms]) => ({ label, arms })),
    style: styleBySize(panel.arms.map(({ description }) => description.batchSize)),
    legendTitle: "batch size",
  });
}

/** A variant of the notebook's N9 (5, 10 and 50, plain at 5), and a comparison from 2 to 256. */
export const BATCH_SIZE_QUESTION: Question = {
  name: NAME,
  title: "Batch size",
  question:
    "What does the batch size do to batch norm, and to norms that do not look at the batch?",
  varies: [...NORM_FIELDS, ...BATCH_SIZE.fields],
  plan: (preset) => {
    const { trials, validation, test } = NOTEBOOK_SIZES[preset];
    const arms = [...notebookArms(NOTEBOOK_SIZES[preset]), ...wideArms(WIDE[preset])];
    return { trials, validation, test, arms };
  },
  tables: [[TEST_ACCURACY, intervalColumn(TEST_ACCURACY), BEST_VALIDATION, FINAL_LOSS]],
  families: [
    {
      heading: `The smallest batch against the one nearest to ${USUAL}`,
      measure: TEST_ACCURACY,
      pairs: (panel) => smallestAgainst(panel, BATCH_SIZE, USUAL),
    },
    {
      heading: "Norms that do not look at the batch against batch norm",
      measure: TEST_ACCURACY,
      pairs: (panel) => [...between(panel, "layer", "batch"), ...between(panel, "group", "batch")],
    },
    { heading: "Each norm against none", measure: TEST_ACCURACY, pairs: againstNone },
  ],
  limits: [
    "Batches of 5, 10 and 50 are a variant of the course notebook's experiment, with standardized images and random numbers of its own; `deno task replay --experiment N9` trains it on CIFAR-10 as the notebook has it.",
    "At a fixed number of epochs a small batch makes more steps: batch size and number of steps change together.",
    "The table of what was done shows how the learning rate follows the batch size; another rule gives other curves.",
    "There are few training images, so accuracies are far below what the data set allows.",
  ],
  figures: (panels, name) => [
    sweep({
      name: name("sweep"),
      title:
        "Test accuracy and final training loss against the batch size, log axes: trials and means",
      variable: BATCH_SIZE,
      measures: [TEST_ACCURACY, FINAL_LOSS],
      panels,
    }),
    ...panels.map((panel, index) => curvesByNorm(panel, name(`curves-${index + 1}`))),
  ],
  findings: [BATCH_SIZE_MATTERS],
};
