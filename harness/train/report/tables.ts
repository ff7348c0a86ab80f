/** Tables of a question's page: what was done, what came out, and what was compared. */
import { type Block, tableBlocks } from "../../../reports/document.ts";
import { formatNumber } from "../../../reports/format.ts";
import { median, summarize } from "../../../reports/statistics.ts";
import { type Table, table } from "../../../reports/table.ts";
import type { TrialDescription } from "../record.ts";
import {
  type Contrast,
  contrastSentence,
  formatP,
  formatRange,
  readingOf,
  signed,
} from "./contrasts.ts";
import { formatSetting, inWords, normLabel, placementLabel } from "./labels.ts";
import { epochsTo, type Measure, targetOf } from "./measures.ts";
import type { Arm, Panel } from "./panel.ts";
import { unbroken } from "./words.ts";

type Property = readonly [name: string, of: (trial: TrialDescription) => string | number];

const PROPERTIES: readonly Property[] = [
  ["network", ({ model }) => `${inWords(model.architecture)} ${model.hidden.join("-")}`],
  ["activation", ({ model }) => model.activation],
  ["norms", normLabel],
  ["placement", placementLabel],
  ["initial weights", ({ model }) => model.weightScale],
  ["L2", ({ model }) => model.l2],
  ["data", ({ data }) => data.name],
  [
    "images",
    ({ data: { train, validation, test } }) =>
      `${train} to train, ${validation} to validate, ${test} to test`,
  ],
  ["epochs", ({ epochs }) => epochs],
  ["batch size", ({ batchSize }) => batchSize],
  ["optimizer", ({ optimizer }) => inWords(optimizer.name)],
  ["learning rate", ({ optimizer }) => optimizer.learningRate],
  ["seeds", ({ seed }) => seed],
];

export function setupTable(panels: readonly Panel[]): Table {
  return table(
    ["", ...panels.map(({ label }) => label)],
    [
      ...PROPERTIES.map(([name, of]) => [
        unbroken(name),
        ...panels.map((panel) => listValues(panel, of)),
      ]),
      [unbroken("trials an arm"), ...panels.map(countTrials)],
    ],
  );
}

/** More values than this are written as the first, the last and how many they are. */
const LISTED_VALUES = 10;

function listValues({ arms }: Panel, of: Property[1]): string {
  const trials = arms.flatMap((arm) => arm.trials.map(({ record }) => record.trial));
  const values = [...new Set(trials.map(of))].filter((value) => value !== "");
  if (values.every((value) => typeof value === "number")) values.sort((a, b) => a - b);
  const written = values.map((value) => typeof value === "number" ? formatSetting(value) : value);
  return written.length > LISTED_VALUES
    ? `${written[0]} to ${written.at(-1)}, ${written.length} values`
    : written.join(", ");
}

function countTrials({ arms }: Panel): string {
  const counts = arms.map(({ trials }) => trials.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(least) : `${least} to ${most}`;
}

export interface Column {
  /** Ends in `#` where cells are numbers. */
  readonly heading: string;
  cell(arm: Arm, panel: Panel): string;
}

const NOTHING = "–";

const ARM: Column = { heading: "arm", cell: ({ label }) => unbroken(label) };

export const TRIALS: Column = {
  heading: "trials#",
  cell: ({ trials, diverged }) =>
    diverged.length === 0
      ? String(trials.length)
      : `${trials.length - diverged.length} + ${diverged.length} diverged`,
};

export function meanColumn(measure: Measure): Column {
  return {
    heading: `${measure.name}#`,
    cell(arm, panel) {
      const summary = summarize([...measure.of(arm, panel).values()]);
      if (summary === null) return NOTHING;
      const { mean, deviation } = summary;
      return deviation === null
        ? measure.format(mean)
        : `${measure.format(mean)} ± ${measure.formatSize(deviation)}`;
    },
  };
}

/** 95 % interval of the mean, for the measure of the column before. */
export function intervalColumn(measure: Measure): Column {
  return {
    heading: "95 % interval#",
    cell(arm, panel) {
      const interval = summarize([...measure.of(arm, panel).values()])?.interval;
      return interval ? interval.map(measure.format).join(" to ") : NOTHING;
    },
  };
}

/** Median of the epochs that it takes to reach the accuracy that the plain network ends with. */
export const EPOCHS_TO_TARGET: Column = {
  heading: "epochs to target#",
  cell(arm, panel) {
    if (arm.finished.length === 0) return NOTHING;
    const epochs = epochsTo(targetOf(arm, panel), arm);
    if (epochs.length === 0) return "never";
    const share = epochs.length === arm.finished.length
      ? ""
      : ` (${epochs.length} of ${arm.finished.length})`;
    return `${median(epochs)}${share}`;
  },
};

export function armTable(panel: Panel, columns: readonly (Measure | Column)[]): Table {
  const means = columns.map((each) => "cell" in each ? each : meanColumn(each));
  const all = [ARM, TRIALS, ...means];
  return table(
    all.map(({ heading }) => heading),
    panel.arms.map((arm) => all.map(({ cell }) => cell(arm, panel))),
  );
}

/** More comparisons than this open on demand in words. */
const LISTED_SENTENCES = 12;

export function contrastBlocks(contrasts: readonly Contrast[]): Block[] {
  if (contrasts.length === 0) return [];
  const list: Block = { kind: "list", items: contrasts.map(contrastSentence) };
  const words: Block = contrasts.length <= LISTED_SENTENCES
    ? list
    : { kind: "details", summary: "Each comparison in words", blocks: [list] };
  return [...tableBlocks(contrastTable(contrasts)), words];
}

function contrastTable(contrasts: readonly Contrast[]): Table {
  const measure = contrasts[0]!.measure;
  const gap = measure.unit === "" ? "gap" : `gap,${measure.unit}`;
  const headings = ["arm", "against", `${gap}#`, "95 % interval#"];
  return table(
    [...headings, "test", "n#", "p#", "p, Holm#", "Hedges’ g#", "the data say"],
    contrasts.map((
      each,
    ) => [unbroken(each.arm.label), unbroken(each.base.label), ...figures(each), readingOf(each)]),
  );
}

function figures({ found, adjusted, measure }: Contrast): string[] {
  if (found === null) return Array<string>(7).fill(NOTHING);
  const p = (value: number | null) =>
    value === null ? NOTHING : formatP(value).replace("=\u00a0", "");
  return [
    signed(found.mean, measure),
    found.interval === null ? NOTHING : formatRange(found.interval, measure),
    found.test,
    String(found.size),
    p(found.p),
    p(adjusted),
    found.effect === null ? NOTHING : formatNumber(found.effect, 2).replace("-", "−"),
  ];
}
