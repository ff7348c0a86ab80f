/**
 * What the notebook printed: "BatchNormalization", executed on 2019-10-27, a descendant of the second
 * assignment of Stanford's CS231n. All 110 figures, in full.
 *
 * @module
 */
import orders from "./orders_recording.json" with { type: "json" };
import seeds from "./seeds_recording.json" with { type: "json" };
import { NOTEBOOK, type NotebookNetwork, type TrainingPoint } from "./record.ts";

/** The only printout that is measured in time. */
export const TIMES_FASTER = "times faster, simplified";

/** A line of numbers, as the notebook prints it. */
export interface Printout {
  /** In words; unique within an experiment. */
  readonly name: string;
  readonly values: readonly number[];
}

/** Why a figure says nothing but its magnitude, and in which range that is, in float64. */
export interface Noise {
  readonly reason: string;
  readonly range: readonly [low: number, high: number];
}

/** What the notebook printed, and what else is known about it. */
export interface Expectation {
  /** Numbers as they were printed. */
  readonly printed: readonly string[];
  /** One in the last place, where trailing zeros were not printed; default: from the text. */
  readonly unit?: number;
  /** What NumPy makes of it where nothing but the order of sums is changed; for figures that rounding decides. */
  readonly spread?: readonly number[];
  readonly noise?: Noise;
  /** Where in a training run it was printed. */
  readonly training?: TrainingPoint;
}

/** Expectations by the names of printouts. */
type Expectations = Readonly<Record<string, Expectation>>;

/** NumPy prints arrays to eight decimals, without trailing zeros. */
function array(text: string): Expectation {
  return { printed: text.split(" "), unit: 1e-8 };
}

/** How far rounding may move what would be zero. */
const NOISE_ULPS = 4;

/** Means of about 200 numbers of size 1, whose sum would be zero. */
function zeroMeans(text: string): Expectation {
  const reach = NOISE_ULPS * 2 ** -52;
  const reason =
    `The mean of normalized numbers is zero: what is printed is rounding, within ${NOISE_ULPS} ` +
    "units in the last place of 1.";
  return { ...array(text), noise: { reason, range: [-reach, reach] } };
}

/** Figures that rounding decides, by name; their spread over orders of sums is recorded. */
function roundingDecides(printed: Readonly<Record<string, string>>): Expectations {
  const figures: Readonly<Record<string, readonly number[]>> = orders.figures;
  return Object.fromEntries(
    Object.entries(printed).map(([name, text]) => [name, {
      printed: [text],
      spread: figures[name]!,
    }]),
  );
}

const SPEEDUP: Noise = {
  reason: "A ratio of times depends on the machine and the language: within a factor of three.",
  range: [1.59 / 3, 1.59 * 3],
};

/** The errors of the whole network's gradients; those of the biases before a norm come last. */
function networkErrors(
  reg: number,
  loss: string,
  errors: Readonly<Record<string, string>>,
  biases: Readonly<Record<string, string>>,
): Expectations {
  const named = (each: Readonly<Record<string, string>>) =>
    Object.entries(each).map(([name, text]) => [`error of d${name}, reg ${reg}`, text]);
  const ulp = 2 ** (Math.floor(Math.log2(Number(loss))) - 52);
  const noise = {
    reason:
      "A bias before a norm has a gradient of zero: what is printed is the rounding of the loss, whose last " +
      "place counts 2.22e-03 (4.44e-03 with a loss above 4) after division by twice the step, 2e-5, and by the " +
      `least scale of an error, 1e-8; within ${NOISE_ULPS} last places.`,
    range: [0, NOISE_ULPS * ulp / 2e-5 / 1e-8],
  } as const;
  return {
    ...roundingDecides({
      [`initial loss, reg ${reg}`]: loss,
      ...Object.fromEntries(named(errors)),
    }),
    ...Object.fromEntries(named(biases).map(([name, text]) => [name, { printed: [text!], noise }])),
  };
}

/** The measures of a training run, as they are printed. */
export const MEASURES = ["loss", "training", "validation"] as const;

/** Numbers of a measure in NumPy: a row for each printed moment, in it a number for each run. */
type Sample = Readonly<Record<typeof MEASURES[number], readonly (readonly number[])[]>>;

/**
 * Training runs in NumPy: `seeds` from thirty other seeds, `roundings` from the notebook's own in thirty orders of
 * sums, `relu` from the one seed of the public runs of the parent notebook, with its plain ReLU.
 */
export const RECORDED: Readonly<
  Record<"seeds" | "roundings" | "relu", Readonly<Record<NotebookNetwork, Sample>>>
> = seeds;

/** Fourteen public runs of the parent notebook: accuracies after the last epoch, their median and range. */
export const PUBLIC_RUNS = {
  "batch norm": { training: "median .786, .436 to .824", validation: "median .325" },
  plain: { training: "median .718", validation: "median .318" },
} as const;

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

