import { BATCH_SIZE, MLP } from "../../../models/networks.ts";
import { count } from "../../../reports/format.ts";
import { type Contrast, contrastSentence, ofNorms } from "../report/contrasts.ts";
import { curves } from "../report/curves.ts";
import type { Finding } from "../report/findings.ts";
import { formatSetting, normLabel, styleByNorm } from "../report/labels.ts";
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
  largestAgainstSmallest,
  LEARNING_RATE,
  NORM_FIELDS,
  orderedBy,
  seriesOf,
} from "../report/pairs.ts";
import { sweep } from "../report/sweep.ts";
import { intervalColumn } from "../report/tables.ts";
import { listOf } from "../report/words.ts";
import { type ArmPlan, IMAGE_SIZES, type Question } from "./question.ts";

const NAME = "learning-rate";

/** For momentum; Adam would hide much of the effect of the rate. */
const BASE_RATE = 0.01;

/** Those of Ioffe & Szegedy 2015, section 4.2. */
const FACTORS = [1, 5, 30] as const;
const ACTIVATIONS = ["relu", "sigmoid"] as const;
const NORMS = ["none", "batch"] as const;

function rateSentences(panel: Panel): string[] {
  const means = meansOf(panel.arms, TEST_ACCURACY, panel);
  return seriesOf(panel, LEARNING_RATE).flatMap((arms) => {
    const results = arms.map((arm) => {
      const accuracy = means.has(arm) ? formatAccuracy(means.get(arm)!) : "no result";
      const lost = arm.diverged.length > 0
        ? ` (${arm.diverged.length} of ${count(arm.trials.length, "trial")} diverged)`
        : "";
      return `${accuracy}${lost} at ${formatSetting(arm.description.optimizer.learningRate)}`;
    });
    if (results.length < 2) return [];
    const norm = normLabel(arms[0]!.description);
    return [`${panel.label}, ${norm}: mean test accuracy ${listOf(results)}.`];
  });
}

const RATE_MATTERS: Finding = {
  question: "Does batch norm allow higher learning rates?",
  from: [NAME],
  measured: (report) => panelsOf(report, NAME).flatMap(rateSentences),
  papers: [
    "Ioffe & Szegedy 2015 raised the rate by 5 and by 30 with batch norm; without it, five times the rate already ended in overflow. Larger weights make smaller gradients under the norm, which keeps their growth in check. Santurkar et al. 2018 add that along the gradient the loss changes more evenly, so that a longer step still goes down.",
  ],
  claims: [{
    says: "So the highest rate should cost a network with batch norm nothing against the lowest.",
    expects: "no loss",
    measure: TEST_ACCURACY,
    select: (contrasts) => ofNorms(contrasts, { norm: "batch", against: "batch" }),
  }],
};

function activationOf({ arm }: Contrast): string {
  return arm.description.model.activation;
}

const ACTIVATION: Finding = {
  question: "How do ReLU and normalization interact?",
  from: [NAME],
  measured: (report) =>
    ofNorms(testedIn(report, NAME, TEST_ACCURACY), { against: "none" })
      .map((each) => `With ${activationOf(each)}, ${contrastSentence(each)}`),
  papers: [
    "Before a ReLU, a norm with beta 0 puts zero in the middle of its inputs: about half of the inputs of every unit pass, so that no unit is dead or linear for a whole batch, and beta learns how many should. A ReLU passes a positive factor on unchanged, so after a norm the scale of the weights does not reach the activation at all.",
    "After a ReLU, a norm sees values that are never negative and often zero; it centres them, and the next layer gets input of mean 0, which ReLU alone never gives.",
  ],
  claims: [{
    says:
      "Ioffe & Szegedy 2015 report that with batch norm even a network of sigmoids learns, since its units are kept away from their flat ends.",
    expects: "gain",
    measure: TEST_ACCURACY,
    select: (contrasts) =>
      ofNorms(contrasts, { against: "none" }).filter((each) => activationOf(each) === "sigmoid"),
  }],
};

function curvesByRate(panel: Panel, name: string) {
  const groups = Map.groupBy(
    orderedBy(panel.arms, LEARNING_RATE),
    ({ description }) => description.optimizer.learningRate,
  );
  return curves({
    name,
    title:
      `${panel.label}: cross-entropy by epoch and learning rate, log axis, mean over trials with a band from the lowest to the highest`,
    score: "loss",
    columns: [...groups].map(([rate, arms]) => ({ label: `rate ${formatSetting(rate)}`, arms })),
    style: styleByNorm,
  });
}

export const LEARNING_RATE_QUESTION: Question = {
  name: NAME,
  title: "Higher learning rates",
  question: "Does batch norm allow higher learning rates, and activations that saturate?",
  varies: [...NORM_FIELDS, ...LEARNING_RATE.fields],
  plan: (preset) => {
    const { train, epochs, ...size } = IMAGE_SIZES[preset];
    const arms = ACTIVATIONS.flatMap((activation) =>
      NORMS.flatMap((norm) =>
        FACTORS.map((factor): ArmPlan => ({
          name: `${activation}/${norm}/x${factor}`,
          model: { ...MLP, activation, norm },
          optimizer: { name: "momentum", learningRate: BASE_RATE * factor },
          batchSize: BATCH_SIZE,
          epochs,
          train,
        }))
      )
    );
    return { ...size, arms };
  },
  tables: [[TEST_ACCURACY, intervalColumn(TEST_ACCURACY), BEST_VALIDATION, FINAL_LOSS]],
  families: [
    {
      heading: "Batch norm against none, rate by rate",
      measure: TEST_ACCURACY,
      pairs: againstNone,
    },
    {
      heading: "The highest rate against the lowest",
      measure: TEST_ACCURACY,
      pairs: (panel) => largestAgainstSmallest(panel, LEARNING_RATE),
    },
  ],
  limits: [
    "Three rates are few: where the best one lies between them is not known.",
    "Training stops after the same number of epochs at every rate, so a low rate may only be slow.",
  ],
  figures: (panels, name) => [
    sweep({
      name: name("sweep"),
      title:
        "Test accuracy and final training loss against the learning rate, log axes: trials and means",
      variable: LEARNING_RATE,
      measures: [TEST_ACCURACY, FINAL_LOSS],
      panels,
    }),
    ...panels.map((panel, index) => curvesByRate(panel, name(`curves-${index + 1}`))),
  ],
  findings: [ACTIVATION, RATE_MATTERS],
};
