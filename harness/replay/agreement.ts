/**
 * Whether training here agrees in distribution with training in NumPy: runs over seeds against thirty recorded ones.
 *
 * @module
 */
import { mean, standardDeviation } from "../../reports/statistics.ts";
import { quantileOfT, twoSidedP } from "../../reports/student_t.ts";
import { RECORDED } from "./published.ts";
import {
  type EpochAccuracy,
  NOTEBOOK,
  type NotebookNetwork,
  type NotebookRunRecord,
} from "./record.ts";

/** The parts of the data, and what an accuracy on them is called in records. */
export const PARTS:
  readonly (readonly ["training" | "validation", Exclude<keyof EpochAccuracy, "epoch">])[] = [
    ["training", "train"],
    ["validation", "validation"],
  ];

/** Probability of finding a disagreement on a backend where there is none; shared by its four comparisons. */
const FALSE_ALARMS = 0.01;
const COMPARISONS = 4;
/** Probability of finding a difference of the size that is called detectable. */
export const POWER = 0.9;

/** Two samples of one accuracy, compared by Student's test. */
export interface Agreement {
  readonly network: NotebookNetwork;
  readonly part: "training" | "validation";
  readonly epoch: number;
  readonly here: readonly number[];
  readonly recorded: readonly number[];
  /** Of the means, here minus NumPy. */
  readonly difference: number;
  readonly p: number;
  /** The least difference that is found with a probability of {@linkcode POWER}. */
  readonly detectable: number;
  readonly differs: boolean;
}

/**
 * Compares the last accuracies of one network over seeds with those that NumPy has after as many epochs.
 *
 * Student's test with one variance for both samples: of the usual tests it alone has power for a single run, too.
 *
 * @param runs Of one network on one backend; the notebook's own seed does not count, as it is no random choice.
 */
export function agreements(runs: readonly NotebookRunRecord[]): Agreement[] {
  const further = runs.filter(({ seed, accuracies }) =>
    seed !== NOTEBOOK.seed && accuracies.length > 0
  );
  if (further.length === 0) return [];
  const { network } = further[0]!;
  const epoch = Math.min(...further.map(({ accuracies }) => accuracies.at(-1)!.epoch));
  return PARTS.map(([part, key]) => {
    const here = further.map(({ accuracies }) =>
      accuracies.find((each) => each.epoch === epoch)![key]
    );
    const recorded = RECORDED.seeds[network][part][epoch]!;
    return { network, part, epoch, here, recorded, ...compare(here, recorded) };
  });
}

function compare(a: readonly number[], b: readonly number[]) {
  const degrees = a.length + b.length - 2;
  const squares = (values: readonly number[]) =>
    values.length < 2 ? 0 : (values.length - 1) * standardDeviation(values) ** 2;
  const deviation = Math.sqrt((squares(a) + squares(b)) / degrees);
  const error = deviation * Math.sqrt(1 / a.length + 1 / b.length);
  const difference = mean(a) - mean(b);
  const level = FALSE_ALARMS / COMPARISONS;
  const p = twoSidedP(difference / error, degrees);
  const detectable = (quantileOfT(1 - level / 2, degrees) + quantileOfT(POWER, degrees)) * error;
  // Not p >= level: an accuracy of NaN differs.
  return { difference, p, detectable, differs: !(p >= level) };
}
