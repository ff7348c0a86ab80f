/**
 * What the notebook printed: "BatchNormalization", executed on 2019-10-27, a descendant of the second
 * assignment of Stanford's CS231n.
 *
 * @module
 */
import { NOTEBOOK, type NotebookNetwork } from "./record.ts";
import type { Expectation } from "./verdict.ts";

/** Figures by their names. */
export type PublishedFigures = Readonly<Record<string, Expectation>>;

/** NumPy prints arrays to eight decimals, and leaves zeros at the end out. */
function array(...printed: string[]): Expectation {
  return { printed, unit: 1e-8 };
}

/** What is zero but for rounding; the notebook's text says about 1e-16. */
const ZERO: Expectation = { printed: [], range: [-1e-15, 1e-15], isNoise: true };

/** A gradient's error against central differences, and where the notebook expects it. */
function error(printed: string): Expectation {
  return { printed: [printed], range: [1e-13, 1e-8], isNoise: true };
}

/**
 * An error of the whole network's gradients, of which nothing was printed. Weights have elements near
 * zero, where 1e-4 is usual; the biases before a norm have a gradient of zero, where anything is noise.
 */
const NET_ERROR: Expectation = { printed: [], range: [0, 1e-4] };

function netErrors(reg: number): PublishedFigures {
  const names = ["W1", "b1", "gamma1", "beta1", "W2", "b2", "gamma2", "beta2", "W3", "b3"];
  return {
    [`initial loss, reg ${reg}`]: { printed: [] },
    ...Object.fromEntries(names.map((name) => [`error of d${name}, reg ${reg}`, NET_ERROR])),
  };
}

/** The name of a figure of the training runs. */
export function lossFigure(iteration: number, network: NotebookNetwork): string {
  return `loss at iteration ${iteration}, ${network}`;
}

/** The name of a figure of the training runs. */
export function accuracyFigure(
  part: "training" | "validation",
  epoch: number,
  network: NotebookNetwork,
): string {
  return `${part} accuracy at epoch ${epoch}, ${network}`;
}

/** The name of a figure over several seeds. */
export function medianFigure(part: "training" | "validation", network: NotebookNetwork): string {
  return `median ${part} accuracy over further seeds, ${network}`;
}

/** Epochs up to which a replay can be held to the digits; after them it is chance. */
const FOLLOWED_EPOCHS = 2;

/** Accuracies of one network: epoch, training, validation, and where known the spread of the training's. */
function accuracies(
  network: NotebookNetwork,
  rows: readonly (readonly [number, string, string, (readonly [number, number])?])[],
): PublishedFigures {
  return Object.fromEntries(
    rows.flatMap(([epoch, training, validation, range]) => {
      const shared = {
        float32Digits: 1,
        isChance: epoch > FOLLOWED_EPOCHS,
        // Accuracy is taken after the first step, and then after every epoch.
        training: { network, iteration: Math.max(1, epoch * NOTEBOOK.stepsPerEpoch) },
      };
      return [
        [
          accuracyFigure("training", epoch, network),
          { printed: [training], ...(range && { range }), ...shared },
        ],
        [accuracyFigure("validation", epoch, network), { printed: [validation], ...shared }],
      ];
    }),
  );
}

function plainLoss(iteration: number, printed: string): PublishedFigures {
  const training = { network: "plain", iteration } as const;
  return { [lossFigure(iteration, "plain")]: { printed: [printed], float32Digits: 2, training } };
}

/** Of fourteen public runs of the notebook's parent. */
const TRAINING_SPREAD = [0.436, 0.824] as const;

/** Median accuracies of those runs after ten epochs. */
function medians(
  network: NotebookNetwork,
  training: string,
  validation: string,
  range?: readonly [number, number],
): PublishedFigures {
  const shared = {
    float32Digits: 1,
    isChance: true,
    training: { network, iteration: NOTEBOOK.epochs * NOTEBOOK.stepsPerEpoch },
  };
  return {
    [medianFigure("training", network)]: {
      printed: [training],
      ...(range && { range }),
      ...shared,
    },
    [medianFigure("validation", network)]: { printed: [validation], ...shared },
  };
}

/** The figures of each experiment. */
export const PUBLISHED: Readonly<Record<string, PublishedFigures>> = {
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
    "times faster, simplified": { printed: ["1.59"], isChance: true },
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
