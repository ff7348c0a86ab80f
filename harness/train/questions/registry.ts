import { curves } from "../report/curves.ts";
import { testAccuracyDots } from "../report/dots.ts";
import type { Finding } from "../report/findings.ts";
import { styleByLabel } from "../report/labels.ts";
import { FINAL_LOSS, TEST_ACCURACY } from "../report/measures.ts";
import {
  againstNone,
  BATCH_SIZE,
  LEARNING_RATE,
  NORM_FIELDS,
  WEIGHT_SCALE,
} from "../report/pairs.ts";
import { intervalColumn } from "../report/tables.ts";
import { LAYER_OR_BATCH, NOTEBOOK } from "./across.ts";
import { BATCH_SIZE_QUESTION } from "./batch_size.ts";
import { LEARNING_RATE_QUESTION } from "./learning_rate.ts";
import { PLACEMENT } from "./placement.ts";
import type { Question } from "./question.ts";
import { WEIGHT_SCALE_QUESTION } from "./weight_scale.ts";
import { WITH_WITHOUT } from "./with_without.ts";

export const QUESTIONS: readonly Question[] = [
  WITH_WITHOUT,
  PLACEMENT,
  BATCH_SIZE_QUESTION,
  WEIGHT_SCALE_QUESTION,
  LEARNING_RATE_QUESTION,
];

/** What the questions answer, then what several of them answer together. */
export const FINDINGS: readonly Finding[] = [
  ...QUESTIONS.flatMap(({ findings }) => findings),
  LAYER_OR_BATCH,
  NOTEBOOK,
];

export function questionOf(name: string): Question {
  return QUESTIONS.find((question) => question.name === name) ?? unregistered(name);
}

function unregistered(name: string): Question {
  return {
    name,
    title: name,
    question: `How do the arms of ${name} compare?`,
    varies: [
      ...NORM_FIELDS,
      ...[BATCH_SIZE, WEIGHT_SCALE, LEARNING_RATE].flatMap(({ fields }) => fields),
    ],
    plan: () => ({ trials: 0, validation: 0, test: 0, arms: [] }),
    tables: [[TEST_ACCURACY, intervalColumn(TEST_ACCURACY), FINAL_LOSS]],
    families: [{ heading: "Against none", measure: TEST_ACCURACY, pairs: againstNone }],
    limits: [],
    figures: (panels, name) => [
      testAccuracyDots(panels, name("test-accuracy")),
      curves({
        name: name("accuracy-curves"),
        title: "Accuracy by epoch: mean over trials, with a band from the lowest to the highest",
        score: "accuracy",
        columns: panels,
        style: styleByLabel,
      }),
    ],
    findings: [],
  };
}
