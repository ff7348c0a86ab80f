/**
 * The page of the suite `placement`.
 *
 * @module
 */
import { styleByLabel } from "../report/arm_style.ts";
import { intervalColumn, meanColumn, TRIALS } from "../report/columns.ts";
import { curves } from "../report/curves.ts";
import { dots, testAccuracyDots } from "../report/dots.ts";
import { FINAL_LOSS, TEST_ACCURACY, TEST_LOSS, TRAINING_ACCURACY } from "../report/measures.ts";
import { againstNone, preAgainstPost } from "../report/pairs.ts";
import type { SuiteContent } from "./page.ts";

/** The norm before and after the activation. */
export const PLACEMENT: SuiteContent = {
  title: "Before or after the activation",
  question:
    "Should the norm stand before the activation, g(norm(f(x))), or after it, norm(g(f(x)))?",
  tables: [[
    TRIALS,
    meanColumn(TRAINING_ACCURACY),
    meanColumn(FINAL_LOSS),
    meanColumn(TEST_ACCURACY),
    intervalColumn(TEST_ACCURACY),
    meanColumn(TEST_LOSS),
  ]],
  contrasts: [
    { heading: "Before against after", measure: TEST_ACCURACY, pairs: preAgainstPost },
    {
      heading: "Before against after",
      measure: TRAINING_ACCURACY,
      pairs: preAgainstPost,
    },
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
      columns: panels.map(({ label, arms }) => ({ title: label, arms })),
      style: styleByLabel,
    }),
  ],
};
