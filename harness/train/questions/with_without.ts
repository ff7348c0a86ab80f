import type { ModelDescription } from "../../../models/description.ts";
import { ADAM, BATCH_SIZE, NETWORKS } from "../../../models/networks.ts";
import { formatNumber } from "../../../reports/format.ts";
import { mean, median } from "../../../reports/statistics.ts";
import { type Table, table } from "../../../reports/table.ts";
import { type Contrast, ofNorms } from "../report/contrasts.ts";
import { curves } from "../report/curves.ts";
import { dots, testAccuracyDots } from "../report/dots.ts";
import type { Finding } from "../report/findings.ts";
import { isStock, styleByLabel } from "../report/labels.ts";
import {
  COST,
  epochsTo,
  FINAL_LOSS,
  formatAccuracy,
  meansOf,
  type Measure,
  SPEED,
  targetOf,
  TEST_ACCURACY,
  TEST_LOSS,
} from "../report/measures.ts";
import { panelsOf, testedIn } from "../report/model.ts";
import type { Arm, Panel } from "../report/panel.ts";
import {
  againstNone,
  between,
  dataStartAgainstPlain,
  isPlain,
  NORM_FIELDS,
} from "../report/pairs.ts";
import { EPOCHS_TO_TARGET, intervalColumn } from "../report/tables.ts";
import { listOf, sumUp, unbroken } from "../report/words.ts";
import { IMAGE_SIZES, planOf, type Question } from "./question.ts";

const NAME = "with-without";

const NORMS: Readonly<Record<string, Partial<ModelDescription>>> = {
  none: {},
  batch: { norm: "batch" },
  layer: { norm: "layer" },
  weight: { norm: "weight", dataDependentInitialization: true },
  "weight-plain": { norm: "weight" },
  group: { norm: "group" },
  rms: { norm: "rms" },
  "tf-batch": { norm: "tf-batch" },
};

/** The gradient of this one takes seconds a step where there are as many rows as in the CNN. */
const MLP_NORMS: typeof NORMS = { ...NORMS, "tf-layer": { norm: "tf-layer" } };

function armsOf(network: "mlp" | "cnn", norms: typeof NORMS): Record<string, ModelDescription> {
  return Object.fromEntries(
    Object.entries(norms).map(([name, difference]) => [
      `${network}/${name}`,
      { ...NETWORKS[network], ...difference },
    ]),
  );
}

function ranked(panel: Panel, measure: Measure): [Arm, number][] {
  return [...meansOf(panel.arms, measure, panel)].sort(([, a], [, b]) => a - b);
}

function rankSentences(panel: Panel, tested: readonly Contrast[]): string[] {
  const ranks = ranked(panel, TEST_ACCURACY).reverse();
  if (ranks.length < 2) return [];
  const named = ranks.filter(([arm], index) => index < 3 || isPlain(arm))
    .map(([arm, value]) => `${arm.label} ${formatAccuracy(value)}`);
  const support = sumUp(tested.filter((each) => each.panel === panel));
  return [
    `${panel.label}: mean test accuracy, the three highest and none: ${listOf(named)}.${
      support === "" ? "" : ` Against none, ${support}.`
    }`,
  ];
}

/** How soon each arm reaches the accuracy that the plain network ends with, and how long that takes. */
function paceTable(panel: Panel): Table[] {
  const plain = panel.arms.find(isPlain);
  const others = panel.arms.filter((arm) => arm !== plain && arm.finished.length > 0);
  if (plain === undefined || plain.finished.length === 0 || others.length === 0) return [];
  const target = targetOf(plain, panel);
  const plainEpochs = median(epochsTo(target, plain));
  return [table(
    [
      panel.label,
      `median epochs to ${formatAccuracy(target)} validation accuracy#`,
      "time to it, relative to none#",
    ],
    [plain, ...others].map((arm) => {
      const reached = epochsTo(target, arm);
      if (reached.length === 0) return [unbroken(arm.label), "never", "–"];
      const cost = arm === plain ? 1 : mean([...COST.of(arm, panel).values()]);
      const time = median(reached) * cost / plainEpochs;
      return [
        unbroken(arm.label),
        String(median(reached)),
        Number.isFinite(time) ? formatNumber(time, 2) : "–",
      ];
    }),
  )];
}

