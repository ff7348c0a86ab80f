/**
 * The page of the suite `batch-size`.
 *
 * @module
 */
import { styleBySize } from "../report/arm_style.ts";
import { intervalColumn, meanColumn, TRIALS } from "../report/columns.ts";
import { curves } from "../report/curves.ts";
import { normLabel } from "../report/labels.ts";
import { BEST_VALIDATION, FINAL_LOSS, TEST_ACCURACY } from "../report/measures.ts";
import type { Panel } from "../report/model.ts";
import { againstNone, between, smallestAgainst } from "../report/pairs.ts";
import { sweep } from "../report/sweep.ts";
import { BATCH_SIZE as VARIABLE } from "../report/variables.ts";
import type { SuiteContent } from "./page.ts";

function curvesByNorm(panel: Panel, name: string) {
  const groups = Map.groupBy(panel.arms, ({ description }) => normLabel(description));
  return curves({
    name,
    title:
      `${panel.label}: accuracy by epoch and batch size, mean over trials with a band from the lowest to the highest`,
    score: "accuracy",
    columns: [...groups].map(([title, arms]) => ({ title, arms })),
    style: styleBySize(panel.arms.map(({ description }) => description.batchSize)),
    legendTitle: "batch size",
  });
}

/** The batch size that papers call usual. */
const USUAL = 32;

/** Batches from small to large. */
export const BATCH_SIZE: SuiteContent = {
  title: "The size of the batch",
  question:
    "What does the batch size do to batch norm, and to norms that do not look at the batch?",
  tables: [[
    TRIALS,
    meanColumn(TEST_ACCURACY),
    intervalColumn(TEST_ACCURACY),
    meanColumn(BEST_VALIDATION),
    meanColumn(FINAL_LOSS),
  ]],
  contrasts: [
    {
      heading: `The smallest batch against the one nearest to ${USUAL}`,
      measure: TEST_ACCURACY,
      pairs: (panel) => smallestAgainst(panel, VARIABLE, USUAL),
    },
    {
      heading: "Norms that do not look at the batch against batch norm",
      measure: TEST_ACCURACY,
      pairs: (panel) => [...between(panel, "layer", "batch"), ...between(panel, "group", "batch")],
    },
    { heading: "Each norm against none", measure: TEST_ACCURACY, pairs: againstNone },
  ],
  limits: [
    "At a fixed number of epochs a small batch makes more steps: batch size and number of steps change together.",
    "How the learning rate follows the batch size stands in the table of what was done; another rule gives other curves.",
    "Few images are learned from, so accuracies are far below what the data set allows.",
  ],
  figures: (panels, name) => [
    sweep({
      name: name("sweep"),
      title:
        "Test accuracy and final training loss against the batch size, log axes: trials and means",
      variable: VARIABLE,
      measures: [TEST_ACCURACY, FINAL_LOSS],
      panels,
    }),
    ...panels.map((panel, index) => curvesByNorm(panel, name(`curves-${index + 1}`))),
  ],
};
