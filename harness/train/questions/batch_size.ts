/**
 * Batches from small to large.
 *
 * @module
 */
import type { NormChoice } from "../../../models/description.ts";
import type { OptimizerOptions } from "../../../models/optimizer.ts";
import { fullyConnected } from "../../../models/networks.ts";
import { NOTEBOOK_SIZES, type Size } from "./sizes.ts";
import type { Arm, Preset, Suite } from "./suite.ts";

/** The notebook's rate, at every batch size. */
const NOTEBOOK_ADAM: OptimizerOptions = { name: "adam", learningRate: 10 ** -3.5 };
const NOTEBOOK_BATCHES = [5, 10, 50] as const;

/** What the wider part learns from; a batch of 2 makes thousands of steps an epoch. */
const WIDE: Readonly<
  Record<Preset, Pick<Size, "train" | "epochs"> & { readonly batches: readonly number[] }>
> = {
  quick: { train: 500, epochs: 3, batches: [2, 16, 128] },
  standard: { train: 1000, epochs: 3, batches: [2, 4, 8, 16, 32, 64, 128, 256] },
  full: { train: "all", epochs: 3, batches: [2, 4, 8, 16, 32, 64, 128, 256] },
};

/** The rate for a batch of 32 in the wider part. */
const WIDE_RATE = 0.01;

/**
 * The rate grows with the batch, as in Goyal et al. 2017 and Wu & He 2018: an epoch then moves the
 * weights about as far at every batch size, and what differs is what the norm makes of the batch.
 */
function wideOptimizer(batchSize: number): OptimizerOptions {
  return { name: "momentum", learningRate: WIDE_RATE * batchSize / 32 };
}

function net(norm: NormChoice): Arm["model"] {
  return fullyConnected(5, 100, norm);
}

function notebookArms({ train, epochs }: Size): Arm[] {
  const arm = (norm: NormChoice, batchSize: number): Arm => ({
    name: `notebook/${norm}/${batchSize}`,
    model: net(norm),
    optimizer: NOTEBOOK_ADAM,
    batchSize,
    epochs,
    train,
  });
  const normalized = (["batch", "layer"] as const).flatMap((norm) =>
    NOTEBOOK_BATCHES.map((batchSize) => arm(norm, batchSize))
  );
  return [arm("none", NOTEBOOK_BATCHES[0]), ...normalized];
}

function wideArms({ train, epochs, batches }: typeof WIDE[Preset]): Arm[] {
  return (["batch", "layer", "group"] as const).flatMap((norm) =>
    batches.map((batchSize): Arm => ({
      name: `wide/${norm}/${batchSize}`,
      model: net(norm),
      optimizer: wideOptimizer(batchSize),
      batchSize,
      epochs,
      train,
    }))
  );
}

/** The notebook's comparison (5, 10 and 50, plain at 5), and one from 2 to 256. */
export const BATCH_SIZE_SUITE: Suite = {
  name: "batch-size",
  title: "The size of the batch",
  question:
    "What does the batch size do to batch norm, and to norms that do not look at the batch?",
  varies: "batchSize",
  plan: (preset) => {
    const { trials, validation, test } = NOTEBOOK_SIZES[preset];
    const arms = [...notebookArms(NOTEBOOK_SIZES[preset]), ...wideArms(WIDE[preset])];
    return { trials, validation, test, arms };
  },
};
