/**
 * The printed figures of the training experiment, from the logs of its runs.
 *
 * @module
 */
import { type EpochAccuracy, NOTEBOOK, type NotebookRunRecord } from "./record.ts";
import { median } from "../../reports/statistics.ts";
import type { Measurement } from "./measurement.ts";
import { accuracyFigure, lossFigure, medianFigure } from "./published.ts";

const PARTS = [["training", "train"], ["validation", "validation"]] as const;

/** Every figure that may have been printed, of the runs on one backend. */
export function trainingFigures(runs: readonly NotebookRunRecord[]): Measurement[] {
  const [own, further] = [true, false].map((isOwn) =>
    runs.filter(({ seed }) => (seed === NOTEBOOK.seed) === isOwn)
  );
  return [...own!.flatMap(printedFigures), ...medianFigures(further!)];
}

function printedFigures({ network, losses, accuracies }: NotebookRunRecord): Measurement[] {
  return [
    ...losses.map((loss, i) => ({ figure: lossFigure(i + 1, network), values: [loss] })),
    ...accuracies.flatMap((accuracy) =>
      PARTS.map(([part, key]) => ({
        figure: accuracyFigure(part, accuracy.epoch, network),
        values: [accuracy[key]],
      }))
    ),
  ];
}

/** Medians of the last accuracies over seeds, for runs of full length. */
function medianFigures(runs: readonly NotebookRunRecord[]): Measurement[] {
  const networks = Map.groupBy(runs, ({ network }) => network);
  return [...networks].flatMap(([network, group]) => {
    const last = group.map(({ accuracies }) => accuracies.at(-1)!);
    if (last.some(({ epoch }) => epoch < NOTEBOOK.epochs)) return [];
    return PARTS.map(([part, key]) => ({
      figure: medianFigure(part, network),
      values: [median(last.map((accuracy: EpochAccuracy) => accuracy[key]))],
    }));
  });
}
