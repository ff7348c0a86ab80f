import type { ModelDescription } from "../../../models/description.ts";
import { ADAM, fullyConnected } from "../../../models/networks.ts";
import { count } from "../../../reports/format.ts";
import type { Finding } from "../report/findings.ts";
import { formatSetting, normLabel } from "../report/labels.ts";
import {
  BEST_TRAINING,
  BEST_VALIDATION,
  FINAL_LOSS,
  formatAccuracy,
  meansOf,
  TEST_ACCURACY,
} from "../report/measures.ts";
import { panelsOf, testedIn } from "../report/model.ts";
import type { Panel } from "../report/panel.ts";
import { againstNone, NORM_FIELDS, seriesOf, WEIGHT_SCALE } from "../report/pairs.ts";
import { sweep } from "../report/sweep.ts";
import { sumUp } from "../report/words.ts";
import { NOTEBOOK_SIZES, planOf, type Question } from "./question.ts";

const NAME = "weight-scale";

const SCALES: readonly number[] = Array.from({ length: 20 }, (_, i) => 10 ** (-4 + 4 * i / 19));

const NORMS = ["none", "batch"] as const;

function arms(): Record<string, ModelDescription> {
  return Object.fromEntries(
    NORMS.flatMap((norm) =>
      SCALES.map((weightScale): [string, ModelDescription] => [
        `${norm}/${weightScale.toPrecision(3)}`,
        { ...fullyConnected(7, 50, norm), weightScale },
      ])
    ),
  );
}

/** How far below the best a scale still counts as good. */
const NEAR = 0.05;

/** At how many scales each norm comes near the best of the panel. */
export function scaleSentences(panel: Panel): string[] {
  const series = seriesOf(panel, WEIGHT_SCALE).filter((arms) => arms.length > 0);
  const accuracies = meansOf(series.flat(), BEST_VALIDATION, panel);
  if (accuracies.size < 2) return [];
  const best = Math.max(...accuracies.values());
  return series.map((arms) => {
    const good = arms.filter((arm) => (accuracies.get(arm) ?? -Infinity) >= best - NEAR)
      .map(({ description }) => formatSetting(description.model.weightScale));
    const where = [...new Set([good[0], good.at(-1)])].filter(Boolean).join(" to ");
    const diverged = arms.filter((arm) => arm.diverged.length > 0).length;
    return `${panel.label}, ${normLabel(arms[0]!.description)}: within 5 points of the best ` +
      `validation accuracy (${formatAccuracy(best)}) at ${good.length} of ${
        count(arms.length, "scale")
      }${where === "" ? "" : ` (${where})`}${
        diverged > 0 ? `; trials diverged at ${diverged}` : ""
      }.`;
  });
}

const SCALE_MATTERS: Finding = {
  question: "How does the weight initialization scale matter?",
  from: [NAME],
  measured(report) {
    const validation = testedIn(report, NAME, BEST_VALIDATION);
    const loss = testedIn(report, NAME, FINAL_LOSS);
    const summary = `Scale by scale, best validation accuracy against none: ${
      sumUp(validation)
    }. Final training loss: ${sumUp(loss)}.`;
    return [
      ...panelsOf(report, NAME).flatMap(scaleSentences),
      ...(validation.length > 0 ? [summary] : []),
    ];
  },
  papers: [
    "Without a norm, every layer multiplies the signal by about the scale times the root of its inputs: over many layers it vanishes or explodes unless that product is near 1. With batch norm the factor cancels, BN(a W u) = BN(W u), and the gradient with respect to a W is that of W divided by a (Ioffe & Szegedy 2015, section 3.3).",
    "Two limits remain. Where the weights are so small that the variance falls to epsilon, the norm no longer restores the signal. Where they are large, the gradient shrinks with them, and a step of the same size turns them less.",
  ],
  claims: [{
    says: "It follows that batch norm does at least as well as none at every scale.",
    expects: "no loss",
    measure: BEST_VALIDATION,
    select: (contrasts) => contrasts,
  }],
};

/** A variant of the notebook's N8: standardized pixels make the best scale of the plain net larger. */
export const WEIGHT_SCALE_QUESTION: Question = {
  name: NAME,
  title: "Weight initialization scale",
  question: "How much does the weight initialization scale matter, with and without batch norm?",
  varies: [...NORM_FIELDS, ...WEIGHT_SCALE.fields],
  plan: (preset) => planOf(NOTEBOOK_SIZES[preset], arms(), { batchSize: 50, optimizer: ADAM }),
  tables: [[BEST_TRAINING, BEST_VALIDATION, FINAL_LOSS, TEST_ACCURACY]],
  families: [BEST_VALIDATION, FINAL_LOSS].map((measure) => ({
    heading: "Batch norm against none, scale by scale",
    measure,
    pairs: againstNone,
  })),
  limits: [
    "This is a variant of the course notebook's experiment, with standardized images and random numbers of its own; `deno task replay --experiment N8` trains it on CIFAR-10 as the notebook has it.",
    "The best of several epochs is a little too good, for all arms alike; it is shown since the course notebook shows it.",
    "Twenty comparisons share one correction, so that single scales rarely pass it with few trials; the shape of the curves says more than any one of them.",
    "One learning rate and one depth were tried.",
  ],
  figures: (panels, name) => [
    sweep({
      name: name("sweep"),
      title:
        "Best training and validation accuracy and final loss against the weight initialization scale, log axes: trials and means",
      variable: WEIGHT_SCALE,
      measures: [BEST_TRAINING, BEST_VALIDATION, FINAL_LOSS],
      panels,
    }),
  ],
  findings: [SCALE_MATTERS],
};
