/**
 * What suites vary along an axis.
 *
 * @module
 */
import { formatSetting } from "./labels.ts";
import type { Variable } from "./sweep.ts";

function positive(value: number | string): number | null {
  return typeof value === "number" && value > 0 ? value : null;
}

/** Images in a batch. */
export const BATCH_SIZE: Variable = {
  name: "batch size",
  of: ({ description }) => positive(description.batchSize),
  format: formatSetting,
  base: 2,
};

/** Standard deviation of the first weights. */
export const WEIGHT_SCALE: Variable = {
  name: "scale of the first weights",
  of: ({ description }) => positive(description.model.weightScale),
  format: formatSetting,
  base: 10,
};

/** Step size. */
export const LEARNING_RATE: Variable = {
  name: "learning rate",
  of: ({ description }) => positive(description.optimizer.learningRate),
  format: formatSetting,
  base: 10,
};
