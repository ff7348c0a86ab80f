/**
 * What the notebook printed: "BatchNormalization", executed on 2019-10-27, a descendant of the second
 * assignment of Stanford's CS231n.
 *
 * @module
 */
import { NOTEBOOK, type NotebookNetwork, type TrainingPoint } from "./record.ts";

/** The only printout that is measured in time. */
export const TIMES_FASTER = "times faster, simplified";

/** A line of numbers, as the notebook prints it. */
export interface Printout {
  /** In words; unique within an experiment. */
  readonly name: string;
  readonly values: readonly number[];
}

/** What the notebook printed, and what else is known about it. */
export interface Expectation {
  /** Numbers as they were printed; empty where none were. */
  readonly printed: readonly string[];
  /** One in the last place, where trailing zeros were not printed; default: from the text. */
  readonly unit?: number;
  /** The expected range, where it is known; of the magnitude, for noise. */
  readonly range?: readonly [low: number, high: number];
  /** Whether it is rounding noise, of which only the magnitude can be compared; it depends on the precision. */
  readonly isNoise?: boolean;
  /** Whether it depends on the machine or on chance, so that only the magnitude can be compared. */
  readonly isChance?: boolean;
  /** Significant digits that float32 must reproduce; default 4. */
  readonly float32Digits?: number;
  /** Where in a training run it was printed. */
  readonly training?: TrainingPoint;
}

/** Expectations by the names of printouts. */
type Expectations = Readonly<Record<string, Expectation>>;

/** NumPy prints arrays to eight decimals, without trailing zeros. */
function array(...printed: string[]): Expectation {
  return { printed, unit: 1e-8 };
}

/** Zero up to rounding; the notebook's text says about 1e-16. */
const ZERO: Expectation = { printed: [], range: [-1e-15, 1e-15], isNoise: true };

/** A gradient's error against central differences, and the range that the notebook gives for it. */
function error(printed: string): Expectation {
  return { printed: [printed], range: [1e-13, 1e-8], isNoise: true };
}

/**
 * An error of the whole network's gradients. Weights have elements near zero, where 1e-4 is usual; biases
 * before a norm have a gradient of zero, where everything is noise.
 */
const NET_ERROR: Expectation = { printed: [], range: [0, 1e-4] };

function netErrors(reg: number): Expectations {
  const names = ["W1", "b1", "gamma1", "beta1", "W2", "b2", "gamma2", "beta2", "W3", "b3"];
  return {
    [`initial loss, reg ${reg}`]: { printed: [] },
    ...Object.fromEntries(names.map((name) => [`error of d${name}, reg ${reg}`, NET_ERROR])),
  };
}

/** Name of the printout of a loss. */
export function lossName(iteration: number, network: NotebookNetwork): string {
  return `loss at iteration ${iteration}, ${network}`;
}

/** Name of the printout of an accuracy. */
export function accuracyName(
  part: "training" | "validation",
  epoch: number,
  network: NotebookNetwork,
): string {
  return `${part} accuracy at epoch ${epoch}, ${network}`;
}

/** Name of the median accuracy over several seeds. */
export function medianName(part: "training" | "validation", network: NotebookNetwork): string {
  return `median ${part} accuracy over further seeds, ${network}`;
}

/** Epochs in which digits can be compared; after them it is chance. */
const COMPARED_EPOCHS = 2;

/** Accuracies of one network: epoch, training, validation, and where known the range of the training accuracy. */
function accuracies(
  network: NotebookNetwork,
  rows: readonly (readonly [number, string, string, (readonly [number, number])?])[],
): Expectations {
  return Object.fromEntries(
    rows.flatMap(([epoch, training, validation, range]) => {
      const shared = {
        float32Digits: 1,
        isChance: epoch > COMPARED_EPOCHS,
        // Accuracy is taken after the first step, and then after every epoch.
        training: { network, iteration: Math.max(1, epoch * NOTEBOOK.stepsPerEpoch) },
      };
      return [
        [
          accuracyName("training", epoch, network),
          { printed: [training], ...(range && { range }), ...shared },
        ],
        [accuracyName("validation", epoch, network), { printed: [validation], ...shared }],
      ];
    }),
  );
}

