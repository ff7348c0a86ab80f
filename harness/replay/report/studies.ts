/**
 * The panels and tables of N8, N9 and the networks of question 4.
 *
 * @module
 */
import { batchNorm } from "../../../norms/batch_norm.ts";
import { layerNorm } from "../../../norms/layer_norm.ts";
import { type Block, figureBlocks, paragraph, tableBlocks } from "../../../reports/document.ts";
import { draw, type FigureSpec, FRAME, namedScale, TICK_LABEL } from "../../../reports/figure.ts";
import { count, formatNumber } from "../../../reports/format.ts";
import { SEQUENCE, WITHOUT_NORM_COLOUR } from "../../../reports/palette.ts";
import { mean } from "../../../reports/statistics.ts";
import { type Table, table } from "../../../reports/table.ts";
import { NOTEBOOK, type StudyRunRecord, type Training } from "../record.ts";
import { BATCH_SIZES, NORMALIZED, QUESTION_4, QUESTION_4_VALUES, SCALES } from "../studies.ts";
import {
  bestTraining,
  bestValidation,
  lastTraining,
  lastValidation,
  type Measure,
  runsWith,
} from "./claims.ts";
import type { StudyRuns } from "./model.ts";

/** Colours of the networks. */
export const COLOURS = {
  "batch norm": batchNorm.colour,
  "layer norm": layerNorm.colour,
  plain: WITHOUT_NORM_COLOUR,
} as const;

const NETWORKS = [...NORMALIZED, "plain"] as const;

