/**
 * The networks that suites have in common, and how much of the data they learn from.
 *
 * @module
 */
import type { ModelDescription, NormChoice } from "../../../models/description.ts";
import type { OptimizerOptions } from "../../../models/optimizer.ts";
import type { Plan, Preset } from "./suite.ts";

const PLAIN = {
  norm: "none",
  placement: "pre",
  activation: "relu",
  weightScale: "auto",
  l2: 0,
  dataDependentInitialization: false,
} as const;

/** 784-256-128-10 on Fashion-MNIST. */
export const MLP: ModelDescription = { ...PLAIN, architecture: "mlp", hidden: [256, 128] };

/** Two convolutions of 3 by 3 with max pooling, and a dense layer. */
export const CNN: ModelDescription = { ...PLAIN, architecture: "cnn", hidden: [16, 32] };

/** The networks of the assignments, by the name of their arms. */
export const NETWORKS: Readonly<Record<"mlp" | "cnn", ModelDescription>> = { mlp: MLP, cnn: CNN };

/** The net of the course notebook: dense layers of equal width, and a leaky ReLU. */
export function fullyConnected(layers: number, units: number, norm: NormChoice): ModelDescription {
  return {
    ...PLAIN,
    architecture: "fully-connected",
    activation: "leakyRelu",
    hidden: Array<number>(layers).fill(units),
    norm,
  };
}

/** Adam at its authors' learning rate. */
export const ADAM: OptimizerOptions = { name: "adam", learningRate: 1e-3 };

/** Images in a batch, where it is not the batch that is varied. */
export const BATCH_SIZE = 64;

/** What the arms of a suite share under a preset. */
export interface Size {
  readonly trials: number;
  readonly train: number | "all";
  readonly validation: number;
  readonly test: number;
  readonly epochs: number;
}

/** For suites on the networks of the assignments. */
export const IMAGE_SIZES: Readonly<Record<Preset, Size>> = {
  quick: { trials: 3, train: 2000, validation: 1000, test: 1000, epochs: 4 },
  standard: { trials: 5, train: 10_000, validation: 2000, test: 10_000, epochs: 5 },
  full: { trials: 5, train: "all", validation: 5000, test: 10_000, epochs: 10 },
};

/** For suites that replay the notebook, which learns from 1000 images; the validation images are its own. */
export const NOTEBOOK_SIZES: Readonly<Record<Preset, Size>> = {
  quick: { trials: 3, train: 500, validation: 1000, test: 1000, epochs: 5 },
  standard: { trials: 3, train: 1000, validation: 1000, test: 10_000, epochs: 10 },
  full: { trials: 5, train: 1000, validation: 1000, test: 10_000, epochs: 10 },
};

/** The plan of a suite whose arms all have the same size, batch and optimizer. */
export function planOf(
  { trials, validation, test, train, epochs }: Size,
  models: Readonly<Record<string, ModelDescription>>,
  { batchSize, optimizer }: { batchSize: number; optimizer: OptimizerOptions },
): Plan {
  const arms = Object.entries(models).map(([name, model]) => ({
    name,
    model,
    optimizer,
    batchSize,
    epochs,
    train,
  }));
  return { trials, validation, test, arms };
}
