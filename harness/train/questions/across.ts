/** What several questions answer together. */
import { type Contrast, contrastSentence, ofNorms } from "../report/contrasts.ts";
import type { Finding } from "../report/findings.ts";
import { TEST_ACCURACY } from "../report/measures.ts";
import { panelsOf, testedIn, type TrainReport } from "../report/model.ts";
import { sumUp } from "../report/words.ts";
import { scaleSentences } from "./weight_scale.ts";

function layerAgainstBatch(contrasts: readonly Contrast[]): Contrast[] {
  return ofNorms(contrasts, { norm: "layer", against: "batch" });
}

function sizeOf({ arm }: Contrast): number {
  return arm.description.batchSize;
}

function sentences(report: TrainReport, question: string): string[] {
  const contrasts = layerAgainstBatch(testedIn(report, question, TEST_ACCURACY));
  return [...Map.groupBy(contrasts, ({ panel }) => panel)].flatMap(([{ label }, each]) =>
    each.length <= 3 ? each.map((one) => `${question}, ${label}, ${contrastSentence(one)}`) : [
      `${question}, ${label}, layer against batch norm by batch size: ${
        sumUp(each, (one) => String(sizeOf(one)))
      }.`,
    ]
  );
}

const FROM = ["with-without", "batch-size"] as const;

export const LAYER_OR_BATCH: Finding = {
  question: "When is layer norm better than batch norm?",
  from: FROM,
  measured: (report) => FROM.flatMap((question) => sentences(report, question)),
  papers: [
    "Layer norm needs no batch: it suits small batches, samples that come one at a time, and recurrent networks, where each step would need its own statistics (Ba et al. 2016). It computes the same in training and in prediction. It assumes that the features of a sample are alike enough to share mean and variance, which holds for the units of a dense layer better than for the channels and borders of a convolution.",
  ],
  claims: [{
    says: "At the smallest batch, layer norm should do better than batch norm.",
    expects: "gain",
    measure: TEST_ACCURACY,
    from: "batch-size",
    select: (contrasts) => {
      const all = layerAgainstBatch(contrasts);
      return all.filter((each) =>
        all.every((other) => other.panel !== each.panel || sizeOf(each) <= sizeOf(other))
      );
    },
  }],
};

function batchSentences(report: TrainReport): string[] {
  const contrasts = testedIn(report, "batch-size", TEST_ACCURACY).filter(({ arm, base }) =>
    arm.description.batchSize !== base.description.batchSize
  );
  return [...Map.groupBy(contrasts, ({ panel }) => panel)].map(([{ label }, each]) =>
    `Batch size, ${label}, the smallest against a usual one: ${sumUp(each)}.`
  );
}

/** The notebook's inline questions: two are measured, two follow from what the norms compute. */
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
