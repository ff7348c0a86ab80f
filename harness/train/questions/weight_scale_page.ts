/**
 * The page of the suite `weight-scale`.
 *
 * @module
 */
import { meanColumn, TRIALS } from "../report/columns.ts";
import { BEST_TRAINING, BEST_VALIDATION, FINAL_LOSS, TEST_ACCURACY } from "../report/measures.ts";
import { againstNone } from "../report/pairs.ts";
import { sweep } from "../report/sweep.ts";
import { WEIGHT_SCALE as VARIABLE } from "../report/variables.ts";
import type { SuiteContent } from "./page.ts";

/** Weights that start too small or too large. */
export const WEIGHT_SCALE: SuiteContent = {
  title: "The scale of the first weights",
  question:
    "How much does it matter how large the weights are at first, with and without batch norm?",
  tables: [[
    TRIALS,
    meanColumn(BEST_TRAINING),
    meanColumn(BEST_VALIDATION),
    meanColumn(FINAL_LOSS),
    meanColumn(TEST_ACCURACY),
  ]],
  contrasts: [
    {
      heading: "Batch norm against none, scale by scale",
      measure: BEST_VALIDATION,
      pairs: againstNone,
    },
    { heading: "Batch norm against none, scale by scale", measure: FINAL_LOSS, pairs: againstNone },
  ],
  limits: [
    "The best of several epochs is a little too good, for all arms alike; it is shown since the course notebook shows it.",
    "Twenty comparisons share one correction, so that single scales rarely pass it with few trials; the shape of the curves says more than any one of them.",
    "One learning rate and one depth were tried.",
  ],
  figures: (panels, name) => [
    sweep({
      name: name("sweep"),
      title:
        "Best training and validation accuracy and final loss against the scale of the first weights, log axes: trials and means",
      variable: VARIABLE,
      measures: [BEST_TRAINING, BEST_VALIDATION, FINAL_LOSS],
      panels,
    }),
  ],
};
