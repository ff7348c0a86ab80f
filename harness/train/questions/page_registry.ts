/**
 * The suites that have a page of their own kind, and the page of any other.
 *
 * @module
 */
import { styleByLabel } from "../report/arm_style.ts";
import { intervalColumn, meanColumn, TRIALS } from "../report/columns.ts";
import { curves } from "../report/curves.ts";
import { testAccuracyDots } from "../report/dots.ts";
import { FINAL_LOSS, TEST_ACCURACY } from "../report/measures.ts";
import { againstNone } from "../report/pairs.ts";
import { BATCH_SIZE } from "./batch_size_page.ts";
import { LEARNING_RATE } from "./learning_rate_page.ts";
import { PLACEMENT } from "./placement_page.ts";
import type { SuiteContent } from "./page.ts";
import { WEIGHT_SCALE } from "./weight_scale_page.ts";
import { WITH_WITHOUT } from "./with_without_page.ts";

const CONTENTS: Readonly<Record<string, SuiteContent>> = {
  "with-without": WITH_WITHOUT,
  "placement": PLACEMENT,
  "batch-size": BATCH_SIZE,
  "weight-scale": WEIGHT_SCALE,
  "learning-rate": LEARNING_RATE,
};

/** What the page of a suite holds. */
export function contentOf(suite: string): SuiteContent {
  return CONTENTS[suite] ?? generalContent(suite);
}

function generalContent(suite: string): SuiteContent {
  return {
    title: suite,
    question: `How do the arms of ${suite} compare?`,
    tables: [[
      TRIALS,
      meanColumn(TEST_ACCURACY),
      intervalColumn(TEST_ACCURACY),
      meanColumn(FINAL_LOSS),
    ]],
    contrasts: [{ heading: "Against none", measure: TEST_ACCURACY, pairs: againstNone }],
    limits: [],
    figures: (panels, name) => [
      testAccuracyDots(panels, name("test-accuracy")),
      curves({
        name: name("accuracy-curves"),
        title: "Accuracy by epoch: mean over trials, with a band from the lowest to the highest",
        score: "accuracy",
        columns: panels.map(({ label, arms }) => ({ title: label, arms })),
        style: styleByLabel,
      }),
    ],
  };
}
