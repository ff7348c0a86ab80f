/**
 * The page of the suite `learning-rate`.
 *
 * @module
 */
import { styleByNorm } from "../report/arm_style.ts";
import { intervalColumn, meanColumn, TRIALS } from "../report/columns.ts";
import { curves } from "../report/curves.ts";
import { BEST_VALIDATION, FINAL_LOSS, TEST_ACCURACY } from "../report/measures.ts";
import type { Panel } from "../report/model.ts";
import { againstNone, largestAgainstSmallest, orderedBy } from "../report/pairs.ts";
import { sweep } from "../report/sweep.ts";
import { LEARNING_RATE as VARIABLE } from "../report/variables.ts";
import type { SuiteContent } from "./page.ts";

function curvesByRate(panel: Panel, name: string) {
  const groups = Map.groupBy(orderedBy(panel.arms, VARIABLE), (arm) => VARIABLE.of(arm)!);
  return curves({
    name,
    title:
      `${panel.label}: cross-entropy by epoch and learning rate, log axis, mean over trials with a band from the lowest to the highest`,
    score: "loss",
    columns: [...groups].map(([rate, arms]) => ({ title: `rate ${VARIABLE.format(rate)}`, arms })),
    style: styleByNorm,
  });
}

/** Higher learning rates, and an activation that saturates. */
export const LEARNING_RATE: SuiteContent = {
  title: "Higher learning rates",
  question: "Does batch norm allow higher learning rates, and activations that saturate?",
  tables: [[
    TRIALS,
    meanColumn(TEST_ACCURACY),
    intervalColumn(TEST_ACCURACY),
    meanColumn(BEST_VALIDATION),
    meanColumn(FINAL_LOSS),
  ]],
  contrasts: [
    {
      heading: "Batch norm against none, rate by rate",
      measure: TEST_ACCURACY,
      pairs: againstNone,
    },
    {
      heading: "The highest rate against the lowest",
      measure: TEST_ACCURACY,
      pairs: (panel) => largestAgainstSmallest(panel, VARIABLE),
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
      variable: VARIABLE,
      measures: [TEST_ACCURACY, FINAL_LOSS],
      panels,
    }),
    ...panels.map((panel, index) => curvesByRate(panel, name(`curves-${index + 1}`))),
  ],
};
