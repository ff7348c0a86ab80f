/**
 * Does a norm allow higher learning rates?
 *
 * @module
 */
import { count } from "../../../reports/format.ts";
import { normLabel } from "../report/labels.ts";
import { formatShare, TEST_ACCURACY } from "../report/measures.ts";
import type { Panel } from "../report/model.ts";
import { byNorm } from "../report/pairs.ts";
import { mean } from "../../../reports/statistics.ts";
import { LEARNING_RATE } from "../report/variables.ts";
import { ofNorms, testedIn } from "../report/tested.ts";
import { listOf } from "../report/words.ts";
import { panelsOf, type Question, verdictOn } from "./finding.ts";

function rateSentences(panel: Panel): string[] {
  return byNorm(panel, LEARNING_RATE).flatMap((arms) => {
    const results = arms.map((arm) => {
      const values = [...TEST_ACCURACY.of(arm, panel).values()];
      const accuracy = values.length > 0 ? formatShare(mean(values)) : "no result";
      const lost = arm.diverged.length > 0
        ? ` (${arm.diverged.length} of ${count(arm.trials.length, "trial")} diverged)`
        : "";
      return `${accuracy}${lost} at ${LEARNING_RATE.format(LEARNING_RATE.of(arm)!)}`;
    });
    return results.length > 1
      ? [
        `${panel.label}, ${normLabel(arms[0]!.description)}: mean test accuracy ${
          listOf(results)
        }.`,
      ]
      : [];
  });
}

/** Answered by `learning-rate`. */
export const RATE_MATTERS: Question = {
  question: "Does batch norm allow higher learning rates?",
  suites: ["learning-rate"],
  answer(report) {
    const panels = panelsOf(report, "learning-rate");
    return {
      measured: panels.flatMap(rateSentences),
      papers: [
        "Ioffe & Szegedy 2015 raised the rate by 5 and by 30 with batch norm; without it, five times the rate already ended in overflow. Larger weights make smaller gradients under the norm, which keeps their growth in check. Santurkar et al. 2018 add that along the gradient the loss changes more evenly, so that a longer step still goes down.",
      ],
      verdicts: verdictOn({
        says:
          "So the highest rate should cost a network with batch norm nothing against the lowest.",
        expects: "no loss",
        contrasts: ofNorms(testedIn(report, "learning-rate", TEST_ACCURACY), {
          norm: "batch",
          against: "batch",
        }),
      }),
    };
  },
};
