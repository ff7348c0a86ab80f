/**
 * How does the scale of the first weights matter?
 *
 * @module
 */
import { count } from "../../../reports/format.ts";
import { normLabel } from "../report/labels.ts";
import { BEST_VALIDATION, FINAL_LOSS, formatShare } from "../report/measures.ts";
import type { Panel } from "../report/model.ts";
import { orderedBy } from "../report/pairs.ts";
import { mean } from "../../../reports/statistics.ts";
import { WEIGHT_SCALE } from "../report/variables.ts";
import { testedIn } from "../report/tested.ts";
import { sumUp } from "../report/words.ts";
import { panelsOf, type Question, verdictOn } from "./finding.ts";

/** How far below the best a scale still counts as good. */
const NEAR = 0.05;

/** At how many scales each norm comes near the best of the panel. */
export function scaleSentences(panel: Panel): string[] {
  const reached = orderedBy(panel.arms, WEIGHT_SCALE).flatMap((arm) => {
    const values = [...BEST_VALIDATION.of(arm, panel).values()];
    return values.length > 0 ? [{ arm, accuracy: mean(values) }] : [];
  });
  if (reached.length < 2) return [];
  const best = Math.max(...reached.map(({ accuracy }) => accuracy));
  const groups = Map.groupBy(panel.arms, ({ description }) => normLabel(description));
  return [...groups].map(([norm, arms]) => {
    const good = reached.filter(({ arm, accuracy }) =>
      arms.includes(arm) && accuracy >= best - NEAR
    ).map(({ arm }) => WEIGHT_SCALE.of(arm)!);
    const where = [...new Set([good[0], good.at(-1)])].flatMap((scale) =>
      scale === undefined ? [] : [WEIGHT_SCALE.format(scale)]
    ).join(" to ");
    const diverged = arms.filter((arm) => arm.diverged.length > 0).length;
    return `${panel.label}, ${norm}: within 5 points of the best validation accuracy (${
      formatShare(best)
    }) at ${good.length} of ${count(arms.length, "scale")}${where === "" ? "" : ` (${where})`}${
      diverged > 0 ? `; trials diverged at ${diverged}` : ""
    }.`;
  });
}

/** Answered by `weight-scale`. */
export const SCALE_MATTERS: Question = {
  question: "How does the scale of the first weights matter?",
  suites: ["weight-scale"],
  answer(report) {
    const panels = panelsOf(report, "weight-scale");
    const validation = testedIn(report, "weight-scale", BEST_VALIDATION);
    const loss = testedIn(report, "weight-scale", FINAL_LOSS);
    return {
      measured: [
        ...panels.flatMap(scaleSentences),
        ...(validation.length > 0
          ? [
            `Scale by scale, best validation accuracy against none: ${
              sumUp(validation)
            }. Final training loss: ${sumUp(loss)}.`,
          ]
          : []),
      ],
      papers: [
        "Without a norm, every layer multiplies the signal by about the scale times the root of its inputs: over many layers it dies out or blows up unless that product is near 1. With batch norm the factor cancels, BN(a W u) = BN(W u), and the gradient with respect to a W is that of W divided by a (Ioffe & Szegedy 2015, section 3.3).",
        "Two limits remain. Where the weights are so small that the variance falls to epsilon, the norm no longer restores the signal. Where they are large, the gradient shrinks with them, and a step of the same size turns them less.",
      ],
      verdicts: verdictOn({
        says: "From that follows that batch norm does at least as well as none at every scale.",
        expects: "no loss",
        contrasts: validation,
      }),
    };
  },
};
