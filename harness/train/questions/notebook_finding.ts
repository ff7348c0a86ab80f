/**
 * The four inline questions of the course notebook.
 *
 * @module
 */
import { TEST_ACCURACY } from "../report/measures.ts";
import type { TrainReport } from "../report/model.ts";
import { testedIn } from "../report/tested.ts";
import { sumUp } from "../report/words.ts";
import { panelsOf, type Question } from "./finding.ts";
import { scaleSentences } from "./weight_scale_finding.ts";

/** What the smallest batch does to each norm, a sentence a panel. */
function batchSentences(report: TrainReport): string[] {
  const contrasts = testedIn(report, "batch-size", TEST_ACCURACY).filter(({ arm, base }) =>
    arm.description.batchSize !== base.description.batchSize
  );
  return [...Map.groupBy(contrasts, ({ panel }) => panel)].map(([{ label }, each]) =>
    `Batch size, ${label}, the smallest against a usual one: ${sumUp(each)}.`
  );
}

/** Two of them are measured, by `weight-scale` and `batch-size`; two follow from what the norms compute. */
export const NOTEBOOK: Question = {
  question: "What are the answers to the notebook’s four inline questions?",
  suites: ["weight-scale", "batch-size"],
  answer: (report) => ({
    measured: [
      ...panelsOf(report, "weight-scale").flatMap(scaleSentences).map((sentence) =>
        `Scale of the weights, ${sentence}`
      ),
      ...batchSentences(report),
    ],
    papers: [
      "Which preprocessing is like which norm? Subtracting the mean image of the data set is like batch norm: each pixel has a statistic of its own, taken over images. Scaling every image by its own sum is like layer norm: each image has a statistic of its own, taken over its pixels. This needs no measurement.",
      "When does layer norm work badly? With few features, since mean and variance of a handful of values are poor estimates and take away much of what the features say; and under strong regularization, which shrinks weights until epsilon and noise weigh against the signal. Depth as such does no harm. No suite here varies either, so these records neither confirm nor refute it.",
    ],
    verdicts: [],
  }),
};
