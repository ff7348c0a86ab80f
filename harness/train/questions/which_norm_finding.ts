/**
 * Which norm is good here, and why?
 *
 * @module
 */
import { formatNumber } from "../../../reports/format.ts";
import type { Contrast } from "../report/contrast.ts";
import {
  COST,
  epochsTo,
  FINAL_LOSS,
  formatShare,
  targetOf,
  TEST_ACCURACY,
} from "../report/measures.ts";
import type { Arm, Panel } from "../report/model.ts";
import { mean, median } from "../../../reports/statistics.ts";
import { ofNorms, testedIn } from "../report/tested.ts";
import { listOf, sumUp } from "../report/words.ts";
import { panelsOf, type Question, verdictOn } from "./finding.ts";

/** Arms with the mean of their test accuracy, the highest first. */
function ranking(panel: Panel): { arm: Arm; accuracy: number }[] {
  return panel.arms.flatMap((arm) => {
    const values = [...TEST_ACCURACY.of(arm, panel).values()];
    return values.length > 0 ? [{ arm, accuracy: mean(values) }] : [];
  }).sort((a, b) => b.accuracy - a.accuracy);
}

function rankSentences(panel: Panel, tested: readonly Contrast[]): string[] {
  const ranks = ranking(panel);
  if (ranks.length < 2) return [];
  const named = ranks.filter(({ arm }, index) => index < 3 || arm.description.model.norm === "none")
    .map(({ arm, accuracy }) => `${arm.label} ${formatShare(accuracy)}`);
  const support = sumUp(tested.filter((each) => each.panel === panel));
  return [
    `${panel.label}: mean test accuracy, the highest first and none: ${listOf(named)}.${
      support === "" ? "" : ` Against none, ${support}.`
    }`,
  ];
}

/** How soon each arm gets where the plain network ends, and what that takes with the cost counted in. */
function paceSentences(panel: Panel): string[] {
  const plain = panel.arms.find(({ description }) => description.model.norm === "none");
  if (plain === undefined || plain.finished.length === 0) return [];
  const target = targetOf(plain, panel);
  const own = epochsTo(target, plain);
  const others = panel.arms.filter((arm) => arm !== plain && arm.finished.length > 0);
  if (others.length === 0) return [];
  const paces = others.map((arm) => {
    const epochs = epochsTo(target, arm);
    if (epochs.length === 0) return `${arm.label} never`;
    const time = median(epochs) * mean([...COST.of(arm, panel).values()]) / median(own);
    const share = Number.isFinite(time) ? ` (${formatNumber(time, 2)})` : "";
    return `${arm.label} ${median(epochs)}${share}`;
  });
  const plainPace = own.length > 0 ? `; none takes ${median(own)}` : "";
  return [
    `${panel.label}: epochs until a validation accuracy of ${
      formatShare(target)
    }, where none ends, and in brackets the time, cost of the norm included, as a multiple of that of none: ${
      listOf(paces)
    }${plainPace}. Medians over the trials that get there.`,
  ];
}

/** Answered by `with-without`. */
export const WHICH_NORM: Question = {
  question: "Which norm is good here, and why?",
  suites: ["with-without"],
  answer(report) {
    const panels = panelsOf(report, "with-without");
    const tested = testedIn(report, "with-without", TEST_ACCURACY);
    const losses = testedIn(report, "with-without", FINAL_LOSS);
    const againstNone = ofNorms(tested, { against: "none" });
    const inCnn = (each: Contrast) => each.arm.description.model.architecture === "cnn";
    return {
      measured: panels.flatMap((
        panel,
      ) => [...rankSentences(panel, againstNone), ...paceSentences(panel)]),
      papers: [
        "Why a norm helps is answered in two ways. Ioffe & Szegedy 2015 hold that layers learn faster when the distribution of their input stops moving (internal covariate shift). Santurkar et al. 2018 moved it on purpose, with noise after batch norm, and it trained as well; they explain the gain by a smoother loss, whose gradient can be trusted over longer steps. Records of accuracy and loss do not decide between the two.",
      ],
      verdicts: [
        {
          says:
            "Ioffe & Szegedy 2015 report that batch norm reaches the accuracy of the plain network in a fraction of the steps, and ends higher.",
          expects: "gain" as const,
          contrasts: ofNorms(tested, { norm: "batch", against: "none" }),
        },
        {
          says: "Ba et al. 2016 report that layer norm trains faster than no norm.",
          expects: "gain" as const,
          contrasts: ofNorms(losses, { norm: "layer", against: "none" }),
        },
        {
          says:
            "They also report that in convolutional networks batch norm did better than layer norm.",
          expects: "loss" as const,
          contrasts: ofNorms(tested, { norm: "layer", against: "batch" }).filter(inCnn),
        },
        {
          says:
            "Salimans & Kingma 2016 report that weight norm speeds up learning at less cost than batch norm.",
          expects: "gain" as const,
          contrasts: ofNorms(losses, { norm: "weight", against: "none" }),
        },
        {
          says: "For that, they say, it needs a start from the statistics of a first batch.",
          expects: "gain" as const,
          contrasts: ofNorms(tested, { norm: "weight", against: "weight" }),
        },
        {
          says:
            "Wu & He 2018 report that group norm comes close to batch norm at usual batch sizes.",
          expects: "no loss" as const,
          contrasts: ofNorms(tested, { norm: "group", against: "batch" }),
        },
      ].flatMap(verdictOn),
    };
  },
};
