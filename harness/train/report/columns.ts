/**
 * Tables of results: a row an arm.
 *
 * @module
 */
import { type Table, table } from "../../../reports/table.ts";
import { epochsTo, type Measure, targetOf } from "./measures.ts";
import type { Arm, Panel } from "./model.ts";
import { median, summarize } from "../../../reports/statistics.ts";
import { unbroken } from "./words.ts";

/** A column of a table of results. */
export interface Column {
  /** Ends in `#` where cells are numbers. */
  readonly heading: string;
  cell(arm: Arm, panel: Panel): string;
}

/** Stands where there is nothing to say. */
const NOTHING = "–";

const ARM: Column = { heading: "arm", cell: ({ label }) => unbroken(label) };

/** How many trials finished, and how many did not. */
export const TRIALS: Column = {
  heading: "trials#",
  cell: ({ trials, diverged }) =>
    diverged.length === 0
      ? String(trials.length)
      : `${trials.length - diverged.length} + ${diverged.length} diverged`,
};

/** Mean and standard deviation over the finished trials. */
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

/** 95 % interval of the mean, of a measure that stands in the column before. */
export function intervalColumn(measure: Measure): Column {
  return {
    heading: "95 % interval#",
    cell(arm, panel) {
      const interval = summarize([...measure.of(arm, panel).values()])?.interval;
      return interval ? interval.map(measure.format).join(" to ") : NOTHING;
    },
  };
}

/** Median of the epochs that it takes to get where the plain network ends. */
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

/** The arms of a panel. */
export function armTable(panel: Panel, columns: readonly Column[]): Table {
  const all = [ARM, ...columns];
  return table(
    all.map(({ heading }) => heading),
    panel.arms.map((arm) => all.map(({ cell }) => cell(arm, panel))),
  );
}