const WHICH_NORM: Finding = {
  question: "Which norm is good here, and why?",
  from: [NAME],
  measured(report) {
    const tested = ofNorms(testedIn(report, NAME, TEST_ACCURACY), { against: "none" });
    return panelsOf(report, NAME).flatMap((panel) => rankSentences(panel, tested));
  },
  tables: (report) => panelsOf(report, NAME).flatMap(paceTable),
  papers: [
    "There are two explanations of why a norm helps. Ioffe & Szegedy 2015 hold that layers learn faster when the distribution of their input stops moving (internal covariate shift). Santurkar et al. 2018 moved it on purpose, with noise after batch norm, and the network trained as well; they explain the gain by a smoother loss, whose gradient can be trusted over longer steps. Records of accuracy and loss do not decide between the two.",
  ],
  claims: [
    {
      says:
        "Ioffe & Szegedy 2015 report that batch norm reaches the accuracy of the plain network in a fraction of the steps, and ends higher.",
      expects: "gain",
      measure: TEST_ACCURACY,
      select: (contrasts) => ofNorms(contrasts, { norm: "batch", against: "none" }),
    },
    {
      says: "Ba et al. 2016 report that layer norm trains faster than no norm.",
      expects: "gain",
      measure: FINAL_LOSS,
      select: (contrasts) => ofNorms(contrasts, { norm: "layer", against: "none" }),
    },
    {
      says:
        "They also report that in convolutional networks batch norm did better than layer norm.",
      expects: "loss",
      measure: TEST_ACCURACY,
      select: (contrasts) =>
        ofNorms(contrasts, { norm: "layer", against: "batch" })
          .filter(({ arm }) => arm.description.model.architecture === "cnn"),
    },
    {
      says:
        "Salimans & Kingma 2016 report that weight norm speeds up learning at less cost than batch norm.",
      expects: "gain",
      measure: FINAL_LOSS,
      select: (contrasts) => ofNorms(contrasts, { norm: "weight", against: "none" }),
    },
    {
      says: "For that, they say, it must start from the statistics of a first batch.",
      expects: "gain",
      measure: TEST_ACCURACY,
      select: (contrasts) => ofNorms(contrasts, { norm: "weight", against: "weight" }),
    },
    {
      says: "Wu & He 2018 report that group norm comes close to batch norm at usual batch sizes.",
      expects: "no loss",
      measure: TEST_ACCURACY,
      select: (contrasts) => ofNorms(contrasts, { norm: "group", against: "batch" }),
    },
  ],
};

const COST_OF_NORMS: Finding = {
  question: "What does a norm cost?",
  from: [NAME],
  measured: (report) =>
    panelsOf(report, NAME).flatMap((panel) => {
      const costs = ranked(panel, COST)
        .map(([arm, value]) => `${arm.label} ${COST.format(value)}`);
      return costs.length > 0
        ? [`${panel.label}: the time of a training image, relative to none: ${listOf(costs)}.`]
        : [];
    }),
  papers: [
    "A norm adds little arithmetic and several passes over the activations, so that it costs more where the rest of a layer is cheap. Weight norm works on the weights, which are few beside a batch of activations; Salimans & Kingma 2016 count that among its advantages. The benchmark of the norms explains these figures, not training.",
  ],
  claims: [],
};

/** The curves of the norms of `tf.layers` would lie on those of the custom ones. */
function customArms(panel: Panel): Panel {
  return { ...panel, arms: panel.arms.filter((arm) => !isStock(arm)) };
}

/** Every norm against none, and two against those of `tf.layers`. */
export const WITH_WITHOUT: Question = {
  name: NAME,
  title: "With and without normalization",
  question: "Does a norm make a network learn better or faster, and what does it cost?",
  varies: NORM_FIELDS,
  plan: (preset) =>
    planOf(
      IMAGE_SIZES[preset],
      { ...armsOf("mlp", MLP_NORMS), ...armsOf("cnn", NORMS) },
      { batchSize: BATCH_SIZE, optimizer: ADAM },
    ),
  tables: [
    [TEST_ACCURACY, intervalColumn(TEST_ACCURACY), TEST_LOSS, FINAL_LOSS],
    [EPOCHS_TO_TARGET, SPEED, COST],
  ],
  families: [
    { heading: "Each norm against none", measure: TEST_ACCURACY, pairs: againstNone },
    {
      heading: "Norms against each other",
      measure: TEST_ACCURACY,
      pairs: (panel) => [
        ...between(panel, "batch", "tf-batch"),
        ...between(panel, "layer", "tf-layer"),
        ...between(panel, "layer", "batch"),
        ...between(panel, "group", "batch"),
        ...dataStartAgainstPlain(panel),
      ],
    },
    { heading: "Each norm against none", measure: FINAL_LOSS, pairs: againstNone },
  ],
  limits: [
    "The target of “epochs to target” is the validation accuracy that the plain network of the same trials ends with, on average; validation takes place once an epoch, so nothing finer is seen.",
    "One learning rate serves all arms, and none was tuned; a norm that needs another rate is at a disadvantage.",
    "Speed is measured while training and depends on machine, backend and what else ran there; the ratio to none in the same trials is steadier than the figure itself.",
    "Norms of tf.layers share colour with the custom ones and are left out of the curves.",
  ],
  figures: (panels, name) => [
    testAccuracyDots(panels, name("test-accuracy")),
    curves({
      name: name("accuracy-curves"),
      title: "Accuracy by epoch: mean over trials, with a band from the lowest to the highest",
      score: "accuracy",
      columns: panels.map(customArms),
      style: styleByLabel,
    }),
    curves({
      name: name("loss-curves"),
      title:
        "Cross-entropy by epoch, log axis: mean over trials, with a band from lowest to highest",
      score: "loss",
      columns: panels.map(customArms),
      style: styleByLabel,
    }),
    dots({
      name: name("cost"),
      title: "Time of a training image relative to none: every trial and the mean, log axis",
      measure: COST,
      panels,
      kind: "ratio",
    }),
  ],
  findings: [WHICH_NORM, COST_OF_NORMS],
};