/** The printed losses at iterations 1, 21, 41 …, and training/validation accuracies at epochs 0, 1, 2 … */
function trainingRun(network: NotebookNetwork, losses: string, accuracies: string): Expectations {
  const { loss, training, validation } = RECORDED.roundings[network];
  const step = NOTEBOOK.stepsPerEpoch;
  const figure = (text: string, spread: readonly number[], iteration: number): Expectation => ({
    printed: [text],
    spread,
    training: { network, iteration },
  });
  return Object.fromEntries([
    ...losses.split(" ").map((text, i) => {
      const iteration = 1 + i * step;
      return [lossName(iteration, network), figure(text, loss[i]!, iteration)] as const;
    }),
    ...accuracies.split(" ").flatMap((text, epoch) =>
      ([["training", training], ["validation", validation]] as const).map(([part, rows], i) =>
        [
          accuracyName(part, epoch, network),
          // Accuracy is taken after the first step, and then after every epoch.
          figure(text.split("/")[i]!, rows[epoch]!, Math.max(1, epoch * step)),
        ] as const
      )
    ),
  ]);
}

/** What was printed in each experiment. */
export const PUBLISHED: Readonly<Record<string, Expectations>> = {
  N1: {
    "means before batch norm": array("28.57337215 27.08029233 1.62528447"),
    "deviations before batch norm": array("34.85744517 25.9706331 29.6313792"),
    "means after batch norm": zeroMeans("2.24820162e-16 3.88578059e-16 -2.22044605e-17"),
    "deviations after batch norm": array("1. 0.99999999 0.99999999"),
    "means after gamma and beta": array("11. 12. 13."),
    "deviations after gamma and beta": array("1. 1.99999999 2.99999998"),
  },
  N2: {
    "means in test mode": array("-0.00462469 0.06873645 0.09765526"),
    "deviations in test mode": array("0.96218861 1.04444084 0.9853543"),
  },
  N3: roundingDecides({
    "error of dx, batch norm": "5.028701372206891e-09",
    "error of dgamma, batch norm": "2.2733064981744968e-11",
    "error of dbeta, batch norm": "3.276531879937969e-12",
    "error of dx, layer norm": "2.149273988306545e-09",
    "error of dgamma, layer norm": "5.918194116037158e-12",
    "error of dbeta, layer norm": "3.276531879937969e-12",
  }),
  N4: {
    ...roundingDecides({ "difference of dx": "1.675968059428407e-12" }),
    "difference of dgamma": { printed: ["0.0"] },
    "difference of dbeta": { printed: ["0.0"] },
    [TIMES_FASTER]: { printed: ["1.59"], noise: SPEEDUP },
  },
  N5: {
    "means before layer norm": array("34.05612999 30.32922803 38.20844387 77.27961435"),
    "deviations before layer norm": array("7.7622382 32.9930656 19.4537999 38.93389575"),
    "means after layer norm": zeroMeans(
      "4.81096644e-16 -7.51713506e-17 -4.62592927e-17 1.11022302e-16",
    ),
    "deviations after layer norm": array("0.99999992 1. 0.99999999 1."),
    "means after gamma 3 and beta 5": array("5. 5. 5. 5."),
    "deviations after gamma 3 and beta 5": array("2.99999975 2.99999999 2.99999996 2.99999999"),
  },
  N6: {
    ...networkErrors(0, "2.609886575288241", {
      W1: "5.64e-05",
      W2: "4.39e-06",
      W3: "1.92e-09",
      b3: "1.01e-10",
      beta1: "8.40e-09",
      beta2: "3.62e-09",
      gamma1: "8.69e-09",
      gamma2: "8.98e-09",
    }, { b1: "2.22e-03", b2: "2.22e-03" }),
    ...networkErrors(3.14, "7.008456540025971", {
      W1: "2.14e-05",
      W2: "6.14e-06",
      W3: "1.86e-08",
      b3: "1.49e-10",
      beta1: "4.22e-09",
      beta2: "1.01e-08",
      gamma1: "4.31e-09",
      gamma2: "9.90e-09",
    }, { b1: "3.55e-07", b2: "1.78e-07" }),
  },
  N7: {
    ...trainingRun(
      "batch norm",
      "2.315319 2.024165 1.745205 1.498085 1.176143 1.348714 1.029869 1.108858 0.914094 1.076978",
      "0.124/0.147 0.316/0.252 0.406/0.285 0.469/0.294 0.541/0.304 0.597/0.311 0.629/0.310 0.642/0.317 " +
        "0.718/0.326 0.776/0.337 0.808/0.317",
    ),
    ...trainingRun(
      "plain",
      "2.302857 2.028712 1.904616 1.718244 1.677052 1.643638 1.516554 1.028049 1.237663 1.051327",
      "0.132/0.144 0.194/0.183 0.299/0.253 0.331/0.241 0.401/0.303 0.444/0.308 0.503/0.308 0.557/0.326 " +
        "0.583/0.334 0.655/0.303 0.715/0.309",
    ),
  },
};
