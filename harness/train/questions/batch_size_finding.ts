/**
 * What does the batch size do, and when is layer norm better than batch norm?
 *
 * @module
 */
import { type Contrast, contrastSentence } from "../report/contrast.ts";
import { normLabel } from "../report/labels.ts";
import { formatShare, TEST_ACCURACY } from "../report/measures.ts";
import type { Panel, TrainReport } from "../report/model.ts";
import { byNorm } from "../report/pairs.ts";
import { mean } from "../../../reports/statistics.ts";
import { BATCH_SIZE } from "../report/variables.ts";
import { ofNorms, testedIn } from "../report/tested.ts";
import { sumUp } from "../report/words.ts";
import { panelsOf, type Question, verdictOn } from "./finding.ts";

/** Per norm: the lowest and the highest mean over the batch sizes. */
function rangeSentences(panel: Panel): string[] {
  return byNorm(panel, BATCH_SIZE).flatMap((arms) => {
    const means = arms.flatMap((arm) => {
      const values = [...TEST_ACCURACY.of(arm, panel).values()];
      return values.length > 0 ? [{ size: arm.description.batchSize, accuracy: mean(values) }] : [];
    }).sort((a, b) => a.accuracy - b.accuracy);
    const [low, high] = [means[0], means.at(-1)];
    if (!low || !high || low === high) return [];
    return [
      `${panel.label}, ${normLabel(arms[0]!.description)}: mean test accuracy from ${
        formatShare(low.accuracy)
      } (batch size ${low.size}) to ${formatShare(high.accuracy)} (batch size ${high.size}), ${
        TEST_ACCURACY.formatSize(high.accuracy - low.accuracy)
      } points apart over ${means.length} sizes.`,
    ];
  });
}

/** Answered by `batch-size`. */
export const BATCH_SIZE_MATTERS: Question = {
  question: "What does the batch size do?",
  suites: ["batch-size"],
  answer(report) {
    const panels = panelsOf(report, "batch-size");
    const tested = testedIn(report, "batch-size", TEST_ACCURACY);
    const small = (norm: string) => ofNorms(tested, { norm, against: norm });
    return {
      measured: [
        ...panels.flatMap(rangeSentences),
        ...["batch", "layer", "group"].flatMap(small).map((each) =>
          `${each.panel.label}, ${contrastSentence(each)}`
        ),
      ],
      papers: [
        "Batch norm estimates mean and variance from the batch: of m samples, the error of the mean is one over the root of m, and it enters every activation as noise. A little of it regularizes; much of it drowns the signal, and the running statistics used for prediction no longer fit those that the network was trained with. Layer and group norm take their statistics within a sample, so that the batch size reaches them through the number and the noise of the steps alone.",
      ],
      verdicts: [
        {
          says: "Wu & He 2018 report that the error of batch norm grows when the batch shrinks.",
          expects: "loss" as const,
          contrasts: small("batch"),
        },
        {
          says: "They report that the error of group norm does not.",
          expects: "no loss" as const,
          contrasts: small("group"),
        },
        {
          says: "Ba et al. 2016 say that layer norm does not depend on the batch size.",
          expects: "no loss" as const,
          contrasts: small("layer"),
        },
      ].flatMap(verdictOn),
    };
  },
};

function layerAgainstBatch(report: TrainReport, suite: string): Contrast[] {
  return ofNorms(testedIn(report, suite, TEST_ACCURACY), { norm: "layer", against: "batch" });
}

/** What layer against batch norm comes to in a suite, a sentence a panel. */
function layerSentences(report: TrainReport, suite: string): string[] {
  const groups = Map.groupBy(layerAgainstBatch(report, suite), ({ panel }) => panel);
  return [...groups].flatMap(([{ label }, contrasts]) =>
    contrasts.length <= 3
      ? contrasts.map((each) => `${suite}, ${label}, ${contrastSentence(each)}`)
      : [
        `${suite}, ${label}, layer against batch norm by batch size: ${
          sumUp(contrasts, (each) => String(each.arm.description.batchSize))
        }.`,
      ]
  );
}

/** Answered by `batch-size` and `with-without`. */
export const LAYER_OR_BATCH: Question = {
  question: "When is layer norm better than batch norm?",
  suites: ["with-without", "batch-size"],
  answer(report) {
    const contrasts = layerAgainstBatch(report, "batch-size");
    const sizeOf = ({ arm }: Contrast) => arm.description.batchSize;
    const isSmallest = (each: Contrast) =>
      contrasts.every((other) => other.panel !== each.panel || sizeOf(each) <= sizeOf(other));
    return {
      measured: ["with-without", "batch-size"].flatMap((suite) => layerSentences(report, suite)),
      papers: [
        "Layer norm needs no batch: it suits small batches, samples that come one at a time, and recurrent networks, where each step would want statistics of its own (Ba et al. 2016). It computes the same in training and in prediction. It supposes that the features of a sample are alike enough to share mean and variance, which holds for the units of a dense layer better than for the channels and borders of a convolution.",
      ],
      verdicts: verdictOn({
        says: "At the smallest batch, layer norm should do better than batch norm.",
        expects: "gain",
        contrasts: contrasts.filter(isSmallest),
      }),
    };
  },
};
