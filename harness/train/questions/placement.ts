import type { ModelDescription } from "../../../models/description.ts";
import { ADAM, BATCH_SIZE, NETWORKS } from "../../../models/networks.ts";
import { contrastSentence } from "../report/contrasts.ts";
import { curves } from "../report/curves.ts";
import { dots, testAccuracyDots } from "../report/dots.ts";
import type { Finding } from "../report/findings.ts";
import { styleByLabel } from "../report/labels.ts";
import { FINAL_LOSS, TEST_ACCURACY, TEST_LOSS, TRAINING_ACCURACY } from "../report/measures.ts";
import { testedIn } from "../report/model.ts";
import { againstNone, isPlain, NORM_FIELDS, preAgainstPost } from "../report/pairs.ts";
import { intervalColumn } from "../report/tables.ts";
import { IMAGE_SIZES, planOf, type Question } from "./question.ts";

const NAME = "placement";

const PLACEMENTS = ["pre", "post"] as const;
const NORMS = ["batch", "layer"] as const;

function arms(): Record<string, ModelDescription> {
  return Object.fromEntries(
    Object.entries(NETWORKS).flatMap(([name, network]): [string, ModelDescription][] => [
      [`${name}/none`, network],
      ...NORMS.flatMap((norm) =>
        PLACEMENTS.map((placement): [string, ModelDescription] => [
          `${name}/${norm}-${placement}`,
          { ...network, norm, placement },
        ])
      ),
    ]),
  );
}

const BEFORE_OR_AFTER: Finding = {
  question: "How does the placement matter?",
  from: [NAME],
  measured: (report) =>
    [TEST_ACCURACY, TRAINING_ACCURACY].flatMap((measure) =>
      testedIn(report, NAME, measure)
        .filter(({ base }) => !isPlain(base))
        .map((each) => `${each.panel.label}, ${contrastSentence(each)}`)
    ),
  papers: [
    "Ioffe & Szegedy 2015 argue for the place before the activation: W u + b is a sum of many terms, more symmetric and closer to a Gaussian than the output of an activation, so that mean and variance describe it better. They do not report the other order. The original argument does not say how large the difference should be.",
  ],
  claims: [{
    says: "By their argument, a norm before the activation should do better than one after it.",
    expects: "gain",
    measure: TEST_ACCURACY,
    select: (contrasts) => contrasts.filter(({ base }) => !isPlain(base)),
  }],
};

export const PLACEMENT: Question = {
  name: NAME,
  title: "Before or after the activation",
  question:
    "Should the norm stand before the activation, g(norm(f(x))), or after it, norm(g(f(x)))?",
  varies: NORM_FIELDS,
  plan: (preset) => planOf(IMAGE_SIZES[preset], arms(), { batchSize: BATCH_SIZE, optimizer: ADAM }),
  tables: [[
    TRAINING_ACCURACY,
    FINAL_LOSS,
    TEST_ACCURACY,
    intervalColumn(TEST_ACCURACY),
    TEST_LOSS,
  ]],
  families: [
    { heading: "Before against after", measure: TEST_ACCURACY, pairs: preAgainstPost },
    { heading: "Before against after", measure: TRAINING_ACCURACY, pairs: preAgainstPost },
    { heading: "Each norm and placement against none", measure: TEST_ACCURACY, pairs: againstNone },
  ],
  limits: [
    "The networks are shallow. The arguments for either placement are about depth, and are not tried here.",
    "Training accuracy is taken while the weights move, in training mode: it lies below that of the finished network.",
    "Test images are shown once, after the last epoch, in prediction mode.",
  ],
  figures: (panels, name) => [
    testAccuracyDots(panels, name("test-accuracy")),
    dots({
      name: name("training-accuracy"),
      title:
        "Training accuracy of the last epoch: every trial, the mean (bar) and its 95 % interval (line)",
      measure: TRAINING_ACCURACY,
      panels,
      kind: "accuracy",
    }),
    curves({
      name: name("accuracy-curves"),
      title:
        "Accuracy by epoch, after the activation dashed: mean over trials, band from lowest to highest",
      score: "accuracy",
      columns: panels,
      style: styleByLabel,
    }),
  ],
  findings: [BEFORE_OR_AFTER],
};
