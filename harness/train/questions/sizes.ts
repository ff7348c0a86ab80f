/**
 * How much suites run: images, epochs and trials by preset.
 *
 * @module
 */
import type { ModelDescription } from "../../../models/description.ts";
import type { OptimizerOptions } from "../../../models/optimizer.ts";
import type { Plan, Preset } from "./suite.ts";

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
