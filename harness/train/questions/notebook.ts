/** The four inline questions of the course notebook: two are measured, two follow from the norms. */
import { testedIn } from "../report/contrasts.ts";
import type { Finding } from "../report/findings.ts";
import { TEST_ACCURACY } from "../report/measures.ts";
import { panelsOf, type TrainReport } from "../report/model.ts";
import { sumUp } from "../report/words.ts";
import { scaleSentences } from "./weight_scale.ts";

function batchSentences(report: TrainReport): string[] {
  const contrasts = testedIn(report, "batch-size", TEST_ACCURACY).filter(({ arm, base }) =>
    arm.description.batchSize !== base.description.batchSize
  );
  return [...Map.groupBy(contrasts, ({ panel }) => panel)].map(([{ label }, each]) =>
    `Batch size, ${label}, the smallest against a usual one: ${sumUp(each)}.`
  );
}

export const NOTEBOOK: Finding = {
  question: "What are the answers to the notebook’s four inline questions?",
  from: ["weight-scale", "batch-size"],
  measured: (report) => [
    ...panelsOf(report, "weight-scale").flatMap(scaleSentences)
      .map((sentence) => `Weight initialization scale, ${sentence}`),
    ...batchSentences(report),
  ],
  papers: [
    "Which preprocessing is like which norm? Subtracting the mean image of the data set is like batch norm: the statistic of each pixel is taken over images. Scaling every image by its own sum is like layer norm: the statistic of each image is taken over its pixels. This needs no measurement.",
    "When does layer norm work badly? With few features, since mean and variance of a handful of values are poor estimates and remove much of what the features say; and under strong regularization, which shrinks weights until epsilon and noise outweigh the signal. Depth as such does no harm. No suite here varies either, so these records neither confirm nor refute it.",
  ],
  claims: [],
};