function plainLoss(iteration: number, printed: string): Expectations {
  const training = { network: "plain", iteration } as const;
  return { [lossName(iteration, "plain")]: { printed: [printed], float32Digits: 2, training } };
}

/** Of fourteen public runs of the assignment. */
const TRAINING_SPREAD = [0.436, 0.824] as const;

/** Median accuracies of those runs after ten epochs. */
function medians(
  network: NotebookNetwork,
  training: string,
  validation: string,
  range?: readonly [number, number],
): Expectations {
  const shared = {
    float32Digits: 1,
    isChance: true,
    training: { network, iteration: NOTEBOOK.epochs * NOTEBOOK.stepsPerEpoch },
  };
  return {
    [medianName("training", network)]: {
      printed: [training],
      ...(range && { range }),
      ...shared,
    },
    [medianName("validation", network)]: { printed: [validation], ...shared },
  };
}

/** What was printed in each experiment. */
export const PUBLISHED: Readonly<Record<string, Expectations>> = {
  N1: {
    "means before batch norm": array("28.57337215", "27.08029233", "1.62528447"),
    "deviations before batch norm": array("34.85744517", "25.9706331", "29.6313792"),
    "means after batch norm": ZERO,
    "deviations after batch norm": array("1.", "0.99999999", "0.99999999"),
    "means after gamma and beta": array("11.", "12.", "13."),
    "deviations after gamma and beta": array("1.", "1.99999999", "2.99999998"),
  },
  N2: {
    "means in test mode": array("-0.00462469", "0.06873645", "0.09765526"),
    "deviations in test mode": array("0.96218861", "1.04444084", "0.9853543"),
  },
  N3: {
    "error of dx, batch norm step by step": error("5.03e-9"),
    "error of dgamma, batch norm step by step": error("2.27e-11"),
    "error of dbeta, batch norm step by step": error("3.28e-12"),
    "error of dx, batch norm simplified": error("5.03e-9"),
    "error of dgamma, batch norm simplified": error("2.27e-11"),
    "error of dbeta, batch norm simplified": error("3.28e-12"),
    "error of dx, layer norm": error("2.15e-9"),
    "error of dgamma, layer norm": error("5.92e-12"),
    "error of dbeta, layer norm": error("3.28e-12"),
  },
  N4: {
    "difference of dx": { printed: ["1.68e-12"], isNoise: true },
    "difference of dgamma": { printed: ["0"] },
    "difference of dbeta": { printed: ["0"] },
    [TIMES_FASTER]: { printed: ["1.59"], isChance: true },
  },
  N5: {
    "means before layer norm": { printed: [] },
    "deviations before layer norm": { printed: [] },
    "means after layer norm": ZERO,
    "deviations after layer norm": { printed: [], range: [1 - 1e-6, 1 + 1e-6] },
    "means after gamma 3 and beta 5": { printed: [], range: [5 - 1e-6, 5 + 1e-6] },
    "deviations after gamma 3 and beta 5": { printed: [], range: [3 - 3e-6, 3 + 3e-6] },
  },
  N6: { ...netErrors(0), ...netErrors(3.14) },
  N7: {
    ...accuracies("batch norm", [
      [0, "0.124", "0.147"],
      [1, "0.316", "0.252"],
      [5, "0.597", "0.311"],
      [10, "0.808", "0.317", TRAINING_SPREAD],
    ]),
    ...accuracies("plain", [
      [0, "0.132", "0.144"],
      [1, "0.194", "0.183"],
      [2, "0.299", "0.253"],
      [3, "0.331", "0.241"],
      [5, "0.444", "0.308"],
      [10, "0.715", "0.309"],
    ]),
    ...plainLoss(21, "2.028712"),
    ...plainLoss(41, "1.904616"),
    ...medians("batch norm", "0.786", "0.325", TRAINING_SPREAD),
    ...medians("plain", "0.718", "0.318"),
  },
};
