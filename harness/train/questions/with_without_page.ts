/**
 * The page of the suite `with-without`.
 *
 * @module
 */
import { styleByLabel } from "../report/arm_style.ts";
import { EPOCHS_TO_TARGET, intervalColumn, meanColumn, TRIALS } from "../report/columns.ts";
import { curves } from "../report/curves.ts";
import { dots, testAccuracyDots } from "../report/dots.ts";
import { COST, FINAL_LOSS, SPEED, TEST_ACCURACY, TEST_LOSS } from "../report/measures.ts";
import type { Panel } from "../report/model.ts";
import { againstNone, between, dataStartAgainstPlain } from "../report/pairs.ts";
import type { SuiteContent } from "./page.ts";

/** The curves of the norms of `tf.layers` would lie on those of the custom ones. */
function customArms({ label, arms }: Panel) {
  const custom = arms.filter(({ description }) => !description.model.norm.startsWith("tf-"));
  return { title: label, arms: custom };
}

/** Networks with each norm, and without. */
export const WITH_WITHOUT: SuiteContent = {
  title: "With and without normalization",
  question: "Does a norm make a network learn better or faster, and what does it cost?",
  tables: [[
    TRIALS,
    meanColumn(TEST_ACCURACY),
    intervalColumn(TEST_ACCURACY),
    meanColumn(TEST_LOSS),
    meanColumn(FINAL_LOSS),
  ], [
    TRIALS,
    EPOCHS_TO_TARGET,
    meanColumn(SPEED),
    meanColumn(COST),
  ]],
  contrasts: [
    { heading: "Each norm against none", measure: TEST_ACCURACY, pairs: againstNone },
    {
      heading: "Norms against each other",
      measure: TEST_ACCURACY,
      pairs: (panel) => [
        ...between(panel, "batch", "tf-batch"),
        ...between(panel, "layer", "tf-layer"),
        ...between(panel, "layer", "batch"),
        ...between(panel, "group", "batch"),
        ...dataStartAgainstPlain(panel),
      ],
    },
    { heading: "Each norm against none", measure: FINAL_LOSS, pairs: againstNone },
  ],
  limits: [
    "The target of “epochs to target” is the validation accuracy that the plain network of the same trials ends with, on average; validation takes place once an epoch, so nothing finer is seen.",
    "One learning rate serves all arms, and none was tuned; a norm that wants another rate is at a disadvantage.",
    "Speed is measured while training and depends on machine, backend and what else ran there; the ratio to none in the same trials is steadier than the figure itself.",
    "Norms of tf.layers share colour with the custom ones and are left out of the curves.",
  ],
  figures: (panels, name) => [
    testAccuracyDots(panels, name("test-accuracy")),
    curves({
      name: name("accuracy-curves"),
      title: "Accuracy by epoch: mean over trials, with a band from the lowest to the highest",
      score: "accuracy",
      columns: panels.map(customArms),
      style: styleByLabel,
    }),
    curves({
      name: name("loss-curves"),
      title:
        "Cross-entropy by epoch, log axis: mean over trials, with a band from lowest to highest",
      score: "loss",
      columns: panels.map(customArms),
      style: styleByLabel,
    }),
    dots({
      name: name("cost"),
      title: "Time of a training image relative to none: every trial and the mean, log axis",
      measure: COST,
      panels,
      kind: "ratio",
    }),
  ],
};