/** A place of a line, over seeds. */
interface Point {
  readonly panel: string;
  readonly line: string;
  readonly at: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The mean of some values, and their range. */
function over(values: readonly number[]): Pick<Point, "value" | "low" | "high"> {
  return { value: mean(values), low: Math.min(...values), high: Math.max(...values) };
}

/** One of several drawings side by side. */
interface Panel {
  readonly title: string;
  /** Panels of equal scale have it in common. */
  readonly scale?: string;
  readonly isLoss?: boolean;
  /** Ticks along the horizontal axis, if it is not the same in all panels. */
  readonly values?: readonly number[];
}

/** Losses above are left out, as in the notebook's panel: those of large weights would hide the others. */
const MOST_LOSS = 5;

/** What panels show along both axes. */
interface Panels {
  readonly name: string;
  readonly title: string;
  readonly points: readonly Point[];
  readonly panels: readonly Panel[];
  /** Panels in a row. */
  readonly columns: number;
  readonly x: { readonly axis: object; readonly scale?: object };
  readonly lines: readonly (readonly [name: string, colour: string])[];
  readonly legend: string | null;
}

function panelsFigure(
  { name, title, points, panels, columns, x, lines, legend }: Panels,
): FigureSpec {
  const accuracies = ({ title, scale = title }: Panel): [number, number] => {
    const shared = panels.filter((each) => (each.scale ?? each.title) === scale);
    const shown = points.filter(({ panel }) => shared.some((each) => each.title === panel));
    const [low, high] = [shown.map(({ low }) => low), shown.map(({ high }) => high)]
      .map((values) => values.filter((value) => value >= 0 && value <= 1));
    return [Math.floor(10 * Math.min(1, ...low!)) / 10, Math.ceil(10 * Math.max(0, ...high!)) / 10];
  };
  return {
    name,
    title,
    spec: {
      ...FRAME,
      columns,
      spacing: 24,
      concat: panels.map((panel) => {
        const y = {
          type: "quantitative" as const,
          scale: panel.isLoss ? { domain: [0, MOST_LOSS] } : { domain: accuracies(panel) },
          axis: panel.isLoss
            ? { title: null, tickCount: 5 }
            : { title: null, format: ".0%", tickCount: 6, tickMinStep: 0.01 },
        };
        return {
          title: {
            text: panel.title,
            fontSize: 11,
            color: "currentColor",
            anchor: "start" as const,
          },
          width: columns > 2 ? 215 : 330,
          height: 180,
          data: {
            values: points.filter(({ panel: own, low, high }) =>
              own === panel.title && Number.isFinite(low) && !(panel.isLoss && high > MOST_LOSS)
            ),
          },
          encoding: {
            x: {
              field: "at",
              type: "quantitative" as const,
              ...x,
              axis: { ...x.axis, ...(panel.values && { values: [...panel.values] }) },
            },
            color: namedScale("line", lines.map(([line]) => line), lines.map(([, each]) => each), {
              title: legend,
              symbolOpacity: 1,
            }),
          },
          layer: [
            {
              mark: { type: "area" as const, opacity: 0.18 },
              encoding: { y: { ...y, field: "low" }, y2: { field: "high" } },
            },
            {
              mark: {
                type: "line" as const,
                strokeWidth: 1.6,
                point: { size: 16, filled: true },
              },
              encoding: { y: { ...y, field: "value" } },
            },
          ],
        };
      }),
    },
  };
}

/** Whose runs a figure shows, and how it says so. */
interface Shown {
  readonly suffix: string;
  readonly runs: readonly StudyRunRecord[];
  readonly words: string;
}

/** The notebook's seed alone, as in the notebook, and all seeds, where there are several. */
function shownOf({ runs, site }: StudyRuns): Shown[] {
  const seeds = new Set(runs.map(({ seed }) => seed));
  const own = runs.filter(({ seed }) => seed === NOTEBOOK.seed);
  return [
    ...(own.length > 0
      ? [{ suffix: "", runs: own, words: `seed ${NOTEBOOK.seed}, on ${site.label}` }]
      : []),
    ...(seeds.size > 1
      ? [{
        suffix: "-seeds",
        runs,
        words:
          `mean over ${seeds.size} seeds, with a band from the lowest to the highest, on ${site.label}`,
      }]
      : []),
  ];
}

const SCALE_PANELS = [
  { title: "best validation accuracy", measure: bestValidation },
  { title: "best training accuracy", measure: bestTraining },
  { title: "final loss", measure: ({ finalLoss }: StudyRunRecord) => finalLoss, isLoss: true },
] as const;

/** N8: the notebook's three panels against the scale of the weights. */
function scaleFigure(studied: Shown): FigureSpec {
  const { runs, suffix, words } = studied;
  const points = SCALE_PANELS.flatMap(({ title: panel, measure }) =>
    NETWORKS.flatMap((line) =>
      SCALES.flatMap((at): Point[] => {
        const values = runsWith(runs, { network: line, weightScale: at }).map(measure);
        return values.length === 0 ? [] : [{ panel, line, at, ...over(values) }];
      })
    )
  );
  return panelsFigure({
    name: `replay-scales${suffix}`,
    title:
      `Accuracy and final loss against the scale of the initial weights (losses above ${MOST_LOSS} are left out): ${words}`,
    points,
    panels: SCALE_PANELS,
    columns: 3,
    x: {
      scale: { type: "log", domain: [SCALES[0]!, SCALES.at(-1)!], nice: false },
      axis: {
        title: "weight initialization scale",
        grid: false,
        values: [1e-4, 1e-3, 1e-2, 1e-1, 1],
        labelExpr: TICK_LABEL,
        labelOverlap: false,
        labelFlush: false,
      },
    },
    lines: NETWORKS.map((network) => [network, COLOURS[network]]),
    legend: null,
  });
}

/** N9: the notebook's two panels against the epochs, for each norm. */
function batchSizeFigure({ runs, suffix, words }: Shown): FigureSpec {
  const parts = [["training", "train"], ["validation", "validation"]] as const;
  const lines = [
    ...BATCH_SIZES.map((batchSize) => ({ line: String(batchSize), batchSize, norm: true })),
    { line: `${BATCH_SIZES[0]}, without norm`, batchSize: BATCH_SIZES[0], norm: false },
  ];
  const panels = NORMALIZED.flatMap((norm) =>
    parts.map(([part, key]) => ({ title: `${part} accuracy, ${norm}`, scale: part, norm, key }))
  );
  const points = panels.flatMap(({ title: panel, norm, key }) =>
    lines.flatMap(({ line, batchSize, norm: isNormed }) => {
      const found = runsWith(runs, { network: isNormed ? norm : "plain", batchSize });
      const epochs = Map.groupBy(found.flatMap(({ accuracies }) => accuracies), (a) => a.epoch);
      return [...epochs].map(([at, each]): Point => ({
        panel,
        line,
        at,
        ...over(each.map((accuracy) => accuracy[key])),
      }));
    })
  );
  const colours = [SEQUENCE[0], SEQUENCE[3]!, SEQUENCE[6]!, WITHOUT_NORM_COLOUR];
  return panelsFigure({
    name: `replay-batch-sizes${suffix}`,
    title: `Accuracy by epoch and batch size: ${words}`,
    points,
    panels,
    columns: 2,
    x: { axis: { title: "epoch", grid: false, tickMinStep: 1 } },
    lines: lines.map(({ line }, i) => [line, colours[i]!]),
    legend: "batch size",
  });
}

const QUESTION_4_TITLES = {
  layers: "hidden layers",
  units: "units of each hidden layer",
  l2: "L2 factor",
} as const;

/** Question 4: training accuracy of the three networks against depth, width and regularization. */
function layerNormFigure({ runs, suffix, words }: Shown): FigureSpec {
  const settings = Object.entries(QUESTION_4_VALUES) as [
    keyof typeof QUESTION_4_VALUES,
    readonly number[],
  ][];
  const points = settings.flatMap(([name, values]) =>
    NETWORKS.flatMap((line) =>
      values.flatMap((value): Point[] => {
        const found = runsWith(runs, { ...QUESTION_4, [name]: value, network: line });
        const panel = `by ${QUESTION_4_TITLES[name]}`;
        // No regularization has a place beside the least, on a log axis.
        const at = name === "l2" && value === 0 ? NO_L2 : value;
        return found.length === 0 ? [] : [{ panel, line, at, ...over(found.map(lastTraining)) }];
      })
    )
  );
  return panelsFigure({
    name: `replay-layer-norm${suffix}`,
    title:
      `Training accuracy after ${NOTEBOOK.epochs} epochs; without L2 at 0.0001 of the last panel: ${words}`,
    points,
    panels: settings.map(([name, values]) => ({
      title: `by ${QUESTION_4_TITLES[name]}`,
      scale: "accuracy",
      values: values.map((value) => value === 0 ? NO_L2 : value),
    })),
    columns: 3,
    x: {
      scale: { type: "log", nice: false, padding: 8 },
      axis: { title: null, grid: false, labelExpr: TICK_LABEL, labelOverlap: false },
    },
    lines: NETWORKS.map((network) => [network, COLOURS[network]]),
    legend: null,
  });
}

const NO_L2 = 1e-4;

/** Figures of a study: the notebook's seed, and all. */
async function figures(
  study: StudyRuns,
  figure: (shown: Shown) => FigureSpec,
): Promise<Block[]> {
  return figureBlocks(await Promise.all(shownOf(study).map((shown) => draw(figure(shown)))));
}

/** Mean and range of a measure, in percent. */
function percents(runs: readonly StudyRunRecord[], measure: Measure): string {
  if (runs.length === 0) return "";
  const { value, low, high } = over(runs.map(measure));
  const text = (100 * value).toFixed(1);
  return runs.length === 1
    ? text
    : `${text} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
}

/** How far below the best a scale still counts as good. */
const NEAR = 0.05;

/** N8: where each network is best, over seeds. */
function scaleTable(runs: readonly StudyRunRecord[]): Table {
  return table(
    [
      ...["network", "runs#", "best scale#", "validation there, %#", "training there, %#"],
      ...["final loss there#", "scales within 5 points of the best#"],
    ],
    NETWORKS.flatMap((network) => {
      const own = runsWith(runs, { network });
      const scales = [...Map.groupBy(own, ({ training }) => Number(training.weightScale))]
        .map(([scale, group]) => ({ scale, group, accuracy: mean(group.map(bestValidation)) }));
      if (scales.length === 0) return [];
      const best = scales.reduce((a, b) => b.accuracy > a.accuracy ? b : a);
      const near = scales.filter(({ accuracy }) => accuracy >= best.accuracy - NEAR).length;
      return [[
        ...[network, String(own.length), formatNumber(best.scale, 2)],
        ...[percents(best.group, bestValidation), percents(best.group, bestTraining)],
        formatNumber(mean(best.group.map(({ finalLoss }) => finalLoss))),
        `${near} of ${scales.length}`,
      ]];
    }),
  );
}

/** Accuracies of networks after the last epoch; a row for each network and value of a field. */
function endTable(
  runs: readonly StudyRunRecord[],
  field: "layers" | "units" | "l2" | "batchSize",
  heading: string,
  others: Partial<Training>,
  values: readonly number[],
): Table {
  return table(
    ["network", `${heading}#`, "runs#", "training, %#", "validation, %#"],
    NETWORKS.flatMap((network) =>
      values.flatMap((value) => {
        const found = runsWith(runs, { ...others, [field]: value, network });
        if (found.length === 0) return [];
        return [[
          ...[network, String(value), String(found.length)],
          ...[percents(found, lastTraining), percents(found, lastValidation)],
        ]];
      })
    ),
  );
}

