/**
 * What does a norm cost?
 *
 * @module
 */
import { COST } from "../report/measures.ts";
import type { Panel } from "../report/model.ts";
import { mean } from "../../../reports/statistics.ts";
import { listOf } from "../report/words.ts";
import { panelsOf, type Question } from "./finding.ts";

function costSentences(panel: Panel): string[] {
  const costs = panel.arms.flatMap((arm) => {
    const values = [...COST.of(arm, panel).values()];
    return values.length > 0 ? [{ label: arm.label, ratio: mean(values) }] : [];
  }).sort((a, b) => a.ratio - b.ratio);
  if (costs.length === 0) return [];
  const named = costs.map(({ label, ratio }) => `${label} ${COST.format(ratio)}`);
  return [`${panel.label}: the time of a training image, relative to none: ${listOf(named)}.`];
}

/** Answered by `with-without`. */
export const COST_OF_NORMS: Question = {
  question: "What does a norm cost?",
  suites: ["with-without"],
  answer: (report) => ({
    measured: panelsOf(report, "with-without").flatMap(costSentences),
    papers: [
      "A norm adds little arithmetic and several passes over the activations, so that it costs more where the rest of a layer is cheap. Weight norm works on the weights, which are few beside a batch of activations; Salimans & Kingma 2016 count that among its advantages. How these figures come about belongs to the benchmark of the norms, not to training.",
    ],
    verdicts: [],
  }),
};