const DRAWS =
  "As the notebook has it: the first 1000 images of CIFAR-10 minus the mean image of 49,000, 1000 more to validate on, " +
  "ten epochs of Adam, and NumPy's random numbers in the notebook's order. It prints no figures here, but draws panels.";

/** The panels of N8 and what they show. */
export async function scaleBlocks(study: StudyRuns): Promise<Block[]> {
  return [
    paragraph(
      `${DRAWS} Seven hidden layers of 50, batches of 50, twenty scales: for each, the weights of the network with a ` +
        "norm, those of the plain one, then their batches. Layer norm takes the place of batch norm in a second pass from " +
        "the same seed; the notebook has batch norm only.",
    ),
    ...await figures(study, scaleFigure),
    ...tableBlocks(scaleTable(study.runs)),
    paragraph(
      "The networks with batch norm and without that `deno task train --suite weight-scale` trains are a variant: " +
        "standardized images of Fashion-MNIST, and other random numbers.",
    ),
  ];
}

/** The panels of N9 and what they show. */
export async function batchSizeBlocks(study: StudyRuns): Promise<Block[]> {
  return [
    paragraph(
      `${DRAWS} Five hidden layers of 100, a weight scale of 0.02, a learning rate of 10^-3.5: the plain network ` +
        "with batches of 5, then the one with a norm with batches of 5, 10 and 50; from the same seed for either norm.",
    ),
    ...await figures(study, batchSizeFigure),
    ...tableBlocks(endTable(study.runs, "batchSize", "batch size", {}, BATCH_SIZES)),
    paragraph(
      "A smaller batch makes more steps in as many epochs. `deno task train --suite batch-size` trains a variant on " +
        "standardized images of Fashion-MNIST, with other random numbers.",
    ),
  ];
}

/** The networks of question 4. */
export async function layerNormBlocks(study: StudyRuns): Promise<Block[]> {
  const { layers, units } = QUESTION_4;
  return [
    paragraph(
      `Trained on the same images: ${layers} hidden layers of ${units} with He's initial weights, ten epochs of Adam, ` +
        "batches of 50; depth, width and L2 depart from it one at a time. Networks that differ in the norm alone start " +
        `from the same weights and see the same batches (${
          count(new Set(study.runs.map(({ seed }) => seed)).size, "seed")
        }).`,
    ),
    ...await figures(study, layerNormFigure),
    ...Object.entries(QUESTION_4_VALUES).flatMap(([name, values]): Block[] => {
      const field = name as keyof typeof QUESTION_4_VALUES;
      const { [field]: _varied, ...others } = QUESTION_4;
      const title = QUESTION_4_TITLES[field];
      const blocks = tableBlocks(endTable(study.runs, field, title, others, values));
      return blocks.length === 0 ? [] : [{ kind: "details", summary: `By ${title}`, blocks }];
    }),
  ];
}
